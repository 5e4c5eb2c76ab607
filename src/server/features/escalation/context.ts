import type { Duty } from "#features/duty";
import type { Incidents } from "#features/incidents";
import type { Notify } from "#features/notify";
import type { Deps } from "#store";

/** Announces that a run may be due, or that something of it changed. */
export const escalationTopic = "escalation";
/** Announces to screens that policies or bindings changed. */
export const policiesTopic = "policies";

export interface EscalationLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

export interface EscalationDeps extends Deps {
  readonly incidents: Incidents;
  readonly notify: Notify;
  readonly duty: Duty;
  readonly log: EscalationLog;
}

/** What the parts of the feature are handed. */
export interface EscalationContext extends EscalationDeps {
  /** Something may be due now. */
  wake(): void;
}
