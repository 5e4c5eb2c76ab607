import type { TextLanguage } from "../number-text.ts";
import { roleTexts, seriesLabel } from "./names.ts";
import { bucketTimes, type ChartData, type ChartSeries } from "./series.ts";

// The shapes below are parts of the answers in wire/metrics.ts; base knows no wire, so they are written down once more.

/** What a graph of a host or service says of its series. */
export interface GraphShape {
  readonly isStacked: boolean;
  readonly series: readonly { readonly name: string; readonly label: string; readonly isStacked: boolean; readonly group?: string }[];
}

type Column = readonly (number | null)[];

/** Points of several series in buckets. */
export interface ColumnsShape {
  readonly from: number;
  readonly step: number;
  readonly series: readonly { readonly name: string; readonly avg: Column; readonly every?: number }[];
}

/** Points of a role's hosts in buckets, or what they come to together. */
export interface RoleShape {
  readonly from: number;
  readonly step: number;
  readonly every?: number;
  readonly hosts?: readonly { readonly id: string; readonly label: string; readonly isRetired: boolean; readonly avg: Column }[];
  readonly summary?: { readonly sum: Column; readonly min: Column; readonly max: Column; readonly avg: Column };
}

/** Lines that were computed from metrics. */
export interface LinesShape {
  readonly from: number;
  readonly step: number;
  readonly lines: readonly { readonly label: string; readonly isStacked: boolean; readonly avg: Column }[];
}

/** What is left over and not in use is drawn pale. */
const idleNames = new Set(["cpu.idle.percentage", "memory.available", "memory.mem_available", "memory.free", "memory.swap_free"]);

/** The columns of a graph's series as a chart draws them. What a line of a stacked graph is, stays a line over the layers. */
export function graphData(graph: GraphShape, columns: ColumnsShape, language: TextLanguage): ChartData {
  const byName = new Map(columns.series.map((one) => [one.name, one]));
  const count = columns.series[0]?.avg.length ?? 0;
  return {
    times: bucketTimes(columns.from, columns.step, count),
    series: graph.series.map(({ name, label, isStacked, group }): ChartSeries => {
      const column = byName.get(name);
      const named = group === undefined || label.includes(group) ? label : `${group} ${label}`;
      return {
        key: name,
        label: seriesLabel(name, named, language),
        values: column?.avg ?? [],
        ...(column?.every === undefined ? {} : { every: column.every }),
        ...(graph.isStacked && !isStacked ? { isLine: true } : {}),
        ...(graph.isStacked && idleNames.has(name) ? { tone: "idle" as const } : {}),
      };
    }),
  };
}

/** A role's metric: a layer or line a host, or what they come to together. */
export function roleData(role: RoleShape, isStacked: boolean, language: TextLanguage): ChartData {
  const { from, step, hosts, summary } = role;
  const texts = roleTexts[language];
  const every = role.every === undefined ? {} : { every: role.every };
  if (hosts) {
    return {
      times: bucketTimes(from, step, hosts[0]?.avg.length ?? 0),
      series: hosts.map(({ id, label, isRetired, avg }) => ({
        key: id,
        label: isRetired ? texts.retired(label) : label,
        values: avg,
        ...every,
      })),
    };
  }
  if (!summary) return { times: [], series: [] };
  const times = bucketTimes(from, step, summary.sum.length);
  if (isStacked) return { times, series: [{ key: "sum", label: texts.sum, values: summary.sum, ...every }] };
  return {
    times,
    series: [
      { key: "max", label: texts.most, values: summary.max, ...every },
      { key: "avg", label: texts.average, values: summary.avg, ...every },
      { key: "min", label: texts.least, values: summary.min, ...every },
    ],
  };
}

/** Computed lines, told apart by their place: two may have one name. In a stacked graph what is not stacked stays a line over the layers. */
export function linesData({ from, step, lines }: LinesShape): { readonly data: ChartData; readonly isStacked: boolean } {
  const isStacked = lines.some((line) => line.isStacked);
  const series = lines.map((line, at): ChartSeries => ({
    key: `${at}`,
    label: line.label,
    values: line.avg,
    ...(isStacked && !line.isStacked ? { isLine: true } : {}),
  }));
  return { data: { times: bucketTimes(from, step, lines[0]?.avg.length ?? 0), series }, isStacked };
}
