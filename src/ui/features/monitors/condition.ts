import type { MonitorSettings } from "#wire/monitor-settings";
import { useFormat, type Format } from "#kit/format";
import { useMessages, type Messages } from "#kit/messages";
import { conditionMessages } from "./condition-messages.ts";
import { messages } from "./messages.ts";

type Texts = typeof conditionMessages extends Messages<infer T> ? Messages<T>["en"] : never;
type Words = typeof messages extends Messages<infer T> ? Messages<T>["en"] : never;

interface Limits {
  readonly operator: string;
  readonly warning?: number | null;
  readonly critical?: number | null;
}

const number = (format: Format, value: number): string => format.value(value, "float");

/** `> 80 / 95`: the warning, then the critical threshold. */
function limitsText({ operator, warning, critical }: Limits, format: Format): string {
  const values = [warning, critical].flatMap((value) => (typeof value === "number" ? [number(format, value)] : []));
  return values.length === 0 ? "" : `${operator} ${values.join(" / ")}`;
}

/** What is asked over the network: `example.com:22`, a URL, a name. */
export function addressOf(settings: MonitorSettings): string {
  if (settings.type === "external") return settings.url.replace(/^(https?:\/\/)[^/@]*@/u, "$1");
  if (!("probe" in settings)) return "";
  const { probe } = settings;
  if (probe.kind === "dns") return `${probe.type} ${probe.name}${probe.server === undefined ? "" : ` @${probe.server}`}`;
  const port = "port" in probe && probe.port !== undefined ? `:${probe.port}` : "";
  return `${probe.host}${port}`;
}

function pointedText(settings: Extract<MonitorSettings, { type: "host" | "service" }>, m: Texts, format: Format): string {
  const { duration = 1, maxCheckAttempts = 1, metric } = settings;
  const what = duration > 1 ? m.averaged({ what: metric, count: format.count(duration) }) : metric;
  const limits = limitsText(settings, format);
  const condition = limits === "" ? "" : m.compare({ what, limits });
  const repeated = condition !== "" && maxCheckAttempts > 1 ? m.attempts({ condition, count: format.count(maxCheckAttempts) }) : condition;
  const missing = settings.type === "service" ? [settings.missingDurationWarning, settings.missingDurationCritical] : [];
  const least = missing.flatMap((minutes) => minutes ?? []);
  if (least.length === 0) return repeated;
  const silence = m.missing({ minutes: format.count(Math.min(...least)) });
  return repeated === "" ? `${metric}: ${silence}` : `${repeated} ${m.or} ${silence}`;
}

function probedText(settings: MonitorSettings, m: Texts, format: Format): string {
  if (settings.type !== "external" && !("probe" in settings)) return "";
  const address = addressOf(settings);
  const verdicts = "expectedVerdicts" in settings ? settings.expectedVerdicts : undefined;
  const parts = [verdicts === undefined ? m.answers({ address }) : m.stays({ address, verdict: verdicts.join(", ") })];
  const millis = settings.responseTimeCritical ?? settings.responseTimeWarning;
  if (millis) parts.push(m.responseTime({ millis: format.count(millis) }));
  const days = settings.certificationExpirationWarning ?? settings.certificationExpirationCritical;
  if (typeof days === "number") parts.push(m.certificate({ days: format.count(days) }));
  return parts.join(", ");
}

/** Tells rules in words. */
export function useConditions(): {
  readonly conditionOf: (settings: MonitorSettings) => string;
  readonly scopeOf: (settings: MonitorSettings) => string;
} {
  const m = useMessages(conditionMessages);
  const words = useMessages(messages);
  const format = useFormat();
  return {
    conditionOf: (settings) => conditionText(settings, m, format),
    scopeOf: (settings) => scopeText(settings, words),
  };
}

function conditionText(settings: MonitorSettings, m: Texts, format: Format): string {
  if (settings.type === "host" || settings.type === "service") return pointedText(settings, m, format);
  if (settings.type === "connectivity") return m.gone;
  if (settings.type === "expression") return m.compare({ what: settings.expression, limits: limitsText(settings, format) });
  if (settings.type === "query") return m.compare({ what: settings.query, limits: limitsText(settings, format) });
  return settings.type === "anomalyDetection" ? m.unlike : probedText(settings, m, format);
}

function scopeText(settings: MonitorSettings, m: Words): string {
  if ("service" in settings && settings.service) return settings.service;
  if (!("scopes" in settings)) return "";
  const scopes = settings.scopes ?? [];
  const excluded = "excludeScopes" in settings ? (settings.excludeScopes ?? []) : [];
  const inside = scopes.length === 0 ? m.everyHost : scopes.join(", ");
  return excluded.length === 0 ? inside : `${inside}, ${m.without({ scopes: excluded.join(", ") })}`;
}
