import { unixSeconds } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { MemberRecord } from "#features/inventory";
import { matchWildcards, readMemberRows, readSeries } from "#features/metrics";
import type { MetricStore } from "#ports/metric-store/port";
import type { Grid, Line } from "./lines.ts";
import type { Leaf } from "./model.ts";
import type { Origin } from "./resolve.ts";

/** Most lines that one name may stand for. */
const mostLines = 1000;

/** Reads what a leaf stands for: a line for each metric its name fits, and for each host of a role. */
export async function readLeaf(store: MetricStore, leaf: Leaf, origin: Origin, grid: Grid): Promise<Line[]> {
  const lines = origin.kind === "source" ? await ofSource(store, leaf, origin, grid) : await ofMembers(store, leaf, origin.members, grid);
  return lines;
}

const isPattern = (metric: string): boolean => metric.includes("*") || metric.includes("#");

const queryOf = ({ from, step, width }: Grid) => ({
  range: { from: unixSeconds(from), to: unixSeconds(from + step * width) },
  buckets: width,
});

async function ofSource(
  store: MetricStore,
  { metric }: Leaf,
  { source, label }: Extract<Origin, { kind: "source" }>,
  grid: Grid,
): Promise<Line[]> {
  const names = await namesFor(store, [source], metric);
  const { series } = await readSeries(store, { source, names, ...queryOf(grid), extremes: false });
  return series.map(({ name, avg }) => lineOf(`${label} ${name}`, avg));
}

async function ofMembers(store: MetricStore, { metric }: Leaf, members: readonly MemberRecord[], grid: Grid): Promise<Line[]> {
  const ids = members.map((member) => member.id);
  const names = await namesFor(store, ids, metric);
  demandFew(metric, names.length * members.length);
  const labelOf = new Map(members.map((member) => [member.id, member.display_name || member.name]));
  const lines: Line[] = [];
  for (const name of names) {
    const rows = await readMemberRows(store, members, { name, ...queryOf(grid) });
    for (const [id, column] of rows) lines.push(lineOf(`${labelOf.get(id) ?? id} ${name}`, column));
  }
  return lines;
}

async function namesFor(store: MetricStore, sources: readonly string[], metric: string): Promise<string[]> {
  if (!isPattern(metric)) return [metric];
  const found = new Set<string>();
  for (const source of sources) for (const name of await store.names(source)) if (matchWildcards(metric, name)) found.add(name);
  demandFew(metric, found.size);
  return [...found].toSorted();
}

function demandFew(metric: string, count: number): void {
  if (count > mostLines)
    throw new HinobanError("too-large", `${metric} stands for ${count} lines here; an expression may take at most ${mostLines}.`, {
      metric,
    });
}

const lineOf = (label: string, column: readonly (number | null)[]): Line => ({
  label,
  isStacked: false,
  values: Float64Array.from(column, (value) => value ?? Number.NaN),
});
