import { Type, type Static } from "typebox";

/** Mackerel's four. An alert that is OK is closed. */
export const alertStatuses = ["OK", "WARNING", "CRITICAL", "UNKNOWN"] as const;
export const AlertStatus = Type.Union([Type.Literal("OK"), Type.Literal("WARNING"), Type.Literal("CRITICAL"), Type.Literal("UNKNOWN")]);
export type AlertStatus = Static<typeof AlertStatus>;

/** How bad it is for those on duty, from least to most. It decides whether somebody is woken. */
export const severities = ["information", "warning", "error", "critical"] as const;
export const Severity = Type.Union([Type.Literal("information"), Type.Literal("warning"), Type.Literal("error"), Type.Literal("critical")]);
export type Severity = Static<typeof Severity>;
export const isSeverity = (value: unknown): value is Severity => severities.some((one) => one === value);

/** `open`: nobody has it; `taken`: exactly one person has it; `resolved`: over. */
export const IncidentState = Type.Union([Type.Literal("open"), Type.Literal("taken"), Type.Literal("resolved")]);
export type IncidentState = Static<typeof IncidentState>;

/** How somebody acted on an incident: the timeline and the ledger say so. */
export const ActVia = Type.Union([
  Type.Literal("console"),
  Type.Literal("api"),
  Type.Literal("mail"),
  Type.Literal("slack"),
  Type.Literal("mattermost"),
  Type.Literal("phone"),
  Type.Literal("system"),
]);
export type ActVia = Static<typeof ActVia>;

/** What a link or button outside the console can do to an incident. */
export const IncidentAction = Type.Union([Type.Literal("take"), Type.Literal("cannot"), Type.Literal("resolve")]);
export type IncidentAction = Static<typeof IncidentAction>;

/** The ways to reach a person. `sms` goes to their telephone numbers, `push` to the browsers that they allowed it in. */
export const media = ["mail", "chat", "phone", "sms", "push"] as const;
export const Medium = Type.Union([
  Type.Literal("mail"),
  Type.Literal("chat"),
  Type.Literal("phone"),
  Type.Literal("sms"),
  Type.Literal("push"),
]);
export type Medium = Static<typeof Medium>;

/** What finds out: a rule, a check of an agent, another product or a heartbeat, Hinoban itself. */
export type OriginKind = "monitor" | "check" | "source" | "system";

/** Why an alert changed, as Mackerel's logs have it; `source` is ours. */
export type AlertTrigger =
  | "monitoring"
  | "manual"
  | "monitorDelete"
  | "hostRetire"
  | "serviceDelete"
  | "anomalyDetectionManuallyRetraining"
  | "externalMonitoringServiceChange"
  | "source";
