import { HinobanError } from "#base/errors";
import { fieldsOf, Problems, type Fields } from "#base/fields";
import { mackerelTypes, monitorLimits as limits, monitorTypes, type MonitorSettings, type MonitorType } from "#wire/monitor-settings";
import { anomalyRule, connectivityRule, expressionRule, hostRule, queryRule, serviceRule } from "./parse-metric-rules.ts";
import { externalRule, probeRule } from "./parse-probe-rules.ts";
import { Written } from "./written.ts";

/** Which types a reader takes: Mackerel's clients know nothing of ours. */
export type Dialect = "mackerel" | "own";

/**
 * A monitor's settings out of a JSON value of anybody's. What a client wrote comes back with the same keys and spellings, since `mkr` and
 * Terraform compare; unknown members are left out, and `null` is absent but for thresholds. Knows nothing of which services exist.
 * @param before what a PUT replaces: two keys keep their value when they are left out
 * @throws HinobanError "bad-request" for what is no object, "invalid-input" with every wrong field
 */
export function settingsOf(body: unknown, dialect: Dialect, before?: MonitorSettings): MonitorSettings {
  const problems = new Problems();
  const fields = fieldsOf(body, problems);
  const type = typeOf(fields, dialect);
  if (type === undefined) {
    problems.throwIfAny();
    throw new HinobanError("invalid-input", "type: must be given");
  }
  if (before && before.type !== type) {
    fields.problem("type", `cannot change; it is ${before.type}`);
    problems.throwIfAny();
  }
  const out = new Written(fields);
  out.put("type", type);
  common(fields, out, type);
  readers[type](fields, out, before);
  problems.throwIfAny();
  return out.settings();
}

function typeOf(fields: Fields, dialect: Dialect): MonitorType | undefined {
  if (fields.get("type") === undefined) return fields.problem("type", "must be given");
  return fields.choice("type", dialect === "mackerel" ? mackerelTypes : monitorTypes);
}

type Reader = (fields: Fields, out: Written, before: MonitorSettings | undefined) => void;

const readers: Record<MonitorType, Reader> = {
  host: hostRule,
  connectivity: connectivityRule,
  service: serviceRule,
  external: externalRule,
  expression: expressionRule,
  anomalyDetection: anomalyRule,
  query: queryRule,
  ping: probeRule,
  tcp: probeRule,
  dns: probeRule,
  smtp: probeRule,
  imap: probeRule,
  pop3: probeRule,
  ldap: probeRule,
  ssh: probeRule,
  path: probeRule,
};

function common(fields: Fields, out: Written, type: MonitorType): void {
  const name = fields.text("name", { least: 1, most: limits.name });
  if (name === undefined && type !== "connectivity" && fields.get("name") === undefined) fields.problem("name", "must be given");
  out.put("name", name ?? "connectivity");
  out.keep("memo", fields.text("memo", { most: limits.memo }));
  out.keep("isMute", fields.boolean("isMute"));
  // Go's clients leave a zero out; others may write it for "never".
  const interval = fields.get("notificationInterval") === 0 ? undefined : notificationInterval(fields);
  out.keep("notificationInterval", interval);
}

const notificationInterval = (fields: Fields): number | undefined =>
  fields.integer("notificationInterval", limits.leastNotificationInterval, limits.mostNotificationInterval);
