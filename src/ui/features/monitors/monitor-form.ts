import type { MonitorSettings, MonitorType, ProbeRule } from "#wire/monitor-settings";

/** What the form holds: numbers as they are typed, empty where nothing is set. */
export interface MonitorValues {
  readonly type: MonitorType;
  readonly name: string;
  readonly memo: string;
  readonly isMute: boolean;
  readonly notificationInterval: string;
  readonly metric: string;
  readonly service: string;
  readonly expression: string;
  readonly operator: ">" | "<";
  readonly warning: string;
  readonly critical: string;
  readonly duration: string;
  readonly maxCheckAttempts: string;
  readonly missingDurationWarning: string;
  readonly missingDurationCritical: string;
  readonly evaluateBackwardMinutes: string;
  readonly scopes: readonly string[];
  readonly excludeScopes: readonly string[];
  readonly alertStatusOnGone: "CRITICAL" | "WARNING";
  readonly warningSensitivity: string;
  readonly criticalSensitivity: string;
  readonly url: string;
  readonly method: string;
  /** `Name: value`, one a line. */
  readonly headers: string;
  readonly requestBody: string;
  readonly containsString: string;
  readonly expectedStatusCode: string;
  readonly followRedirect: boolean;
  readonly skipCertificateVerification: boolean;
  readonly family: string;
  readonly responseTimeWarning: string;
  readonly responseTimeCritical: string;
  readonly responseTimeDuration: string;
  readonly certificationExpirationWarning: string;
  readonly certificationExpirationCritical: string;
  readonly host: string;
  readonly port: string;
  readonly tls: string;
  readonly serverName: string;
  readonly send: string;
  readonly expect: string;
  readonly count: string;
  readonly mostLoss: string;
  readonly dnsName: string;
  readonly dnsType: string;
  readonly dnsServer: string;
  /** One a line. */
  readonly expected: string;
  readonly protocol: string;
  readonly timeoutSeconds: string;
  readonly intervalSeconds: string;
  readonly vantages: readonly string[];
  readonly failsFrom: string;
  readonly expectedVerdict: string;
  readonly hostId: string;
}

const text = (value: unknown): string =>
  typeof value === "string" ? value : typeof value === "number" || typeof value === "boolean" ? String(value) : "";
const linesOf = (value: string): string[] =>
  value
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

const blank: Omit<MonitorValues, "type"> = {
  name: "",
  memo: "",
  isMute: false,
  notificationInterval: "",
  metric: "",
  service: "",
  expression: "",
  operator: ">",
  warning: "",
  critical: "",
  duration: "3",
  maxCheckAttempts: "3",
  missingDurationWarning: "",
  missingDurationCritical: "",
  evaluateBackwardMinutes: "2",
  scopes: [],
  excludeScopes: [],
  alertStatusOnGone: "CRITICAL",
  warningSensitivity: "",
  criticalSensitivity: "normal",
  url: "",
  method: "GET",
  headers: "Cache-Control: no-cache",
  requestBody: "",
  containsString: "",
  expectedStatusCode: "",
  followRedirect: false,
  skipCertificateVerification: false,
  family: "ipv4",
  responseTimeWarning: "",
  responseTimeCritical: "",
  responseTimeDuration: "3",
  certificationExpirationWarning: "",
  certificationExpirationCritical: "",
  host: "",
  port: "",
  tls: "none",
  serverName: "",
  send: "",
  expect: "",
  count: "3",
  mostLoss: "",
  dnsName: "",
  dnsType: "A",
  dnsServer: "",
  expected: "",
  protocol: "auto",
  timeoutSeconds: "15",
  intervalSeconds: "60",
  vantages: ["server"],
  failsFrom: "any",
  expectedVerdict: "ok",
  hostId: "",
};

/** What a new monitor of a type begins with. */
export const newValues = (type: MonitorType): MonitorValues => ({
  ...blank,
  type,
  ...(type === "host" ? { metric: "cpu%", warning: "80", critical: "95" } : {}),
  ...(type === "connectivity" ? { name: "connectivity" } : {}),
});

/** A kept monitor as the form shows it. Whatever has the same name in both is taken over. */
export function valuesOf(settings: MonitorSettings): MonitorValues {
  const given = new Map<string, unknown>(Object.entries(settings));
  const known = Object.entries(blank).map(([key, usual]): [string, unknown] => {
    const value = given.get(key);
    if (Array.isArray(usual)) return [key, value ?? (key === "vantages" ? usual : [])];
    if (typeof usual === "boolean") return [key, value ?? false];
    return [key, given.has(key) ? text(value) : unset(key, usual)];
  });
  const values = Object.fromEntries(known) as unknown as MonitorValues; // the keys are those of `blank`
  return { ...values, type: settings.type, ...specialOf(settings) };
}

