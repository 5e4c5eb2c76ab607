import { days, fromSeconds, unixSeconds } from "#base/duration";
import { HinobanError } from "#base/errors";
import { parseExpression, readExpression } from "#features/expressions";
import { idsOfHosts, placesOfHosts, servicesNamed } from "#features/inventory";
import { metricSourceOf, readPoints, serviceSource } from "#features/metrics";
import { scopeOf, type Actor } from "#http";
import type { SeriesColumns } from "#ports/metric-store/port";
import type { ExpressionRule, HostRule, MonitorSettings, ServiceRule } from "#wire/monitor-settings";
import type { Firing, Preview } from "#wire/monitors";
import type { MonitorsContext } from "./context.ts";
import { isInScope, limitsOf, pointRuleOf, reach, scopeRuleOf, type PointRule } from "./model.ts";
import { isWatched, scopedOf } from "./organisation-rules.ts";
import { firingsOf, type Span } from "./replay.ts";

/** One preview reads no more than this: about two hundred hosts of a week. */
const mostPoints = 2_000_000;
const mostTargets = 200;
const mostFirings = 100;
const graphBuckets = 300;
const usualDays = 7;

interface PreviewTarget {
  readonly key: string;
  readonly name: string;
  readonly source: string;
}

interface Replayed {
  readonly target: PreviewTarget;
  readonly spans: readonly Span[];
  readonly points: SeriesColumns;
}

const nothing: Preview = { targets: 0, judged: 0, fired: 0, days: usualDays, firings: [] };

/** There is no rule yet to look at. */
export const incomplete = (problem: string, over = usualDays): Preview => ({ ...nothing, days: over, unavailable: "incomplete", problem });

/** When a rule that is not saved would have raised alerts, judged from the stored points by the very judge that would raise them. */
export async function previewMonitor(
  context: MonitorsContext,
  actor: Actor,
  settings: MonitorSettings,
  over = usualDays,
): Promise<Preview> {
  const to = context.clock.now();
  const range = { from: unixSeconds((to - days(over)) / 1000), to: unixSeconds(to / 1000 + 60) };
  if (settings.type === "expression") return previewExpression(context, actor, settings, { over, range });
  if (settings.type !== "host" && settings.type !== "service") return { ...nothing, days: over, unavailable: "type" };
  const targets = await targetsOf(context, actor, settings);
  const replayed = await replay(context, targets, settings, range);
  if (replayed.length === 0) return { ...nothing, targets: targets.length, days: over, unavailable: "no-data" };
  return summaryOf(replayed, { targets: targets.length, over, metric: settings.metric, range });
}

async function targetsOf({ db, store }: MonitorsContext, actor: Actor, rule: HostRule | ServiceRule): Promise<PreviewTarget[]> {
  if (rule.type === "service") {
    const id = await db.tx(scopeOf(actor), async (tx) => (await servicesNamed(tx, [rule.service])).get(rule.service));
    return id === undefined ? [] : [{ key: "", name: rule.service, source: serviceSource(id) }];
  }
  const scope = scopeRuleOf(rule);
  const hosts = await db.tx(scopeOf(actor), async (tx) => placesOfHosts(tx, await idsOfHosts(tx, { retired: "exclude" })));
  const targets: PreviewTarget[] = [];
  for (const host of hosts.values()) {
    if (!isWatched(host) || !isInScope(scopedOf(host), scope)) continue;
    const posted = new Set(await store.names(host.id));
    const found = metricSourceOf(rule.metric, posted);
    const first = found.kind === "stored" ? found.name : found.inputs[0];
    if (first !== undefined && posted.has(first)) targets.push({ key: host.id, name: host.displayName || host.name, source: host.id });
  }
  return targets;
}

interface Range {
  readonly from: ReturnType<typeof unixSeconds>;
  readonly to: ReturnType<typeof unixSeconds>;
}

