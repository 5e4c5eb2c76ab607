import type { Graph, RoleSeries, SeriesColumns } from "#wire/metrics";
import { bucketTimes, type ChartData, type ChartSeries } from "../../kit/chart/model.ts";

/** What is left over and not in use is drawn pale. */
const idleNames = new Set(["cpu.idle.percentage", "memory.available", "memory.mem_available", "memory.free", "memory.swap_free"]);

/** The columns of a graph's series as a chart draws them. What a line of a stacked graph is, stays a line over the layers. */
export function graphData(graph: Graph, columns: SeriesColumns): ChartData {
  const byName = new Map(columns.series.map((one) => [one.name, one.avg]));
  const count = columns.series[0]?.avg.length ?? 0;
  return {
    times: bucketTimes(columns.from, columns.step, count),
    series: graph.series.map((one): ChartSeries => ({
      key: one.name,
      label: one.group === undefined || one.label.includes(one.group) ? one.label : `${one.group} ${one.label}`,
      values: byName.get(one.name) ?? [],
      ...(graph.isStacked && !one.isStacked ? { isLine: true } : {}),
      ...(graph.isStacked && idleNames.has(one.name) ? { tone: "idle" as const } : {}),
    })),
  };
}

export interface RoleTexts {
  readonly sum: string;
  readonly average: string;
  readonly most: string;
  readonly least: string;
  readonly retired: (name: string) => string;
}

/** A role's metric: a layer or line a host, or what they come to together. */
export function roleData(series: RoleSeries, isStacked: boolean, texts: RoleTexts): ChartData {
  const { from, step, hosts, summary } = series;
  if (hosts) {
    return {
      times: bucketTimes(from, step, hosts[0]?.avg.length ?? 0),
      series: hosts.map((host) => ({ key: host.id, label: host.isRetired ? texts.retired(host.label) : host.label, values: host.avg })),
    };
  }
  if (!summary) return { times: [], series: [] };
  const times = bucketTimes(from, step, summary.sum.length);
  if (isStacked) return { times, series: [{ key: "sum", label: texts.sum, values: summary.sum }] };
  return {
    times,
    series: [
      { key: "max", label: texts.most, values: summary.max },
      { key: "avg", label: texts.average, values: summary.avg },
      { key: "min", label: texts.least, values: summary.min },
    ],
  };
}
