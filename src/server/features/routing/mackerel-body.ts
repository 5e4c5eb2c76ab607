import { toSeconds, type UnixMs } from "#base/duration";
import type { AlertStatus } from "#wire/alerting";
import type { HostStatus } from "#wire/inventory";

/** A JSON object as Mackerel's receivers expect it: published shapes are closed, so no key of ours is ever in it. */
export type Body = Readonly<Record<string, unknown>>;

/** What every body needs to know. */
export interface BodyContext {
  /** Name of the organisation in addresses. */
  readonly orgName: string;
  /** Under which people reach this server, without a slash at its end. */
  readonly publicUrl: string;
}

/** The person who caused it. */
export interface BodyUser {
  readonly id: string;
  readonly screenName: string;
}

export interface BodyRole {
  readonly service: string;
  readonly role: string;
}

export interface BodyHost {
  readonly id: string;
  readonly name: string;
  readonly status: HostStatus;
  readonly memo: string;
  readonly isRetired: boolean;
  readonly roles: readonly BodyRole[];
}

export interface BodyService {
  readonly id: string;
  readonly name: string;
  readonly memo: string;
  readonly orgId: string;
  /** Names of its roles. */
  readonly roles: readonly string[];
}

/** Mackerel's types of alerts that were ever seen in a payload. */
const alertTypes = ["host", "connectivity", "service", "external", "check", "expression", "anomalyDetection"] as const;
export type MackerelAlertType = (typeof alertTypes)[number];

/** Why an alert changed, as payloads say it. */
const triggers = {
  monitoring: "monitor",
  manual: "manual close",
  monitorDelete: "delete monitor",
  hostRetire: "retire host",
  serviceDelete: "delete service",
  anomalyDetectionManuallyRetraining: "anomaly detection manually retraining",
  externalMonitoringServiceChange: "attach external monitoring to a different service",
  source: "monitor",
} as const;

/** An alert at the moment it is told of. */
export interface BodyAlert {
  readonly id: string;
  readonly status: AlertStatus;
  /** One of Mackerel's types, or of ours. */
  readonly type: string;
  readonly trigger: keyof typeof triggers;
  readonly monitorName: string;
  readonly openedAt: UnixMs;
  readonly closedAt: UnixMs | undefined;
  /** What was found, in the words of whoever found it. */
  readonly message: string;
  /** The monitor's. */
  readonly memo: string;
  readonly rule: MetricRule | undefined;
}

/** What was asked of a metric. */
export interface MetricRule {
  readonly label: string;
  /** Undefined when there is none, or a person closed the alert. */
  readonly value: number | undefined;
  readonly operator: string;
  readonly warning: number | undefined;
  readonly critical: number | undefined;
  readonly duration: number;
}

const orgUrl = ({ publicUrl, orgName }: BodyContext, path: string): string => `${publicUrl}/orgs/${encodeURIComponent(orgName)}/${path}`;

/** `event: "alert"`. Neither a host nor a service when the alert has none. */
export function alertBody(
  context: BodyContext,
  alert: BodyAlert,
  of: { readonly host?: BodyHost | undefined; readonly service?: BodyService | undefined },
  { user, imageUrl }: { readonly user: BodyUser | undefined; readonly imageUrl: string | undefined },
): Body {
  const type = mackerelType(alert.type, of.host !== undefined);
  return {
    orgName: context.orgName,
    event: "alert",
    imageUrl: imageUrl ?? null,
    user: user ?? null,
    type,
    message: alertMessage(alert, type),
    memo: alert.memo,
    ...(of.host === undefined ? {} : { host: hostPart(context, of.host) }),
    ...(of.service === undefined || of.host !== undefined ? {} : { service: servicePart(context, of.service) }),
    alert: alertPart(context, alert, type),
  };
}

/** Types that receivers of Mackerel's payloads do not know travel as what they are most like: a look from outside, or a check of a host. */
export function mackerelType(type: string, hasHost: boolean): MackerelAlertType {
  return alertTypes.find((known) => known === type) ?? (hasHost ? "check" : type === "query" ? "expression" : "external");
}

const metricTypes: ReadonlySet<MackerelAlertType> = new Set(["host", "service", "expression"]);

function alertPart(context: BodyContext, alert: BodyAlert, type: MackerelAlertType): Body {
  const { id, status, trigger, monitorName, openedAt, closedAt } = alert;
  return {
    id,
    url: orgUrl(context, `alerts/${id}`),
    status: status.toLowerCase(),
    isOpen: closedAt === undefined,
    trigger: triggers[trigger],
    openedAt: toSeconds(openedAt),
    closedAt: closedAt === undefined ? null : toSeconds(closedAt),
    createdAt: openedAt,
    monitorName,
    ...(metricTypes.has(type) && alert.rule ? rulePart(alert.rule) : {}),
  };
}

function rulePart({ label, value, operator, warning, critical, duration }: MetricRule): Body {
  return {
    metricLabel: label,
    ...(value === undefined ? {} : { metricValue: value }),
    ...(critical === undefined ? {} : { criticalThreshold: critical }),
    ...(warning === undefined ? {} : { warningThreshold: warning }),
    monitorOperator: operator,
    duration,
  };
}

/** The sentence of a payload, by the type of the alert. */
export function alertMessage(alert: BodyAlert, type: MackerelAlertType): string {
  const { status, message, monitorName, rule } = alert;
  if (metricTypes.has(type)) return metricMessage(alert, rule, type === "service" ? (rule?.label ?? monitorName) : monitorName);
  if (type === "check") return `${monitorName} - ${message}`;
  if (type === "anomalyDetection") return message.startsWith(monitorName) ? message : `${monitorName} ${message}`;
  if (status === "OK") return message;
  if (type === "connectivity") return "unreachable";
  // External rules say the bare status in Mackerel's API.
  return /^[2-5]\d\d$/u.test(message) ? `HTTP request failed - status is ${message}` : message;
}

