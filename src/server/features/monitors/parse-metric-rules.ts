import type { Fields } from "#base/fields";
import { isMetricName } from "#features/metrics";
import { monitorLimits as limits, rateMetrics, sensitivities, type ConnectivityRule, type MonitorSettings } from "#wire/monitor-settings";
import { scopeOfText } from "./model.ts";
import type { Written } from "./written.ts";

export function hostRule(fields: Fields, out: Written): void {
  const metric = fields.needed("metric", { least: 1, most: limits.metric });
  const isRate = rateMetrics.some((rate) => rate === metric);
  if (metric !== "" && !isRate && !isMetricName(metric))
    fields.problem("metric", `must be the name of a metric, or one of ${rateMetrics.join(", ")}`);
  out.put("metric", metric);
  thresholds(fields, out, isRate ? { least: 0, most: 100 } : {});
  counts(fields, out);
  scopes(fields, out);
}

export function connectivityRule(fields: Fields, out: Written, before: MonitorSettings | undefined): void {
  const gone = fields.get("alertStatusOnGone") === undefined ? keptOf(before) : fields.choice("alertStatusOnGone", ["CRITICAL", "WARNING"]);
  out.keep("alertStatusOnGone", gone);
  scopes(fields, out);
}

const keptOf = (before: MonitorSettings | undefined): ConnectivityRule["alertStatusOnGone"] =>
  before?.type === "connectivity" ? before.alertStatusOnGone : undefined;

export function serviceRule(fields: Fields, out: Written): void {
  out.put("service", fields.needed("service", { least: 2, most: 63 }));
  const metric = fields.needed("metric", { least: 1, most: limits.metric });
  if (metric !== "" && !isMetricName(metric)) fields.problem("metric", "must be the name of a metric of the service");
  out.put("metric", metric);
  const missing = [missingOf(fields, "missingDurationWarning"), missingOf(fields, "missingDurationCritical")];
  thresholds(fields, out, { isOptional: missing.some((minutes) => minutes !== undefined) });
  counts(fields, out);
  out.keep("missingDurationWarning", missing[0]);
  out.keep("missingDurationCritical", missing[1]);
}

/** Go's clients leave a zero out. */
function missingOf(fields: Fields, key: string): number | undefined {
  if (fields.get(key) === 0) return undefined;
  const value = fields.integer(key, limits.missingStep, limits.mostMissing);
  if (value === undefined || value % limits.missingStep === 0) return value;
  return fields.problem(key, `must be a multiple of ${limits.missingStep} minutes`);
}

export function expressionRule(fields: Fields, out: Written): void {
  out.put("expression", fields.needed("expression", { least: 1, most: limits.expression }));
  thresholds(fields, out, {});
  out.keep("evaluateBackwardMinutes", fields.integer("evaluateBackwardMinutes", 2, 10));
}

export function queryRule(fields: Fields, out: Written): void {
  out.put("query", fields.needed("query", { least: 1, most: limits.expression }));
  out.keep("legend", fields.text("legend", { most: limits.legend }));
  thresholds(fields, out, {});
  out.keep("evaluateBackwardMinutes", fields.integer("evaluateBackwardMinutes", 0, 10));
}

export function anomalyRule(fields: Fields, out: Written): void {
  const roles = scopeList(fields, "scopes");
  if (!roles || roles.length === 0) fields.problem("scopes", "must name a role, as service:role");
  for (const [index, text] of (roles ?? []).entries())
    if (scopeOfText(text) && scopeOfText(text)?.role === undefined) fields.problem(`scopes.${index}`, "must be a role: service:role");
  out.put("scopes", roles ?? []);
  const levels = (["warningSensitivity", "criticalSensitivity"] as const).map((key) => {
    const level = fields.get(key) === undefined || fields.get(key) === "" ? undefined : fields.choice(key, sensitivities);
    out.keep(key, level);
    return level;
  });
  if (levels.every((level) => level === undefined)) fields.problem("warningSensitivity", "one of the two sensitivities must be given");
  out.keep("maxCheckAttempts", attemptsOf(fields));
  if (fields.get("trainingPeriodFrom") !== 0) out.keep("trainingPeriodFrom", fields.integer("trainingPeriodFrom", 0, 4_294_967_295));
}

interface ThresholdRule {
  readonly least?: number;
  readonly most?: number;
  /** Something else of the rule may raise an alert. */
  readonly isOptional?: boolean;
}

function thresholds(fields: Fields, out: Written, { least, most, isOptional = false }: ThresholdRule): void {
  if (fields.get("operator") === undefined) fields.problem("operator", "must be given");
  else out.put("operator", fields.choice("operator", [">", "<"]));
  const found = [out.threshold("warning", least, most), out.threshold("critical", least, most)];
  const isThere = ["warning", "critical"].some((key) => fields.get(key) !== undefined);
  if (!isOptional && !isThere && found.every((value) => value === undefined))
    fields.problem("warning", "warning or critical must be a number");
}

function counts(fields: Fields, out: Written): void {
  // Go's clients leave a zero out; others may write it.
  out.keep("duration", fields.get("duration") === 0 ? undefined : fields.integer("duration", 1, limits.duration));
  out.keep("maxCheckAttempts", attemptsOf(fields));
}

export const attemptsOf = (fields: Fields): number | undefined =>
  fields.get("maxCheckAttempts") === 0 ? undefined : fields.integer("maxCheckAttempts", 1, limits.attempts);

function scopes(fields: Fields, out: Written): void {
  out.keep("scopes", scopeList(fields, "scopes"));
  out.keep("excludeScopes", scopeList(fields, "excludeScopes"));
}

function scopeList(fields: Fields, key: string): string[] | undefined {
  const texts = fields.texts(key, limits.scopes, { least: 2, most: limits.scope });
  for (const [index, text] of (texts ?? []).entries())
    if (!scopeOfText(text)) fields.problem(`${key}.${index}`, "must be a service, or a role as service:role");
  return texts;
}
