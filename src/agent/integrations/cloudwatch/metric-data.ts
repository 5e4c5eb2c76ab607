import { unixSeconds, type UnixSeconds } from "#base/duration";
import type { AwsClient } from "./client.ts";
import { metricName, metricsOf, namespaces, targetGroupMetrics, type CloudMetric } from "./catalogue.ts";
import type { CloudResource } from "./discover.ts";
import { listOf, textOf, type XmlElement } from "./xml.ts";

/** One metric of one thing. */
export interface Series {
  readonly resource: CloudResource;
  /** Complete, as the server takes it. */
  readonly name: string;
  readonly metric: CloudMetric;
  readonly dimensions: readonly (readonly [name: string, value: string])[];
}

/** The values of a series by minute. `isComplete` is false when CloudWatch kept some back. */
export interface SeriesValues {
  readonly series: Series;
  readonly byMinute: ReadonlyMap<UnixSeconds, number>;
  readonly isComplete: boolean;
}

/** Everything that is asked about `resource`. */
export function seriesOf(resource: CloudResource): readonly Series[] {
  const { kind, dimension, targetGroups } = resource;
  const own = [namespaces[kind].dimension, dimension] as const;
  const series = metricsOf[kind].map((metric): Series => ({ resource, name: metricName(kind, metric), metric, dimensions: [own] }));
  for (const group of targetGroups) {
    for (const metric of targetGroupMetrics) {
      const name = `custom.${kind}.${metric.graph}.${group.segment}.${metric.line ?? metric.metric}`;
      series.push({ resource, name, metric, dimensions: [own, ["TargetGroup", group.dimension]] });
    }
  }
  return series;
}

// GetMetricData takes 500 queries; the other bound keeps an answer near 1 MiB, so that a small machine can hold it.
const mostQueries = 500;
const mostPoints = 8000;
const mostPages = 100;

/** Values of one minute each, from `from` (inclusive) to `to` (exclusive). Permission cloudwatch:GetMetricData. */
export async function fetchSeries(
  client: AwsClient,
  wanted: readonly Series[],
  from: UnixSeconds,
  to: UnixSeconds,
  signal: AbortSignal,
): Promise<readonly SeriesValues[]> {
  const minutes = Math.max((to - from) / 60, 1);
  const size = Math.max(1, Math.min(mostQueries, Math.floor(mostPoints / minutes)));
  const found: SeriesValues[] = [];
  for (let at = 0; at < wanted.length; at += size) found.push(...(await fetchBatch(client, wanted.slice(at, at + size), from, to, signal)));
  return found;
}

async function fetchBatch(
  client: AwsClient,
  batch: readonly Series[],
  from: UnixSeconds,
  to: UnixSeconds,
  signal: AbortSignal,
): Promise<readonly SeriesValues[]> {
  const parameters = { StartTime: iso(from), EndTime: iso(to), ScanBy: "TimestampAscending", ...queries(batch) };
  const gathered = batch.map((series) => ({ series, byMinute: new Map<UnixSeconds, number>(), isComplete: false }));
  let next: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const answer = await client.call(
      "monitoring",
      "GetMetricData",
      next === undefined ? parameters : { ...parameters, NextToken: next },
      signal,
    );
    const result = answer.children.find(({ name }) => name === "GetMetricDataResult");
    for (const one of listOf(result, "MetricDataResults")) {
      const target = gathered[Number(textOf(one, "Id")?.slice(1))];
      if (!target) continue;
      target.isComplete = textOf(one, "StatusCode") === "Complete";
      readValues(one, target.byMinute, from, to);
    }
    next = textOf(result, "NextToken");
    if (next === undefined) break;
  }
  return gathered;
}

const iso = (at: UnixSeconds): string => new Date(at * 1000).toISOString().replace(".000Z", "Z");

function queries(batch: readonly Series[]): Readonly<Record<string, string>> {
  const parameters: Record<string, string> = {};
  for (const [index, { metric, dimensions, resource }] of batch.entries()) {
    const query = `MetricDataQueries.member.${index + 1}`;
    parameters[`${query}.Id`] = `q${index}`;
    parameters[`${query}.MetricStat.Metric.Namespace`] = namespaces[resource.kind].namespace;
    parameters[`${query}.MetricStat.Metric.MetricName`] = metric.metric;
    for (const [at, [name, value]] of dimensions.entries()) {
      parameters[`${query}.MetricStat.Metric.Dimensions.member.${at + 1}.Name`] = name;
      parameters[`${query}.MetricStat.Metric.Dimensions.member.${at + 1}.Value`] = value;
    }
    parameters[`${query}.MetricStat.Period`] = "60";
    parameters[`${query}.MetricStat.Stat`] = metric.stat;
  }
  return parameters;
}

function readValues(result: XmlElement, byMinute: Map<UnixSeconds, number>, from: UnixSeconds, to: UnixSeconds): void {
  const times = listOf(result, "Timestamps");
  const values = listOf(result, "Values");
  for (const [index, time] of times.entries()) {
    const at = Date.parse(time.text) / 1000;
    const text = values[index]?.text.trim() ?? "";
    const value = text === "" ? Number.NaN : Number(text);
    if (Number.isFinite(value) && at >= from && at < to) byMinute.set(unixSeconds(Math.floor(at / 60) * 60), value);
  }
}