/** A value as sentences have it: no more digits than say something. */
const valueText = (value: number): string => String(Math.abs(value) >= 1000 ? Math.round(value * 10) / 10 : Number(value.toPrecision(4)));

/** `CPU % 6 > 5`; `CPU % 6` once it is over. What was found without a value is told as it was found. */
function metricMessage({ status, message }: BodyAlert, rule: MetricRule | undefined, name: string): string {
  if (rule?.value === undefined) return message;
  const threshold = status === "CRITICAL" ? rule.critical : rule.warning;
  const found = `${name} ${valueText(rule.value)}`;
  return status === "OK" || threshold === undefined ? found : `${found} ${rule.operator} ${threshold}`;
}

function rolePart(context: BodyContext, { service, role }: BodyRole): Body {
  const serviceUrl = orgUrl(context, `services/${encodeURIComponent(service)}`);
  return {
    fullname: `${service}: ${role}`,
    serviceName: service,
    serviceUrl,
    roleName: role,
    roleUrl: `${serviceUrl}#role=${encodeURIComponent(role)}`,
  };
}

const hostPart = (context: BodyContext, host: BodyHost): Body => ({
  id: host.id,
  name: host.name,
  url: orgUrl(context, `hosts/${host.id}`),
  status: host.status,
  memo: host.memo,
  isRetired: host.isRetired,
  roles: host.roles.map((role) => rolePart(context, role)),
});

const servicePart = (context: BodyContext, service: BodyService): Body => ({
  id: service.id,
  name: service.name,
  memo: service.memo,
  orgId: service.orgId,
  roles: service.roles.map((role) => rolePart(context, { service: service.name, role })),
});

/** Alerts that a setting takes together. */
export interface BodyAlertGroup {
  readonly id: string;
  readonly status: AlertStatus;
  readonly createdAt: UnixMs;
  readonly closedAt: UnixMs | undefined;
  readonly setting: { readonly id: string; readonly name: string; readonly memo: string };
}

/** `event: "alertGroup"`. It names no person. */
export function alertGroupBody(context: BodyContext, { id, status, createdAt, closedAt, setting }: BodyAlertGroup): Body {
  return {
    orgName: context.orgName,
    event: "alertGroup",
    imageUrl: null,
    alertGroup: {
      id,
      url: orgUrl(context, `alert-groups/${id}`),
      status,
      createdAt: toSeconds(createdAt),
      closedAt: closedAt === undefined ? null : toSeconds(closedAt),
    },
    alertGroupSetting: {
      id: setting.id,
      name: setting.name,
      memo: setting.memo,
      url: orgUrl(context, `alert-group-settings/${setting.id}`),
    },
  };
}

/** What became of a host. `retired`: the host is told as it was before. */
export type HostEvent = { readonly event: "hostRegister" | "hostRetire" } | { readonly event: "hostStatus"; readonly from: HostStatus };

/** `hostRegister` (which names no person), `hostStatus`, `hostRetire`. */
export function hostBody(context: BodyContext, what: HostEvent, host: BodyHost, user: BodyUser | undefined): Body {
  return {
    orgName: context.orgName,
    event: what.event,
    imageUrl: null,
    user: what.event === "hostRegister" ? null : (user ?? null),
    host: hostPart(context, what.event === "hostRetire" ? { ...host, isRetired: false } : host),
    ...(what.event === "hostStatus" ? { fromStatus: what.from } : {}),
  };
}

export type MonitorEvent = "monitorCreate" | "monitorUpdate" | "monitorDelete";

/** What payloads ever showed of monitors, whatever their type. */
const monitorKeys: ReadonlySet<string> = new Set(
  [
    "id type name memo isMute notificationInterval",
    "metric operator warning critical duration maxCheckAttempts scopes excludeScopes alertStatusOnGone",
    "service missingDurationWarning missingDurationCritical expression warningSensitivity criticalSensitivity",
    "url method responseTimeWarning responseTimeCritical responseTimeDuration requestBody containsString",
    "certificationExpirationWarning certificationExpirationCritical skipCertificateVerification headers followRedirect",
  ].flatMap((keys) => keys.split(" ")),
);

const monitorTypes: ReadonlySet<unknown> = new Set(["host", "connectivity", "service", "external", "expression", "anomalyDetection"]);

/** Whether payloads about monitors of that type exist: of others no receiver knows what to think. */
export const isMackerelMonitor = (monitor: Body): boolean => monitorTypes.has(monitor["type"]);

/**
 * `monitorCreate`, `monitorUpdate`, `monitorDelete`: the monitor as Mackerel's API shows it, without what is unset.
 * @param monitor in the shape of `/api/v0/monitors`
 */
export function monitorBody(context: BodyContext, event: MonitorEvent, monitor: Body, user: BodyUser | undefined): Body {
  const shown = Object.entries(monitor).filter(([key, value]) => monitorKeys.has(key) && value !== null && value !== undefined);
  return {
    orgName: context.orgName,
    event,
    imageUrl: null,
    user: user ?? null,
    monitor: { ...Object.fromEntries(shown.map(([key, value]) => [key, spelled(value)])), isMute: monitor["isMute"] === true },
  };
}

/** Lists of scopes name roles with a space behind the colon, however they were written. */
const spelled = (value: unknown): unknown =>
  Array.isArray(value) ? value.map((one: unknown) => (typeof one === "string" ? one.replace(/^([^:\s]+):\s*/u, "$1: ") : one)) : value;
