import { byCodeUnit, f64At, u32At } from "./arrays.ts";
import type { BlockMeta } from "./block-format.ts";
import { BlockWriter } from "./block-writer.ts";
import type { Catalog } from "./catalog.ts";
import { RawColumns, writeRawChunk } from "./codec/chunk.ts";
import { ByteSink } from "./codec/bytes.ts";
import type { Disk } from "./disk.ts";
import { windowMinutes, type HeadPage } from "./head.ts";
import type { Pace } from "./pace.ts";

/** The texts of some rows, sorted, and for each row the place of its text. */
interface Ranked {
  readonly texts: readonly string[];
  readonly ranks: Uint32Array;
}

async function rank(refs: Uint32Array, idOf: (ref: number) => number, textOf: (id: number) => string, pace: Pace): Promise<Ranked> {
  const ids = refs.map(idOf);
  const sorted = [...new Set(ids)].map((id) => ({ id, text: textOf(id) })).sort((a, b) => byCodeUnit(a.text, b.text));
  const rankOf = new Uint32Array(ids.reduce((max, id) => Math.max(max, id), 0) + 1);
  for (const [i, { id }] of sorted.entries()) rankOf[id] = i;
  await pace.pause();
  return { texts: sorted.map((s) => s.text), ranks: ids.map((id) => u32At(rankOf, id)) };
}

/** `rows` in the order of their ranks (below `limit`), otherwise as they were. */
function countingSort(rows: Uint32Array, ranks: Uint32Array, limit: number): Uint32Array {
  const starts = new Uint32Array(limit + 1);
  for (const row of rows) {
    const next = u32At(ranks, row) + 1;
    starts[next] = u32At(starts, next) + 1;
  }
  for (let k = 0; k < limit; k++) starts[k + 1] = u32At(starts, k + 1) + u32At(starts, k);
  const sorted = new Uint32Array(rows.length);
  for (const row of rows) {
    const key = u32At(ranks, row);
    const at = u32At(starts, key);
    sorted[at] = row;
    starts[key] = at + 1;
  }
  return sorted;
}

interface EncodedRows {
  readonly bytes: ByteSink;
  /** Place of each row's chunk, and the end of the last. */
  readonly offsets: Float64Array;
  readonly firsts: Uint32Array;
  readonly counts: Uint8Array;
}

/** Encodes row by row, in the order of memory. */
async function encodeRows(page: HeadPage, pace: Pace): Promise<EncodedRows> {
  const rows = page.rows;
  const out: EncodedRows = {
    bytes: new ByteSink(1 << 20),
    offsets: new Float64Array(rows + 1),
    firsts: new Uint32Array(rows),
    counts: new Uint8Array(rows),
  };
  const values = new Float64Array(windowMinutes);
  const seconds = new Uint8Array(windowMinutes);
  const raw = new RawColumns();
  for (let row = 0; row < rows; row++) {
    values.fill(Number.NaN);
    page.overlayRow(row, values, seconds, 0);
    let n = 0;
    for (let m = 0; m < windowMinutes; m++) {
      const value = values[m] ?? Number.NaN;
      if (value !== value) continue;
      raw.minutes[n] = page.window * windowMinutes + m;
      raw.seconds[n] = seconds[m] ?? 0;
      raw.values[n] = value;
      n++;
    }
    raw.count = n;
    if (n > 0) writeRawChunk(raw, false, out.bytes);
    out.offsets[row + 1] = out.bytes.length;
    out.firsts[row] = raw.minutes[0] ?? 0;
    out.counts[row] = n;
    if ((row & 31) === 31) await pace.pause();
  }
  return out;
}

/** Writes a closed page as a block and returns its file name, or undefined when the page holds no point any more. */
export async function sealPage(
  page: HeadPage,
  catalog: Catalog,
  disk: Disk,
  directory: string,
  meta: BlockMeta,
  pace: Pace,
): Promise<string | undefined> {
  const refs = page.refs.array.subarray(0, page.rows);
  const rows = await encodeRows(page, pace);
  if (rows.bytes.length === 0) return undefined;
  const names = await rank(
    refs,
    (ref) => catalog.nameIdOf(ref),
    (id) => catalog.nameText(id),
    pace,
  );
  const sources = await rank(
    refs,
    (ref) => catalog.sourceIdOf(ref),
    (id) => catalog.sourceText(id),
    pace,
  );
  const inOrder = Uint32Array.from(refs.keys());
  const bySource = countingSort(inOrder, sources.ranks, sources.texts.length);
  await pace.pause();
  const sorted = countingSort(bySource, names.ranks, names.texts.length);
  await pace.pause();
  const writer = await BlockWriter.create(disk, directory, meta, sources.texts);
  try {
    await writeRows(writer, rows, sorted, names, sources, pace);
    return await writer.finish();
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

async function writeRows(
  writer: BlockWriter,
  rows: EncodedRows,
  sorted: Uint32Array,
  names: Ranked,
  sources: Ranked,
  pace: Pace,
): Promise<void> {
  let at = 0;
  for (const [rankOfName, name] of names.texts.entries()) {
    writer.beginName();
    for (; at < sorted.length; at++) {
      const row = u32At(sorted, at);
      if (names.ranks[row] !== rankOfName) break;
      addRow(writer, rows, row, u32At(sources.ranks, row));
      if (writer.isFull) await writer.flush();
      if ((at & 255) === 255) await pace.pause();
    }
    writer.endName(name);
  }
}

function addRow(writer: BlockWriter, rows: EncodedRows, row: number, source: number): void {
  const count = rows.counts[row] ?? 0;
  if (count === 0) return;
  const bytes = rows.bytes.bytes.subarray(f64At(rows.offsets, row), f64At(rows.offsets, row + 1));
  writer.add(source, u32At(rows.firsts, row), bytes, count);
}
