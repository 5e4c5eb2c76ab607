import type { AlertStatus } from "#wire/alerting";
import type { HostRule, MonitorSettings, ServiceRule } from "#wire/monitor-settings";

/** The newest value of a rule's thresholds, or undefined when it has none at all. */
export interface Limits {
  readonly operator: ">" | "<";
  readonly warning: number | undefined;
  readonly critical: number | undefined;
}

/** How points become a judgement: Mackerel's `duration` and `maxCheckAttempts`. */
export interface PointRule extends Limits {
  /** How many points are averaged. */
  readonly duration: number;
  /** How many judgements in a row must not be OK. */
  readonly attempts: number;
}

/** What a rule says of its newest points. */
export interface Judgement {
  readonly status: AlertStatus;
  /** The average that was compared. */
  readonly value: number;
}

/** Points farther apart than this say nothing about each other: Mackerel's "a gap reaches further back, at most 24 hours". */
export const reach = 86_400;
/** A point older than this is never judged. The same the other way round, for clocks that run ahead. */
export const judgedWithin = 20 * 60;

export const limitsOf = (rule: Pick<HostRule, "operator" | "warning" | "critical">): Limits => ({
  operator: rule.operator,
  warning: rule.warning ?? undefined,
  critical: rule.critical ?? undefined,
});

export const pointRuleOf = (rule: HostRule | ServiceRule): PointRule => ({
  ...limitsOf(rule),
  duration: rule.duration ?? 1,
  attempts: rule.maxCheckAttempts ?? 1,
});

/** Compares a value with thresholds; of two equal ones the critical one counts. */
export function statusOf(value: number, { operator, warning, critical }: Limits): AlertStatus {
  const isBeyond = (threshold: number | undefined): boolean =>
    threshold !== undefined && (operator === ">" ? value > threshold : value < threshold);
  if (isBeyond(critical)) return "CRITICAL";
  return isBeyond(warning) ? "WARNING" : "OK";
}

/** How many of the newest points decide. */
export const pointsNeeded = ({ duration, attempts }: Pick<PointRule, "duration" | "attempts">): number => duration + attempts - 1;

/**
 * Judges the newest of some points, with those before it for the average and the attempts. The newest judgement decides as soon as it and
 * those right before it, `attempts` in all, were not OK; it is OK at once when it is.
 * @param times unix seconds, newest first
 * @returns undefined when there are too few points to judge, or too few judgements in a row to change anything
 */
export function judge(times: ArrayLike<number>, values: ArrayLike<number>, count: number, rule: PointRule): Judgement | undefined {
  const newest = averageFrom(times, values, count, 0, rule.duration);
  if (newest === undefined) return undefined;
  const status = statusOf(newest, rule);
  if (status !== "OK" && !wasBad(times, values, count, rule)) return undefined;
  return { status, value: newest };
}

function wasBad(times: ArrayLike<number>, values: ArrayLike<number>, count: number, rule: PointRule): boolean {
  for (let back = 1; back < rule.attempts; back++) {
    if (back >= count || (times[back] ?? 0) <= (times[0] ?? 0) - reach) return false;
    const average = averageFrom(times, values, count, back, rule.duration);
    if (average === undefined || statusOf(average, rule) === "OK") return false;
  }
  return true;
}

function averageFrom(
  times: ArrayLike<number>,
  values: ArrayLike<number>,
  count: number,
  from: number,
  duration: number,
): number | undefined {
  const last = from + duration - 1;
  if (last >= count || (times[last] ?? 0) <= (times[from] ?? 0) - reach) return undefined;
  if (duration === 1) return values[from];
  let sum = 0;
  for (let i = from; i <= last; i++) sum += values[i] ?? 0;
  return sum / duration;
}

/** A value as Mackerel writes it into a message: as short as says something. */
export function valueText(value: number): string {
  const rounded = Math.abs(value) >= 1000 ? Math.round(value * 10) / 10 : Number(value.toPrecision(4));
  return String(rounded);
}

/** `CPU % 96.2 > 90`; without thresholds when it is well again: `CPU % 6`. */
export function messageOf(name: string, { status, value }: Judgement, limits: Limits): string {
  const threshold = status === "CRITICAL" ? limits.critical : limits.warning;
  const found = `${name} ${valueText(value)}`;
  return status === "OK" || threshold === undefined ? found : `${found} ${limits.operator} ${threshold}`;
}

/** Service and, when it names one, role of a scope, in either spelling. */
export interface Scope {
  readonly service: string;
  readonly role: string | undefined;
}

const namePattern = "[A-Za-z0-9][A-Za-z0-9_-]{1,62}";
const scopePattern = new RegExp(`^(${namePattern})(?::\\s*(${namePattern}))?$`, "u");

/** `service`, `service:role` or `service: role`; undefined for anything else. */
export function scopeOfText(text: string): Scope | undefined {
  const [, service, role] = scopePattern.exec(text) ?? [];
  return service === undefined ? undefined : { service, role };
}

/** One spelling for comparing. */
export const scopeKey = ({ service, role }: Scope): string => (role === undefined ? service : `${service}:${role}`);

export interface Scoped {
  /** `service:role` of all its roles, and the `service` of each. */
  readonly scopes: ReadonlySet<string>;
}

/** Which things a rule is about. Nothing named: all. */
export interface ScopeRule {
  readonly included: readonly string[];
  readonly excluded: readonly string[];
}

export const keysOf = (scopes: readonly string[] | undefined): string[] =>
  (scopes ?? []).flatMap((text) => {
    const scope = scopeOfText(text);
    return scope ? [scopeKey(scope)] : [];
  });

export const scopeRuleOf = (rule: { readonly scopes?: readonly string[]; readonly excludeScopes?: readonly string[] }): ScopeRule => ({
  included: keysOf(rule.scopes),
  excluded: keysOf(rule.excludeScopes),
});

export const isInScope = ({ scopes }: Scoped, { included, excluded }: ScopeRule): boolean =>
  (included.length === 0 || included.some((key) => scopes.has(key))) && !excluded.some((key) => scopes.has(key));

/** A monitor as it is kept. */
export interface Monitor {
  readonly id: string;
  readonly settings: MonitorSettings;
  readonly isMuted: boolean;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** The metric that keeps the response time of a rule, as Mackerel spells it. */
export const responseTimeMetric = (monitorId: string): string => `__externalhttp.responcetime.${monitorId}`;
