import { farthest, learn, oddness, type Breathe, type Mixture } from "./mixture.ts";

/** Days of data without which an anomaly detection says nothing. */
export const neededDays = 7;
/** Samples without which it says nothing, whatever the days. */
export const neededSamples = 500;
/** Rows that one training looks at; of more, every n-th. */
export const mostSamples = 6000;

/** What of a host is looked at: system metrics that agents post, brought to a form in which differences mean something. */
export const features = [
  { name: "loadavg5", metrics: ["loadavg5"] },
  { name: "cpu.user.percentage", metrics: ["cpu.user.percentage"] },
  { name: "cpu.system.percentage", metrics: ["cpu.system.percentage"] },
  { name: "cpu.iowait.percentage", metrics: ["cpu.iowait.percentage"] },
  { name: "memory.used", metrics: ["memory.used"] },
  { name: "disk.reads.delta", metrics: ["disk.*.reads.delta"] },
  { name: "disk.writes.delta", metrics: ["disk.*.writes.delta"] },
  { name: "interface.rxBytes.delta", metrics: ["interface.*.rxBytes.delta"] },
  { name: "interface.txBytes.delta", metrics: ["interface.*.txBytes.delta"] },
] as const;

export type Sensitivity = "insensitive" | "normal" | "sensitive";

/** How rare, among what was learnt from, something must be; beyond the rarest there is a margin besides. */
const rarity: Readonly<Record<Sensitivity, { readonly quantile: number; readonly margin: number }>> = {
  sensitive: { quantile: 0.995, margin: 1 },
  normal: { quantile: 0.999, margin: 3 },
  insensitive: { quantile: 1, margin: 8 },
};

/** What was learnt: how columns are scaled, where the usual lies, and from which oddness on each sensitivity speaks. */
export interface AnomalyModel {
  /** Features that were there; the others are not looked at. */
  readonly columns: readonly number[];
  readonly centres: readonly number[];
  readonly spreads: readonly number[];
  readonly mixture: Mixture;
  readonly limits: Readonly<Record<Sensitivity, number>>;
}

/** Loads and bytes span magnitudes: what counts is how many times as much it is. */
const compressed = (value: number): number => Math.log1p(Math.max(0, value));

/** @param rows a value for each feature, NaN where the host had none; undefined when there is too little to learn from */
export async function train(rows: readonly (readonly number[])[], breathe: Breathe): Promise<AnomalyModel | undefined> {
  const columns = features.map((_, i) => i).filter((i) => rows.filter((row) => Number.isFinite(row[i])).length > rows.length * 0.9);
  const whole = rows
    .filter((row) => columns.every((i) => Number.isFinite(row[i])))
    .map((row) => columns.map((i) => compressed(row[i] ?? 0)));
  if (columns.length === 0 || whole.length < neededSamples) return undefined;
  const kept = thinned(whole, mostSamples);
  const centres = columns.map((_, d) => kept.reduce((sum, row) => sum + (row[d] ?? 0), 0) / kept.length);
  const spreads = columns.map((_, d) =>
    Math.max(0.02, Math.sqrt(kept.reduce((sum, row) => sum + ((row[d] ?? 0) - (centres[d] ?? 0)) ** 2, 0) / kept.length)),
  );
  const scaled = kept.map((row) => scale(row, centres, spreads));
  const mixture = await learn(scaled, breathe);
  const odd = Float64Array.from(scaled, (row) => oddness(row, mixture)).toSorted();
  const limitOf = ({ quantile, margin }: (typeof rarity)[Sensitivity]): number =>
    (odd[Math.min(odd.length - 1, Math.floor(quantile * odd.length))] ?? Infinity) + margin;
  return {
    columns,
    centres,
    spreads,
    mixture,
    limits: { insensitive: limitOf(rarity.insensitive), normal: limitOf(rarity.normal), sensitive: limitOf(rarity.sensitive) },
  };
}

function thinned<T>(rows: readonly T[], most: number): T[] {
  const step = Math.max(1, rows.length / most);
  return Array.from({ length: Math.min(rows.length, most) }, (_, i) => rows[Math.floor(i * step)]).filter(
    (row): row is T => row !== undefined,
  );
}

const scale = (row: readonly number[], centres: readonly number[], spreads: readonly number[]): number[] =>
  row.map((value, d) => (value - (centres[d] ?? 0)) / (spreads[d] ?? 1));

/** What a model says of a host at one time. */
export interface AnomalySaid {
  readonly oddness: number;
  /** The metric that differs most, and whether it is above or below the usual. */
  readonly metric: string;
  readonly deviations: number;
}

/** @param row a value for each feature. @returns undefined when the host lacks what was learnt */
export function judgeRow(row: readonly number[], { columns, centres, spreads, mixture }: AnomalyModel): AnomalySaid | undefined {
  if (columns.some((i) => !Number.isFinite(row[i]))) return undefined;
  const scaled = scale(
    columns.map((i) => compressed(row[i] ?? 0)),
    centres,
    spreads,
  );
  const { column, deviations } = farthest(scaled, mixture);
  return { oddness: oddness(scaled, mixture), metric: features[columns[column] ?? 0]?.name ?? "", deviations };
}
