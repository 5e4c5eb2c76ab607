/**
 * What receivers of Mackerel's webhooks rely on, written down from its documentation and captured payloads: which keys an event may have,
 * which it must have, and what their values look like. Objects are closed: any other key is wrong.
 */

type Check = (value: unknown, path: string) => string[];

const wrong = (path: string, problem: string): string[] => [`${path || "body"} ${problem}`];
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

const text: Check = (value, path) => (typeof value === "string" ? [] : wrong(path, "is no text"));
const flag: Check = (value, path) => (typeof value === "boolean" ? [] : wrong(path, "is neither true nor false"));
const number: Check = (value, path) => (typeof value === "number" && Number.isFinite(value) ? [] : wrong(path, "is no number"));
const integer: Check = (value, path) => (Number.isInteger(value) ? [] : wrong(path, "is no whole number"));
const seconds: Check = (value, path) =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) < 1e11 ? [] : wrong(path, "is no time in seconds");
const milliseconds: Check = (value, path) => (Number.isInteger(value) && Number(value) > 1e11 ? [] : wrong(path, "is no time in ms"));
const address: Check = (value, path) => (typeof value === "string" && URL.canParse(value) ? [] : wrong(path, "is no address"));
const one =
  (...of: readonly string[]): Check =>
  (value, path) =>
    typeof value === "string" && of.includes(value) ? [] : wrong(path, `is none of ${of.join(", ")}`);
const orNull =
  (check: Check): Check =>
  (value, path) =>
    value === null ? [] : check(value, path);
const list =
  (check: Check): Check =>
  (value, path) =>
    Array.isArray(value) ? value.flatMap((item, at) => check(item, `${path}.${at}`)) : wrong(path, "is no list");

function object(needed: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}): Check {
  return (value, path) => {
    if (!isObject(value)) return wrong(path, "is no object");
    const all = { ...needed, ...optional };
    const at = (key: string): string => (path === "" ? key : `${path}.${key}`);
    return [
      ...Object.keys(needed).flatMap((key) => (key in value ? [] : wrong(at(key), "is missing"))),
      ...Object.entries(value).flatMap(([key, member]) => all[key]?.(member, at(key)) ?? wrong(at(key), "is a key that nobody expects")),
    ];
  };
}

const status = one("working", "standby", "maintenance", "poweroff");
const role = object({ fullname: text, serviceName: text, roleName: text, serviceUrl: address, roleUrl: address });
const host = object({ id: text, name: text, url: address, status, isRetired: flag, roles: list(role) }, { memo: text });
const service = object({ id: text, name: text, orgId: text, roles: list(role) }, { memo: text });
const user = orNull(object({ id: text, screenName: text }));
const common = { orgName: text, imageUrl: orNull(address) };

const alertTypes = ["connectivity", "host", "service", "external", "check", "expression", "anomalyDetection"];
const triggers = [
  "monitor",
  "manual close",
  "delete monitor",
  "retire host",
  "delete service",
  "anomaly detection manually retraining",
  "attach external monitoring to a different service",
];

const alert = object(
  {
    id: text,
    url: address,
    status: one("ok", "warning", "critical", "unknown"),
    isOpen: flag,
    trigger: one(...triggers),
    openedAt: seconds,
    closedAt: orNull(seconds),
    createdAt: milliseconds,
    monitorName: text,
  },
  {
    metricLabel: text,
    metricValue: number,
    criticalThreshold: number,
    warningThreshold: number,
    monitorOperator: one(">", "<"),
    duration: integer,
  },
);

const header = object({ name: text, value: text });
const sensitivity = one("insensitive", "normal", "sensitive");
const monitor = object(
  { id: text, type: one(...alertTypes.filter((type) => type !== "check")), name: text, isMute: flag },
  {
    memo: text,
    notificationInterval: integer,
    metric: text,
    operator: one(">", "<"),
    warning: number,
    critical: number,
    duration: integer,
    maxCheckAttempts: integer,
    scopes: list(text),
    excludeScopes: list(text),
    alertStatusOnGone: one("CRITICAL", "WARNING"),
    service: text,
    missingDurationWarning: integer,
    missingDurationCritical: integer,
    url: text,
    method: one("GET", "POST", "PUT", "DELETE"),
    responseTimeWarning: integer,
    responseTimeCritical: integer,
    responseTimeDuration: integer,
    requestBody: text,
    containsString: text,
    headers: list(header),
    followRedirect: flag,
    certificationExpirationWarning: integer,
    certificationExpirationCritical: integer,
    skipCertificateVerification: flag,
    expression: text,
    warningSensitivity: sensitivity,
    criticalSensitivity: sensitivity,
  },
);

const hostEvent = (event: string, more: Readonly<Record<string, Check>> = {}): Check =>
  object({ ...common, event: one(event), user, host, ...more });
const monitorEvent = (event: string): Check => object({ ...common, event: one(event), user, monitor });

const events: Readonly<Record<string, Check>> = {
  alert: object({ ...common, event: one("alert"), user, alert, type: one(...alertTypes), message: text, memo: text }, { host, service }),
  alertGroup: object({
    ...common,
    event: one("alertGroup"),
    alertGroup: object({
      id: text,
      url: address,
      status: one("OK", "WARNING", "CRITICAL", "UNKNOWN"),
      createdAt: seconds,
      closedAt: orNull(seconds),
    }),
    alertGroupSetting: object({ id: text, name: text, url: address }, { memo: text }),
  }),
  hostRegister: hostEvent("hostRegister"),
  hostRetire: hostEvent("hostRetire"),
  hostStatus: hostEvent("hostStatus", { fromStatus: status }),
  monitorCreate: monitorEvent("monitorCreate"),
  monitorUpdate: monitorEvent("monitorUpdate"),
  monitorDelete: monitorEvent("monitorDelete"),
  sample: object({ event: one("sample"), message: one("Sample Notification from Mackerel"), imageUrl: orNull(address) }),
};

/** What is wrong with a body that one of Mackerel's webhooks gets; nothing when a strict receiver takes it. */
export function checkPayload(body: unknown): string[] {
  const event = isObject(body) ? body["event"] : undefined;
  const check = typeof event === "string" ? events[event] : undefined;
  return check ? check(body, "") : [`there is no event ${String(event)}`];
}
