import type { ByteSink, ByteSource } from "./bytes.ts";

/**
 * Ascending whole numbers (minutes, hours or days), relative to the first, which stands elsewhere:
 * u8 shape | varint n | even: varint step | runs: varint number of runs, then per run varint gap to the run before, varint length - 1.
 */
const shape = { consecutive: 0, even: 1, runs: 2 } as const;

export function writeTimes(times: Uint32Array, n: number, out: ByteSink): void {
  const first = times[0] ?? 0;
  const last = times[n - 1] ?? 0;
  if (last - first === n - 1) {
    out.u8(shape.consecutive);
    out.varint(n);
    return;
  }
  const step = (times[1] ?? 0) - first;
  let i = 2;
  while (i < n && (times[i] ?? 0) - (times[i - 1] ?? 0) === step) i++;
  if (i >= n) {
    out.u8(shape.even);
    out.varint(n);
    out.varint(step);
    return;
  }
  out.u8(shape.runs);
  out.varint(n);
  writeRuns(times, n, out);
}

function writeRuns(times: Uint32Array, n: number, out: ByteSink): void {
  let runs = 1;
  for (let i = 1; i < n; i++) if ((times[i] ?? 0) !== (times[i - 1] ?? 0) + 1) runs++;
  out.varint(runs);
  let start = 0;
  let end = times[0] ?? 0;
  for (let i = 1; i <= n; i++) {
    if (i < n && times[i] === (times[i - 1] ?? 0) + 1) continue;
    out.varint((times[start] ?? 0) - end);
    out.varint(i - start - 1);
    end = times[i - 1] ?? 0;
    start = i;
  }
}

/** The number of times when they follow each other without a gap, and the reader is behind them then; -1 (and nothing read) when not. */
export function readConsecutive(source: ByteSource): number {
  if (source.bytes[source.at] !== shape.consecutive) return -1;
  source.at++;
  return source.varint();
}

/** Reads times into `out`, which must be long enough, and returns their number (at most out.length). `first` is the first of them. */
export function readTimes(source: ByteSource, first: number, out: Uint32Array): number {
  const kind = source.u8();
  const n = Math.min(source.varint(), out.length);
  if (kind === shape.consecutive) for (let i = 0; i < n; i++) out[i] = first + i;
  else if (kind === shape.even) {
    const step = source.varint();
    for (let i = 0; i < n; i++) out[i] = first + i * step;
  } else {
    const runs = source.varint();
    let at = first;
    let i = 0;
    for (let run = 0; run < runs && i < n; run++) {
      at += source.varint();
      const end = Math.min(n, i + source.varint() + 1);
      for (; i < end; i++) out[i] = at++;
      at--;
    }
  }
  return n;
}

/** Small numbers next to each time (seconds within the minute) as runs: varint number of runs (0 = all zero), then u8 value, varint length - 1. */
export function writeSeconds(seconds: Uint8Array, n: number, out: ByteSink): void {
  let runs = 1;
  for (let i = 1; i < n; i++) if (seconds[i] !== seconds[i - 1]) runs++;
  if (runs === 1 && (seconds[0] ?? 0) === 0) {
    out.varint(0);
    return;
  }
  out.varint(runs);
  let start = 0;
  for (let i = 1; i <= n; i++) {
    if (i < n && seconds[i] === seconds[i - 1]) continue;
    out.u8(seconds[start] ?? 0);
    out.varint(i - start - 1);
    start = i;
  }
}

/** Returns false when all are zero, and leaves `out` as it is. */
export function readSeconds(source: ByteSource, n: number, out: Uint8Array): boolean {
  const runs = source.varint();
  let i = 0;
  for (let run = 0; run < runs; run++) {
    const value = source.u8();
    const end = Math.min(n, i + source.varint() + 1);
    out.fill(value, i, end);
    i = end;
  }
  return runs > 0;
}
