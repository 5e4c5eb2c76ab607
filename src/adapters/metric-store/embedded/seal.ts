import { byCodeUnit, f64At, u32At } from "./arrays.ts";
import type { BlockMeta } from "./block-format.ts";
import { BlockWriter } from "./block-writer.ts";
import type { Catalog } from "./catalog.ts";
import { RawColumns, writeRawChunk } from "./codec/chunk.ts";
import { ByteSink } from "./codec/bytes.ts";
import type { Disk } from "./disk.ts";
import { windowMinutes, type HeadPage } from "./head.ts";
import type { Pace } from "./pace.ts";

/** Numbers for texts in their sorted order. */
interface Ranks {
  readonly texts: readonly string[];
  /** Rank per id of the catalog. */
  readonly rankOf: Map<number, number>;
}

function rank(ids: Iterable<number>, textOf: (id: number) => string): Ranks {
  const sorted = [...new Set(ids)].map((id) => ({ id, text: textOf(id) })).sort((a, b) => byCodeUnit(a.text, b.text));
  return { texts: sorted.map((s) => s.text), rankOf: new Map(sorted.map((s, i) => [s.id, i])) };
}

/** The stable order of `items` by `keys` (whole numbers below `limit`). */
function countingSort(items: Uint32Array, keyOf: (item: number) => number, limit: number): Uint32Array {
  const starts = new Uint32Array(limit + 1);
  for (const item of items) starts[keyOf(item) + 1] = (starts[keyOf(item) + 1] ?? 0) + 1;
  for (let k = 0; k < limit; k++) starts[k + 1] = (starts[k + 1] ?? 0) + (starts[k] ?? 0);
  const sorted = new Uint32Array(items.length);
  for (const item of items) {
    const key = keyOf(item);
    const at = starts[key] ?? 0;
    sorted[at] = item;
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
    if ((row & 63) === 63) await pace.pause();
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
  const nameIds = refs.map((ref) => catalog.nameIdOf(ref));
  const sourceIds = refs.map((ref) => catalog.sourceIdOf(ref));
  const names = rank(nameIds, (id) => catalog.nameText(id));
  const sources = rank(sourceIds, (id) => catalog.sourceText(id));
  const nameRank = nameIds.map((id) => names.rankOf.get(id) ?? 0);
  const sourceRank = sourceIds.map((id) => sources.rankOf.get(id) ?? 0);
  const inOrder = Uint32Array.from({ length: refs.length }, (_, i) => i);
  const bySource = countingSort(inOrder, (row) => sourceRank[row] ?? 0, sources.texts.length);
  const sorted = countingSort(bySource, (row) => nameRank[row] ?? 0, names.texts.length);
  const writer = await BlockWriter.create(disk, directory, meta, sources.texts);
  try {
    await writeRows(writer, rows, sorted, nameRank, sourceRank, names.texts, pace);
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
  nameRank: Uint32Array,
  sourceRank: Uint32Array,
  names: readonly string[],
  pace: Pace,
): Promise<void> {
  let at = 0;
  for (const [rankOfName, name] of names.entries()) {
    writer.beginName();
    for (; at < sorted.length; at++) {
      const row = u32At(sorted, at);
      if (nameRank[row] !== rankOfName) break;
      addRow(writer, rows, row, u32At(sourceRank, row));
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