/** Choices have a usual value; a number that is not set is not set. */
const choices = new Set([
  "operator",
  "alertStatusOnGone",
  "method",
  "family",
  "tls",
  "dnsType",
  "protocol",
  "failsFrom",
  "expectedVerdict",
]);
const unset = (key: string, usual: unknown): string => (choices.has(key) ? text(usual) : "");

function specialOf(settings: MonitorSettings): Partial<MonitorValues> {
  if (settings.type === "query") return { expression: settings.query };
  if (settings.type === "external")
    return {
      headers: (settings.headers ?? []).map(({ name, value }) => `${name}: ${value}`).join("\n"),
      family: settings.dualstack ?? "ipv4",
    };
  return "probe" in settings ? probeValues(settings) : {};
}

function probeValues({ probe, failsFrom = "any", expectedVerdicts = ["ok"] }: ProbeRule): Partial<MonitorValues> {
  const given = new Map<string, unknown>(Object.entries(probe));
  const take = (key: string, usual = ""): string => (given.has(key) ? text(given.get(key)) : usual);
  return {
    host: take("host"),
    port: take("port"),
    tls: take("tls", "none"),
    serverName: take("serverName"),
    send: take("send"),
    expect: take("expect"),
    count: take("count"),
    mostLoss: take("mostLoss"),
    dnsName: take("name"),
    dnsType: take("type", "A"),
    dnsServer: take("server"),
    expected: probe.kind === "dns" ? (probe.expected ?? []).join("\n") : "",
    protocol: take("protocol", "auto"),
    timeoutSeconds: take("timeoutSeconds"),
    skipCertificateVerification: given.get("skipCertificateVerification") === true,
    family: take("family", "auto"),
    failsFrom: String(failsFrom),
    expectedVerdict: expectedVerdicts[0] ?? "ok",
  };
}

type Draft = Record<string, unknown>;

const numberOr = (value: string, otherwise: unknown): unknown => (value.trim() === "" ? otherwise : Number(value));

/** Sets what has a value. */
function set(draft: Draft, values: MonitorValues, keys: readonly (keyof MonitorValues)[]): void {
  for (const key of keys) {
    const value = values[key];
    if (typeof value === "string" && value.trim() !== "") draft[key] = value.trim();
  }
}

function setNumbers(draft: Draft, values: MonitorValues, keys: readonly (keyof MonitorValues)[]): void {
  for (const key of keys) if (String(values[key]).trim() !== "") draft[key] = Number(values[key]);
}

const thresholds = ({ operator, warning, critical }: MonitorValues): Draft => ({
  operator,
  warning: numberOr(warning, null),
  critical: numberOr(critical, null),
});

/**
 * The settings that the form says. What cannot be is left to the server to tell, field by field.
 * @param before what is edited: what the form does not show stays
 */
export function settingsOf(values: MonitorValues, before?: MonitorSettings): MonitorSettings {
  const draft: Draft = { type: values.type, name: values.name.trim(), memo: values.memo, isMute: values.isMute };
  setNumbers(draft, values, ["notificationInterval"]);
  fill[values.type](draft, values);
  if (before) keepHidden(draft, before);
  return draft as unknown as MonitorSettings; // the server reads it member by member
}

/** What files and the API can say and the form does not ask for. */
function keepHidden(draft: Draft, before: MonitorSettings): void {
  const given = new Map<string, unknown>(Object.entries(before));
  const hidden: Partial<Record<MonitorType, readonly string[]>> = {
    anomalyDetection: ["trainingPeriodFrom"],
    query: ["legend", "evaluateBackwardMinutes"],
  };
  for (const key of hidden[before.type] ?? []) if (given.has(key)) draft[key] = given.get(key);
  if ("probe" in before) keepHiddenProbe(draft, before);
}

function keepHiddenProbe(draft: Draft, { probe, expectedVerdicts = [] }: ProbeRule): void {
  if (probe.kind === "dns" && probe.exactly !== undefined) draft["probe"] = { ...(draft["probe"] as object), exactly: probe.exactly }; // made above
  const chosen = draft["expectedVerdicts"];
  const first: unknown = Array.isArray(chosen) ? chosen[0] : "ok";
  if (expectedVerdicts.length > 1 && expectedVerdicts[0] === first) draft["expectedVerdicts"] = expectedVerdicts;
}

const counted = (draft: Draft, values: MonitorValues): void => {
  Object.assign(draft, thresholds(values));
  setNumbers(draft, values, ["duration", "maxCheckAttempts"]);
};

