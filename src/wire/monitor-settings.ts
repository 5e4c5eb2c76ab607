import { Type, type Static } from "typebox";
import { Verdict } from "./probe-outcomes.ts";
import {
  DnsSpec,
  FailsFrom,
  ImapSpec,
  LdapSpec,
  mostVantages,
  PathSpec,
  PingSpec,
  Pop3Spec,
  SmtpSpec,
  SshSpec,
  TcpSpec,
  Vantage,
} from "./probe-specs.ts";
import { Id } from "./shapes.ts";

/** Mackerel's types of monitors, in the order of its lists. */
export const mackerelTypes = ["anomalyDetection", "connectivity", "expression", "external", "host", "query", "service"] as const;
/** What somebody asks from outside, over the network: Mackerel's `external` is one of them too. */
export const probeTypes = ["ping", "tcp", "dns", "smtp", "imap", "pop3", "ldap", "ssh", "path"] as const;
export const monitorTypes = [...mackerelTypes, ...probeTypes] as const;
export type MonitorType = (typeof monitorTypes)[number];

/** Lengths in characters, numbers of entries, and Mackerel's bounds. */
export const monitorLimits = {
  name: 255,
  memo: 2048,
  metric: 255,
  scopes: 200,
  scope: 130,
  url: 2048,
  text: 1024,
  body: 65_536,
  headers: 50,
  headerName: 255,
  headerValue: 4096,
  expression: 10_000,
  legend: 1000,
  /** Points. */
  duration: 10,
  attempts: 10,
  /** Minutes. */
  leastNotificationInterval: 10,
  mostNotificationInterval: 525_600,
  /** Minutes: a week. */
  mostMissing: 10_080,
  missingStep: 10,
  /** Milliseconds. */
  responseTime: 600_000,
  /** Days. */
  certificate: 3650,
  leastIntervalSeconds: 10,
  mostIntervalSeconds: 3600,
} as const;

/** The shares that are computed of what a host posts. */
export const rateMetrics = ["cpu%", "memory%", "disk%", "swap%", "container-cpu%", "container-memory%"] as const;

const choice = <const T extends string>(values: readonly T[]) => Type.Enum([...values]);
const whole = (minimum: number, maximum: number) => Type.Integer({ minimum, maximum });
const orNull = <T extends ReturnType<typeof Type.Number> | ReturnType<typeof Type.Integer>>(of: T) => Type.Union([of, Type.Null()]);
const optional = Type.Optional;

const Threshold = optional(orNull(Type.Number()));
const Operator = choice([">", "<"]);
const Scopes = optional(
  Type.Array(Type.String({ maxLength: monitorLimits.scope, description: "service or service:role" }), { maxItems: monitorLimits.scopes }),
);
const Duration = optional(whole(1, monitorLimits.duration));
const Attempts = optional(whole(1, monitorLimits.attempts));

const common = {
  name: Type.String({ minLength: 1, maxLength: monitorLimits.name }),
  memo: optional(Type.String({ maxLength: monitorLimits.memo })),
  isMute: optional(Type.Boolean()),
  /** Minutes; absent: an alert is never sent again. */
  notificationInterval: optional(whole(monitorLimits.leastNotificationInterval, monitorLimits.mostNotificationInterval)),
};

/** Fields have Mackerel's names, so that both interfaces and every file that people keep mean the same. */
export const HostRule = Type.Object({
  type: Type.Literal("host"),
  ...common,
  metric: Type.String({ minLength: 1, maxLength: monitorLimits.metric }),
  operator: Operator,
  warning: Threshold,
  critical: Threshold,
  duration: Duration,
  maxCheckAttempts: Attempts,
  scopes: Scopes,
  excludeScopes: Scopes,
});
export type HostRule = Static<typeof HostRule>;

export const ConnectivityRule = Type.Object({
  type: Type.Literal("connectivity"),
  ...common,
  alertStatusOnGone: optional(choice(["CRITICAL", "WARNING"])),
  scopes: Scopes,
  excludeScopes: Scopes,
});
export type ConnectivityRule = Static<typeof ConnectivityRule>;

const Missing = optional(orNull(whole(monitorLimits.missingStep, monitorLimits.mostMissing)));

export const ServiceRule = Type.Object({
  type: Type.Literal("service"),
  ...common,
  service: Type.String({ minLength: 1, maxLength: 63 }),
  metric: Type.String({ minLength: 1, maxLength: monitorLimits.metric }),
  operator: Operator,
  warning: Threshold,
  critical: Threshold,
  duration: Duration,
  maxCheckAttempts: Attempts,
  /** Minutes without points. */
  missingDurationWarning: Missing,
  missingDurationCritical: Missing,
});
export type ServiceRule = Static<typeof ServiceRule>;

const ResponseTime = optional(orNull(whole(1, monitorLimits.responseTime)));
const CertificateDays = optional(orNull(whole(0, monitorLimits.certificate)));

