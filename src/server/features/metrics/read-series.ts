import { HinobanError } from "#base/errors";
import { chooseGrid } from "#ports/metric-store/grid";
import type { BucketColumns, MetricStore, TimeRange } from "#ports/metric-store/port";
import type { SeriesColumns } from "#wire/metrics";
import { sourceOf, type Source } from "./model.ts";
import { usualInterval } from "./usual-interval.ts";

export interface SeriesQuery {
  /** The host's id, or `service:<id>`. */
  readonly source: string;
  readonly names: readonly string[];
  readonly range: TimeRange;
  readonly buckets: number;
  /** Whether minimum and maximum of each bucket are wanted too; only stored metrics have them. */
  readonly extremes: boolean;
}

type Column = (number | null)[];

/** Several metrics of one source over the same buckets. Computed metrics are computed from the buckets' averages. */
export async function readSeries(store: MetricStore, query: SeriesQuery): Promise<SeriesColumns> {
  const grid = chooseGrid(query.range, query.buckets);
  const posted = new Set(await store.names(query.source));
  const read = new Map<string, Promise<BucketColumns | undefined>>();
  const columnsOf = (name: string): Promise<BucketColumns | undefined> => {
    const known = read.get(name);
    if (known) return known;
    const reading = store.buckets(query.source, name, query.range, query.buckets);
    read.set(name, reading);
    return reading;
  };
  const series = await Promise.all(
    query.names.map(async (name) => {
      const source = sourceOf(name, posted);
      if (source.kind === "computed") {
        const [input] = source.inputs;
        const every = usualInterval(input === undefined ? undefined : await columnsOf(input));
        return { name, avg: await computedColumn(source, columnsOf, grid.width), ...every };
      }
      const found = await columnsOf(source.name);
      if (!found) return { name, avg: emptyColumn(grid.width) };
      return {
        name,
        avg: columnOf(found.avg),
        ...usualInterval(found),
        ...(query.extremes ? { min: columnOf(found.min), max: columnOf(found.max) } : {}),
      };
    }),
  );
  return { from: grid.from, step: grid.step, series };
}

type Computed = Extract<Source, { kind: "computed" }>;

async function computedColumn(
  source: Computed,
  columnsOf: (name: string) => Promise<BucketColumns | undefined>,
  width: number,
): Promise<Column> {
  const inputs = (await Promise.all(source.inputs.map(columnsOf))).map((columns) => columns?.avg);
  return computeColumn(source, inputs, width);
}

/** Computes bucket by bucket. @param inputs averages in the order of the source's inputs; undefined where a metric has none */
export function computeColumn(source: Computed, inputs: readonly (ArrayLike<number> | undefined)[], width: number): Column {
  return Array.from({ length: width }, (_, i) => orNull(source.compute(inputs.map((input) => input?.[i] ?? Number.NaN))));
}

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

export const emptyColumn = (width: number): Column => Array.from({ length: width }, () => null);

/** JSON knows no NaN. */
export const columnOf = (values: ArrayLike<number>): Column => Array.from(values, orNull);

/** @throws "invalid-input" when the range is empty or longer than time itself in this product: a hundred years */
export function demandRange({ from, to }: { readonly from: number; readonly to: number }): void {
  if (to <= from) throw new HinobanError("invalid-input", "to: must be later than from.");
}