const fill: Record<MonitorType, (draft: Draft, values: MonitorValues) => void> = {
  host: (draft, values) => {
    draft["metric"] = values.metric.trim();
    counted(draft, values);
    Object.assign(draft, { scopes: values.scopes, excludeScopes: values.excludeScopes });
  },
  connectivity: (draft, { alertStatusOnGone, scopes, excludeScopes }) => {
    Object.assign(draft, { alertStatusOnGone, scopes, excludeScopes });
  },
  service: (draft, values) => {
    Object.assign(draft, { service: values.service, metric: values.metric.trim() });
    counted(draft, values);
    setNumbers(draft, values, ["missingDurationWarning", "missingDurationCritical"]);
  },
  external: fillExternal,
  expression: (draft, values) => {
    Object.assign(draft, { expression: values.expression.trim(), ...thresholds(values) });
    setNumbers(draft, values, ["evaluateBackwardMinutes"]);
  },
  anomalyDetection: (draft, values) => {
    draft["scopes"] = values.scopes;
    set(draft, values, ["warningSensitivity", "criticalSensitivity"]);
    setNumbers(draft, values, ["maxCheckAttempts"]);
  },
  query: (draft, values) => Object.assign(draft, { query: values.expression.trim(), ...thresholds(values) }),
  ping: fillProbe,
  tcp: fillProbe,
  dns: fillProbe,
  smtp: fillProbe,
  imap: fillProbe,
  pop3: fillProbe,
  ldap: fillProbe,
  ssh: fillProbe,
  path: fillProbe,
};

function fillExternal(draft: Draft, values: MonitorValues): void {
  set(draft, values, ["url", "method", "service", "containsString", "requestBody"]);
  setNumbers(draft, values, [
    "maxCheckAttempts",
    "expectedStatusCode",
    "certificationExpirationWarning",
    "certificationExpirationCritical",
  ]);
  if (values.responseTimeWarning !== "" || values.responseTimeCritical !== "")
    setNumbers(draft, values, ["responseTimeWarning", "responseTimeCritical", "responseTimeDuration"]);
  const headers = linesOf(values.headers).map((line) => {
    const at = line.indexOf(":");
    return at < 0 ? { name: line, value: "" } : { name: line.slice(0, at).trim(), value: line.slice(at + 1).trim() };
  });
  const { followRedirect, skipCertificateVerification, family } = values;
  Object.assign(draft, { url: values.url.trim(), headers, followRedirect, skipCertificateVerification, dualstack: family });
}

function fillProbe(draft: Draft, values: MonitorValues): void {
  draft["probe"] = specOf(values);
  Object.assign(draft, { vantages: values.vantages, failsFrom: failsFromOf(values.failsFrom) });
  if (values.expectedVerdict !== "ok") draft["expectedVerdicts"] = [values.expectedVerdict];
  set(draft, values, ["service", "hostId"]);
  setNumbers(draft, values, ["intervalSeconds", "maxCheckAttempts", "responseTimeWarning", "responseTimeCritical"]);
  if (values.responseTimeWarning !== "" || values.responseTimeCritical !== "") setNumbers(draft, values, ["responseTimeDuration"]);
  if (hasCertificate(values)) setNumbers(draft, values, ["certificationExpirationWarning", "certificationExpirationCritical"]);
}

const failsFromOf = (value: string): string | number => (value === "any" || value === "all" ? value : Number(value));

const bannerTypes: readonly string[] = ["smtp", "imap", "pop3", "ldap"];

/** Whether what is asked shows a certificate. */
export const hasCertificate = ({ type, tls }: Pick<MonitorValues, "type" | "tls">): boolean =>
  type === "external" || type === "path" || ((type === "tcp" || bannerTypes.includes(type)) && tls !== "none");

function specOf(values: MonitorValues): Draft {
  const { type } = values;
  const spec: Draft = { kind: type };
  setNumbers(spec, values, ["timeoutSeconds"]);
  if (type === "dns") {
    Object.assign(spec, { name: values.dnsName.trim(), type: values.dnsType });
    if (values.dnsServer.trim() !== "") spec["server"] = values.dnsServer.trim();
    setNumbers(spec, values, ["port"]);
    const expected = linesOf(values.expected);
    if (expected.length > 0) spec["expected"] = expected;
    return spec;
  }
  Object.assign(spec, { host: values.host.trim(), family: values.family });
  if (type === "ping") setNumbers(spec, values, ["count", "mostLoss"]);
  else setNumbers(spec, values, ["port"]);
  if (type === "path") spec["protocol"] = values.protocol;
  if (type === "tcp") set(spec, values, ["send", "expect"]);
  if (type === "tcp" || bannerTypes.includes(type)) spec["tls"] = values.tls;
  if (hasCertificate(values)) set(spec, values, ["serverName"]);
  if (hasCertificate(values) && type !== "path") spec["skipCertificateVerification"] = values.skipCertificateVerification;
  return spec;
}