export const ExternalRule = Type.Object({
  type: Type.Literal("external"),
  ...common,
  url: Type.String({ minLength: 1, maxLength: monitorLimits.url }),
  method: optional(choice(["GET", "POST", "PUT", "DELETE"])),
  /** Keeps the response time as a metric of this service. */
  service: optional(Type.Union([Type.String({ maxLength: 63 }), Type.Null()])),
  maxCheckAttempts: Attempts,
  responseTimeWarning: ResponseTime,
  responseTimeCritical: ResponseTime,
  responseTimeDuration: optional(orNull(whole(1, monitorLimits.duration))),
  containsString: optional(Type.Union([Type.String({ maxLength: monitorLimits.text }), Type.Null()])),
  certificationExpirationWarning: CertificateDays,
  certificationExpirationCritical: CertificateDays,
  skipCertificateVerification: optional(Type.Boolean()),
  expectedStatusCode: optional(orNull(whole(100, 599))),
  headers: optional(Type.Array(Type.Object({ name: Type.String(), value: Type.String() }), { maxItems: monitorLimits.headers })),
  requestBody: optional(Type.Union([Type.String({ maxLength: monitorLimits.body }), Type.Null()])),
  followRedirect: optional(Type.Boolean()),
  dualstack: optional(choice(["ipv4", "ipv6", "auto"])),
});
export type ExternalRule = Static<typeof ExternalRule>;

export const ExpressionRule = Type.Object({
  type: Type.Literal("expression"),
  ...common,
  expression: Type.String({ minLength: 1, maxLength: monitorLimits.expression }),
  operator: Operator,
  warning: Threshold,
  critical: Threshold,
  evaluateBackwardMinutes: optional(whole(2, 10)),
});
export type ExpressionRule = Static<typeof ExpressionRule>;

export const sensitivities = ["insensitive", "normal", "sensitive"] as const;
const Sensitivity = optional(Type.Union([choice(sensitivities), Type.Null()]));

export const AnomalyRule = Type.Object({
  type: Type.Literal("anomalyDetection"),
  ...common,
  scopes: Type.Array(Type.String({ maxLength: monitorLimits.scope }), { minItems: 1, maxItems: monitorLimits.scopes }),
  warningSensitivity: Sensitivity,
  criticalSensitivity: Sensitivity,
  maxCheckAttempts: Attempts,
  /** Unix seconds: nothing before it is learnt from. */
  trainingPeriodFrom: optional(orNull(Type.Integer({ minimum: 0 }))),
});
export type AnomalyRule = Static<typeof AnomalyRule>;

export const QueryRule = Type.Object({
  type: Type.Literal("query"),
  ...common,
  query: Type.String({ minLength: 1, maxLength: monitorLimits.expression }),
  legend: optional(Type.String({ maxLength: monitorLimits.legend })),
  operator: Operator,
  warning: Threshold,
  critical: Threshold,
  evaluateBackwardMinutes: optional(whole(0, 10)),
});
export type QueryRule = Static<typeof QueryRule>;

/** What somebody asks over the network. `probe` says what is asked, its `kind` is the monitor's type. */
const probing = {
  ...common,
  /** From where it is asked; the server when absent. */
  vantages: optional(Type.Array(Vantage, { minItems: 1, maxItems: mostVantages })),
  /** `any` when absent. */
  failsFrom: optional(FailsFrom),
  /** How a probe that is right ends; `["ok"]` when absent. Others watch that a way stays closed. */
  expectedVerdicts: optional(Type.Array(Verdict, { minItems: 1, maxItems: 10 })),
  /** The host that is asked, if it is one of ours: its alerts are then alerts of that host. */
  hostId: optional(Id),
  /** The service that the alerts belong to; keeps the response time as its metric. */
  service: optional(Type.String({ maxLength: 63 })),
  /** 60 when absent. */
  intervalSeconds: optional(whole(monitorLimits.leastIntervalSeconds, monitorLimits.mostIntervalSeconds)),
  maxCheckAttempts: Attempts,
  responseTimeWarning: optional(whole(1, monitorLimits.responseTime)),
  responseTimeCritical: optional(whole(1, monitorLimits.responseTime)),
  /** How many answers are averaged; 3 when absent. */
  responseTimeDuration: optional(whole(1, monitorLimits.duration)),
  /** Days, where the answer shows a certificate. */
  certificationExpirationWarning: optional(whole(0, monitorLimits.certificate)),
  certificationExpirationCritical: optional(whole(0, monitorLimits.certificate)),
};

const ping = Type.Object({ type: Type.Literal("ping"), ...probing, probe: PingSpec });
const tcp = Type.Object({ type: Type.Literal("tcp"), ...probing, probe: TcpSpec });
const dns = Type.Object({ type: Type.Literal("dns"), ...probing, probe: DnsSpec });
const smtp = Type.Object({ type: Type.Literal("smtp"), ...probing, probe: SmtpSpec });
const imap = Type.Object({ type: Type.Literal("imap"), ...probing, probe: ImapSpec });
const pop3 = Type.Object({ type: Type.Literal("pop3"), ...probing, probe: Pop3Spec });
const ldap = Type.Object({ type: Type.Literal("ldap"), ...probing, probe: LdapSpec });
const ssh = Type.Object({ type: Type.Literal("ssh"), ...probing, probe: SshSpec });
const path = Type.Object({ type: Type.Literal("path"), ...probing, probe: PathSpec });

/** Types that are ours alone; Mackerel's clients never see them. */
export const ProbeRule = Type.Union([ping, tcp, dns, smtp, imap, pop3, ldap, ssh, path]);
export type ProbeRule = Static<typeof ProbeRule>;

/** Everything that somebody sets of a monitor. */
export const MonitorSettings = Type.Union([
  HostRule,
  ConnectivityRule,
  ServiceRule,
  ExternalRule,
  ExpressionRule,
  AnomalyRule,
  QueryRule,
  ping,
  tcp,
  dns,
  smtp,
  imap,
  pop3,
  ldap,
  ssh,
  path,
]);
export type MonitorSettings = Static<typeof MonitorSettings>;
