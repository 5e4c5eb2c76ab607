import type { UnixMs } from "#base/duration";
import type { ActVia, AlertStatus, AlertTrigger, IncidentState, OriginKind, Severity } from "#wire/alerting";

/**
 * What found out. `monitor`: a rule (id of the monitor); `check`: a check of an agent (id of the check); `source`: another product that
 * reports to us, or a heartbeat that stayed away (id of the source); `system`: Hinoban about itself (`escalation`, `channel:<id>` …).
 */
export interface AlertOrigin {
  readonly kind: OriginKind;
  readonly id: string;
}

/** Something watched is not as it should be, or no longer. The whole truth about it at one moment: reporting the same again changes nothing. */
export interface AlertReport {
  readonly origin: AlertOrigin;
  /** Which of the origin's things, at most 255 characters: at most one alert of (origin, key) is open. A host's id, a series, `""`. */
  readonly key: string;
  /** OK closes. */
  readonly status: AlertStatus;
  /** Absent: what the status says, see {@link severityOf}. */
  readonly severity?: Severity;
  /** Mackerel's type of monitor, `check`, or one of ours: `host`, `external`, `ping`, `alertmanager`, `heartbeat` … */
  readonly type: string;
  /** Name of the monitor, check or rule. */
  readonly name: string;
  /** What was found, one line for people, at most 1024 characters: `CPU % 96.2 > 90`. */
  readonly message: string;
  readonly value?: number;
  readonly hostId?: string;
  readonly serviceId?: string;
  /** What was asked of it at that moment, for payloads and pages: metric, operator, thresholds, duration, labels, links. JSON. */
  readonly detail?: Readonly<Record<string, unknown>>;
  /** When it was observed; absent: now. Only shown, never used for ordering. */
  readonly observedAt?: UnixMs;
  /** The monitor is muted: the alert exists, nobody is told, and no incident is made of it. */
  readonly isMuted?: boolean;
  /** What the origin itself says belongs together, such as Alertmanager's groupKey: alerts of one origin and group form one incident. */
  readonly group?: string;
  /** The host cannot be reached: alerts of hosts that depend on it are no news. Absent: true for `connectivity` and `ping`. */
  readonly meansDown?: boolean;
}

/** What became of one report. */
export interface AlertOutcome {
  readonly effect: "opened" | "changed" | "closed" | "repeated" | "none";
  /** Absent when there was nothing to close. */
  readonly alertId?: string;
  /** The incident that the alert belongs to, when it has one. */
  readonly incidentId?: string;
}

export type { AlertTrigger };

/** An alert as listeners inside the transaction are handed it. */
export interface AlertFacts {
  readonly id: string;
  readonly origin: AlertOrigin;
  readonly key: string;
  readonly status: AlertStatus;
  readonly severity: Severity;
  readonly type: string;
  readonly name: string;
  readonly message: string;
  readonly value: number | undefined;
  readonly hostId: string | undefined;
  readonly serviceId: string | undefined;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly isMuted: boolean;
  readonly openedAt: UnixMs;
  readonly closedAt: UnixMs | undefined;
  readonly incidentId: string | undefined;
  /** The host that is down and on which this alert's host depends: nobody is to be told of the alert by itself. */
  readonly inhibitedBy?: string;
}

export interface AlertChange {
  readonly alert: AlertFacts;
  readonly effect: "opened" | "changed" | "closed";
  /** The status before; OK for one that was just opened. The same as now when it is told for another reason: no longer muted or inhibited. */
  readonly from: AlertStatus;
  readonly trigger: AlertTrigger;
  /** Whether it had been CRITICAL at any time. */
  readonly wasCritical: boolean;
  /** The person who closed it by hand. */
  readonly by: string | undefined;
}

/** An incident as listeners inside the transaction are handed it. */
export interface IncidentFacts {
  readonly id: string;
  /** 1, 2, 3 … within the organisation. */
  readonly number: number;
  readonly title: string;
  readonly severity: Severity;
  readonly state: IncidentState;
  readonly responderId: string | undefined;
  readonly openedAt: UnixMs;
  /** Set while nobody is to be disturbed about it. */
  readonly snoozedUntil: UnixMs | undefined;
  /** Counts every change: conditional updates name it. */
  readonly version: number;
  /** Services of its alerts: whose escalation policy holds. Sorted; empty when none is known. */
  readonly serviceIds: readonly string[];
  /** It is resolved because this incident took over its alerts. */
  readonly mergedInto?: string;
  /** Its alerts come and go: it ends only after they were quiet for a while. */
  readonly isFlapping?: boolean;
}

export type IncidentEffect =
  | "opened"
  | "joined" // another alert
  | "severity-raised"
  | "taken"
  | "passed" // to somebody else, who has it from now on
  | "declined" // somebody who was asked cannot: the next one, at once
  | "released" // the responder gave it back: nobody has it
  | "snoozed"
  | "woken" // the snooze is over
  | "resolved"
  | "reopened"
  | "commented";

export interface IncidentChange {
  readonly incident: IncidentFacts;
  readonly effect: IncidentEffect;
  /** Ledger's name of who did it: `person:<id>`, `key:<id>`, `system:<name>`. */
  readonly by: string;
  readonly via: ActVia;
  /** The person concerned: who took, declined, was passed to. */
  readonly personId: string | undefined;
  /** The responder before. */
  readonly fromPersonId: string | undefined;
}

/**
 * The severity that a status has when its origin says nothing better.
 * @throws never; OK counts as information
 */
export function severityOf(status: AlertStatus): Severity {
  switch (status) {
    case "CRITICAL":
      return "critical";
    case "UNKNOWN":
      return "error";
    case "WARNING":
      return "warning";
    case "OK":
      return "information";
  }
}
