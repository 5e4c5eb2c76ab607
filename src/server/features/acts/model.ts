import type { IncidentAction, IncidentState } from "#wire/alerting";
import type { ActStanding } from "#wire/acts";

/** What decides whether a link or button would do something. */
export interface Situation {
  readonly action: IncidentAction;
  readonly state: IncidentState;
  readonly responderId: string | undefined;
  /** Who presses. */
  readonly personId: string;
  /** The permission that the person has now. */
  readonly mayAct: boolean;
  /** The link or button had its effect already. */
  readonly isUsed: boolean;
}

/** `refused`: the person may not, or not any more. */
export type Standing = ActStanding | "refused";

/** What a press would do, or why it would do nothing. What is so now counts before what was once pressed: it tells more. */
export function standingOf({ action, state, responderId, personId, mayAct, isUsed }: Situation): Standing {
  if (!mayAct) return "refused";
  if (state === "resolved") return "resolved";
  const isOthers = responderId !== undefined && responderId !== personId;
  if (action !== "resolve" && isOthers) return "taken";
  if (action === "take" && responderId === personId) return "yours";
  return isUsed ? "used" : "ready";
}
