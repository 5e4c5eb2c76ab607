import type { UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { gauge, part, rate, type Combine, type Intake, type Output, type Reporter } from "#features/receivers";
import type { Actor } from "#http";
import type { OtlpMapping } from "#wire/otlp";
import { quantiles } from "./distribution.ts";
import { systemOutputs } from "./host-metrics.ts";
import { firstFacts } from "./host-facts.ts";
import { nameOf, ownerOf, seriesOf, type Owner } from "./mapping.ts";
import type { HistogramPoint, NumberPoint, OtlpMetric, OtlpResource, Point, SummaryPoint } from "./model.ts";
import type { Otlp } from "./otlp.ts";
import type { WindowRequest } from "./windows.ts";

/** What became of the points of one request. */
export interface Taken {
  readonly received: number;
  /** Points that were stored: a histogram gives several. */
  readonly points: number;
  /** How many could not be kept, by reason. */
  readonly rejected: ReadonlyMap<string, number>;
}

const reasons = {
  nameless: "without host.name, host.id, service.instance.id and service.name nobody knows whose they are",
  unknown: "their host is unknown and may not be registered, or retired",
  limit: "their host or service has more series than its limit",
  time: "they carry no time",
  upDown: "sums that may fall are kept only with cumulative temporality",
  outOfTime: "they are more than a day away from this server's clock",
} as const;

const shownQuantiles = [0.5, 0.95, 0.99];

/**
 * Stores what a request brought. Resolves when all is durable.
 * @throws "unavailable" | "storage-full" and then nothing was stored: the same request may come again
 */
export async function takeResources(otlp: Otlp, actor: Actor, resources: readonly OtlpResource[], mapping: OtlpMapping): Promise<Taken> {
  const intake = await otlp.receivers.intake(actor.organisationId);
  const windows = otlp.windows.request();
  const rejected = new Map<string, number>();
  const reject = (reason: string, count: number): void => void rejected.set(reason, (rejected.get(reason) ?? 0) + count);
  let received = 0;
  // All look-ups come first: when one fails, no counter has moved on yet, and the same request may come again.
  const found: { readonly resource: OtlpResource; readonly owner: Owner; readonly sources: Sources }[] = [];
  for (const resource of resources) {
    const count = resource.metrics.reduce((sum, metric) => sum + metric.points.length, 0);
    received += count;
    if (count === 0) continue;
    const owner = ownerOf(resource.attributes, mapping);
    found.push({ resource, owner, sources: await sourcesOf(otlp, actor, owner, resource, mapping) });
  }
  for (const { resource, owner, sources } of found) {
    const taker = new ResourceTaker({ otlp, intake, windows, owner, sources, mapping, reject });
    for (const metric of resource.metrics) taker.take(metric);
  }
  const report = await intake.commit();
  windows.commit();
  if (report.tooOld + report.tooNew > 0) reject(reasons.outOfTime, report.tooOld + report.tooNew);
  return { received, points: report.accepted, rejected };
}

/** Where a resource's metrics go: those of the system to its host, all others to its host or its service. */
interface Sources {
  readonly host: string | undefined;
  readonly own: string | undefined;
}

async function sourcesOf(otlp: Otlp, actor: Actor, owner: Owner, resource: OtlpResource, mapping: OtlpMapping): Promise<Sources> {
  const { receivers, budget } = otlp;
  const reporter: Reporter = {
    kind: "otlp",
    name: owner.host,
    mayRegister: mapping.registerHosts,
    first: firstFacts(resource.attributes, owner.joins),
  };
  const host = owner.host === "" ? undefined : await unlessForbidden(receivers.hostOf(actor, reporter));
  const own = owner.service === "" ? host : await unlessForbidden(receivers.serviceOf(actor, owner.service, true));
  if (own !== undefined) await budget.open(own);
  return { host, own };
}

/** A key that may post but not register: what is unknown is rejected, and the rest still counts. */
async function unlessForbidden(found: Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof HinobanError && error.code === "forbidden") return undefined;
    throw error;
  }
}

interface TakerParts {
  readonly otlp: Otlp;
  readonly intake: Intake;
  readonly windows: WindowRequest;
  readonly owner: Owner;
  readonly sources: Sources;
  readonly mapping: OtlpMapping;
  readonly reject: (reason: string, count: number) => void;
}

/** Takes the metrics of one resource. */
class ResourceTaker {
  readonly #parts: TakerParts;

  constructor(parts: TakerParts) {
    this.#parts = parts;
  }

  take(metric: OtlpMetric): void {
    for (const point of metric.points) {
      const refused = point.at === 0 ? reasons.time : this.#takePoint(metric, point);
      if (refused !== undefined) this.#parts.reject(refused, 1);
    }
  }

