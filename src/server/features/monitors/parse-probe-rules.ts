import { HinobanError } from "#base/errors";
import type { Fields } from "#base/fields";
import { checker } from "#http";
import { monitorLimits as limits, ProbeRule, type ExternalRule, type MonitorSettings } from "#wire/monitor-settings";
import { attemptsOf } from "./parse-metric-rules.ts";
import type { Written } from "./written.ts";

const noCache = [{ name: "Cache-Control", value: "no-cache" }];

/** A rule that asks a URL. A number or text that is zero or empty is one that a client left unset. */
export function externalRule(fields: Fields, out: Written, before: MonitorSettings | undefined): void {
  const url = fields.needed("url", { least: 1, most: limits.url });
  if (url !== "" && !isHttp(url)) fields.problem("url", "must begin with http:// or https:// and name a host");
  out.put("url", url);
  out.keep(
    "method",
    fields.get("method") === "" ? undefined : fields.get("method") && fields.choice("method", ["GET", "POST", "PUT", "DELETE"]),
  );
  out.keep("service", fields.get("service") === "" ? undefined : fields.text("service", { most: 63 }));
  out.keep("maxCheckAttempts", attemptsOf(fields));
  responseTimes(fields, out);
  out.keep("containsString", fields.text("containsString", { most: limits.text }));
  for (const key of ["certificationExpirationWarning", "certificationExpirationCritical"])
    out.keep(key, fields.integer(key, 0, limits.certificate));
  out.keep("skipCertificateVerification", fields.boolean("skipCertificateVerification"));
  out.keep("expectedStatusCode", positive(fields, "expectedStatusCode", 100, 599));
  out.put("headers", headersOf(fields, before));
  out.keep("requestBody", fields.text("requestBody", { most: limits.body }));
  out.keep("followRedirect", fields.boolean("followRedirect"));
  out.keep(
    "dualstack",
    fields.get("dualstack") === "" ? undefined : fields.get("dualstack") && fields.choice("dualstack", ["ipv4", "ipv6", "auto"]),
  );
}

function responseTimes(fields: Fields, out: Written): void {
  const found = (["responseTimeWarning", "responseTimeCritical"] as const).map((key) => {
    const millis = fields.get(key) === 0 ? undefined : fields.number(key, 1);
    out.keep(key, millis);
    return millis;
  });
  const duration = positive(fields, "responseTimeDuration", 1, limits.duration);
  out.keep("responseTimeDuration", duration);
  const isWanted = found.some((millis) => millis !== undefined);
  if (isWanted && !fields.get("service"))
    fields.problem("service", "must be given where the response time is watched: it keeps the metric");
  if (isWanted && duration === undefined && !fields.get("responseTimeDuration"))
    fields.problem("responseTimeDuration", "must be given where the response time is watched");
}

const positive = (fields: Fields, key: string, least: number, most: number): number | undefined =>
  fields.get(key) === 0 ? undefined : fields.integer(key, least, most);

/** Left out they stay, on a new rule they are Mackerel's default; an empty list removes them. */
function headersOf(fields: Fields, before: MonitorSettings | undefined): ExternalRule["headers"] {
  if (fields.get("headers") === undefined) return (before?.type === "external" ? before.headers : undefined) ?? noCache;
  return fields.objects("headers", limits.headers, (header) => {
    const name = header.needed("name", { least: 1, most: limits.headerName });
    const value = header.text("value", { most: limits.headerValue }) ?? "";
    if (name !== "" && !isHeaderName(name)) header.problem("name", "must be the name of an HTTP header");
    if (!isHeaderValue(value)) header.problem("value", "must have no line breaks");
    return { name, value };
  });
}

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/u;
const headerValue = /^[^\r\n\0]*$/u;
const isHeaderName = (text: string): boolean => headerName.test(text);
const isHeaderValue = (text: string): boolean => headerValue.test(text);

function isHttp(text: string): boolean {
  if (!/^https?:\/\/[^\s]+$/iu.test(text)) return false;
  try {
    return new URL(text).hostname !== "";
  } catch {
    return false;
  }
}

const checks = new Map(ProbeRule.anyOf.map((schema) => [schema.properties.type.const, checker(schema, "body")]));
const probeKeys = [
  "probe",
  "vantages",
  "failsFrom",
  "expectedVerdicts",
  "hostId",
  "service",
  "intervalSeconds",
  "maxCheckAttempts",
  "responseTimeWarning",
  "responseTimeCritical",
  "responseTimeDuration",
  "certificationExpirationWarning",
  "certificationExpirationCritical",
] as const;

/** One of our own kinds: its schema says everything. */
export function probeRule(fields: Fields, out: Written): void {
  for (const key of probeKeys) out.keep(key, fields.get(key));
  const rule = out.settings();
  const kind = "probe" in rule ? (rule.probe?.kind ?? "") : "";
  if (kind !== rule.type) {
    fields.problem("probe.kind", `must be ${rule.type}, as the type`);
    return;
  }
  try {
    checks.get(rule.type)?.(rule);
  } catch (error) {
    for (const { field, problem } of problemsOf(error)) fields.problem(field, problem);
  }
}

function problemsOf(error: unknown): readonly { readonly field: string; readonly problem: string }[] {
  const found = error instanceof HinobanError ? error.facts["fields"] : undefined;
  if (!Array.isArray(found)) throw error;
  return found as readonly { field: string; problem: string }[]; // made by the checker
}