async function replay(
  { store }: MonitorsContext,
  targets: readonly PreviewTarget[],
  rule: HostRule | ServiceRule,
  range: Range,
): Promise<Replayed[]> {
  const replayed: Replayed[] = [];
  let points = 0;
  for (const target of targets.slice(0, mostTargets)) {
    if (points > mostPoints) break;
    // A day before, for averages that reach back.
    const found = await readPoints(store, target.source, rule.metric, { ...range, from: unixSeconds(range.from - reach) });
    if (!found || found.times.length === 0) continue;
    points += found.times.length;
    replayed.push({ target, points: found, spans: firingsOf(found, pointRuleOf(rule), range.from) });
  }
  return replayed;
}

interface Over {
  readonly targets: number;
  readonly over: number;
  readonly metric: string;
  readonly range: Range;
}

function summaryOf(replayed: readonly Replayed[], { targets, over, metric, range }: Over): Preview {
  const all = replayed.flatMap(({ target, spans }) => spans.map((span) => firingOf(target, span))).toSorted((a, b) => b.from - a.from);
  const [first] = replayed;
  const shown = replayed.reduce((most, one) => (one.spans.length > most.spans.length ? one : most), first as Replayed); // there is one
  return {
    targets,
    judged: replayed.length,
    fired: all.length,
    days: over,
    firings: all.slice(0, mostFirings),
    graph: { key: shown.target.key, name: shown.target.name, metric, ...bucketed(shown.points, range) },
  };
}

const firingOf = ({ key, name }: PreviewTarget, { status, from, to, value }: Span): Firing => ({
  key,
  name,
  status,
  from: fromSeconds(unixSeconds(from)),
  value,
  ...(to === undefined ? {} : { to: fromSeconds(unixSeconds(to)) }),
});

/** Averages over equal stretches; a gap stays a gap. */
function bucketed({ times, values }: SeriesColumns, { from, to }: Range): { from: number; step: number; values: (number | null)[] } {
  const step = Math.max(60, Math.ceil((to - from) / graphBuckets / 60) * 60);
  const sums = new Float64Array(Math.ceil((to - from) / step));
  const counts = new Uint32Array(sums.length);
  for (const [i, time] of times.entries()) {
    const at = Math.floor((time - from) / step);
    if (at < 0 || at >= sums.length) continue;
    sums[at] = (sums[at] ?? 0) + (values[i] ?? 0);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return { from, step, values: Array.from(sums, (sum, i) => (counts[i] ? sum / (counts[i] ?? 1) : null)) };
}

/** An expression is judged every five minutes, on averages of five minutes. */
const expressionStep = 300;

async function previewExpression(
  context: MonitorsContext,
  actor: Actor,
  rule: ExpressionRule,
  { over, range }: { readonly over: number; readonly range: Range },
): Promise<Preview> {
  try {
    parseExpression(rule.expression);
    const buckets = Math.ceil((range.to - range.from) / expressionStep) + 1;
    const { from, step, lines } = await readExpression(context, scopeOf(actor), rule.expression, { range, buckets });
    const [line] = lines;
    if (!line || lines.length > 1) return { ...nothing, days: over, unavailable: lines.length > 1 ? "expression" : "no-data" };
    const points = pointsOf(line.values, from, step);
    if (points.times.length === 0) return { ...nothing, days: over, targets: 1, unavailable: "no-data" };
    const target: PreviewTarget = { key: "", name: rule.name, source: "" };
    const once: PointRule = { ...limitsOf(rule), duration: 1, attempts: 1 };
    return summaryOf([{ target, points, spans: firingsOf(points, once, range.from) }], {
      targets: 1,
      over,
      metric: rule.expression,
      range,
    });
  } catch (error) {
    if (!(error instanceof HinobanError) || error.status >= 500) throw error;
    return { ...nothing, days: over, unavailable: "expression", problem: error.message };
  }
}

function pointsOf(values: ArrayLike<number>, from: number, step: number): SeriesColumns {
  const there = Array.from(values, (value, i) => ({ value, time: from + i * step })).filter(({ value }) => Number.isFinite(value));
  return { times: Uint32Array.from(there, ({ time }) => time), values: Float64Array.from(there, ({ value }) => value) };
}