  /** @returns why the point cannot be kept */
  #takePoint(metric: OtlpMetric, point: Point): string | undefined {
    const { owner, sources } = this.#parts;
    if (point.kind === "number" && sources.host !== undefined) {
      const outputs = systemOutputs(metric.name, point.attributes);
      if (outputs) return this.#feedNumber(metric, point, sources.host, outputs);
    }
    if (owner.host === "" && owner.service === "") return reasons.nameless;
    if (sources.own === undefined) return reasons.unknown;
    const name = nameOf(owner, metric.name, point.attributes);
    if (point.kind === "number") return this.#takeNumber(metric, point, sources.own, name);
    return point.kind === "histogram"
      ? this.#takeHistogram(metric, point, sources.own, name)
      : this.#takeSummary(metric, point, sources.own, name);
  }

  #takeNumber(metric: OtlpMetric, point: NumberPoint, source: string, name: string): string | undefined {
    if (!this.#admits(source, name)) return reasons.limit;
    const isRate = metric.kind === "sum" && metric.isMonotonic;
    const output = this.#shared(isRate ? rate(name) : gauge(name), metric.kind === "sum" ? "sum" : "mean", point, metric);
    return this.#feedNumber(metric, point, source, [output]);
  }

  #feedNumber(metric: OtlpMetric, point: NumberPoint, source: string, outputs: readonly Output[]): string | undefined {
    const { intake, owner } = this.#parts;
    const isDelta = metric.kind === "sum" && metric.temporality === "delta";
    if (isDelta && !metric.isMonotonic) return reasons.upDown;
    if (!Number.isFinite(point.value)) return undefined; // it says that there is nothing to say
    const series = seriesOf(owner, metric.name, point.attributes);
    const { at, value, startedAt } = point;
    for (const output of outputs) {
      if (isDelta && output.isRate) this.#feedRate(output, source, at, intake.rateOfGrowth(source, series, startedAt ?? at, at, value));
      else intake.feed(output, { source, series, at, value, startedAt });
    }
    return undefined;
  }

  #takeHistogram(metric: OtlpMetric, point: HistogramPoint, source: string, name: string): string | undefined {
    if (!this.#admits(source, `${name}.count`)) return reasons.limit;
    const { intake, windows, owner } = this.#parts;
    const series = seriesOf(owner, metric.name, point.attributes);
    const { at, startedAt, temporality, count, sum } = { ...point, temporality: metric.temporality };
    const rateOf = (what: string, value: number): number | undefined =>
      temporality === "delta"
        ? intake.rateOfGrowth(source, `${series}#${what}`, startedAt ?? at, at, value)
        : intake.rateOf(source, `${series}#${what}`, at, value, startedAt);
    const put = (what: string, combine: Combine, value: number | undefined): void =>
      this.#put(this.#shared(gauge(`${name}.${what}`), combine, point, metric), source, at, value);
    put("count", "sum", rateOf("count", count));
    if (sum !== undefined) put("sum", "sum", rateOf("sum", sum));
    put("min", "min", point.min);
    put("max", "max", point.max);
    const window = windows.windowOf(`${source} ${series}`, temporality, point);
    if (!window || window.count <= 0) return undefined;
    if (sum !== undefined) put("avg", "mean", window.sum / window.count);
    const known =
      temporality === "delta"
        ? { ...(point.min === undefined ? {} : { min: point.min }), ...(point.max === undefined ? {} : { max: point.max }) }
        : {};
    for (const [index, value] of quantiles(window.buckets, shownQuantiles, known).entries())
      put(`p${(shownQuantiles[index] ?? 0) * 100}`, "max", value);
    return undefined;
  }

  #takeSummary(metric: OtlpMetric, point: SummaryPoint, source: string, name: string): string | undefined {
    if (!this.#admits(source, `${name}.count`)) return reasons.limit;
    const { intake, owner } = this.#parts;
    const series = seriesOf(owner, metric.name, point.attributes);
    const { at, startedAt } = point;
    for (const [what, value] of [
      ["count", point.count],
      ["sum", point.sum],
    ] as const) {
      const output = this.#shared(gauge(`${name}.${what}`), "sum", point, metric);
      this.#put(output, source, at, intake.rateOf(source, `${series}#${what}`, at, value, startedAt));
    }
    for (const [quantile, value] of point.quantiles) {
      if (quantile >= 0 && quantile <= 1)
        this.#put(this.#shared(gauge(`${name}.${quantileName(quantile)}`), "max", point, metric), source, at, value);
    }
    return undefined;
  }

  /** Processes of one service share a metric; a host has its own. */
  #shared(output: Output, combine: Combine, { attributes }: Point, metric: OtlpMetric): Output {
    const { owner } = this.#parts;
    return owner.service === "" ? output : part(output, { combine, waits: false }, seriesOf(owner, metric.name, attributes));
  }

  #put(output: Output, source: string, at: UnixMs, value: number | undefined): void {
    if (value !== undefined && Number.isFinite(value)) this.#parts.intake.feed(output, { source, series: "", at, value });
  }

  /** A rate that was found already. */
  #feedRate(output: Output, source: string, at: UnixMs, value: number | undefined): void {
    this.#put({ ...output, isRate: false }, source, at, value);
  }

  #admits(source: string, name: string): boolean {
    return this.#parts.otlp.budget.admits(source, name, this.#parts.mapping.seriesPerHost);
  }
}

/** 0.5 is p50, 0.999 is p99_9; the ends are the smallest and largest value. */
function quantileName(quantile: number): string {
  if (quantile === 0) return "min";
  if (quantile === 1) return "max";
  return `p${String(Math.round(quantile * 1e6) / 1e4).replace(".", "_")}`;
}
