import type { UnixMs } from "#base/duration";
import type { PlacedAlert } from "./alert-rows.ts";
import type { AlertTrigger } from "./model.ts";

/** Who does what nobody does: the ledger's name of it. */
export const alerting = "system:alerting";

/** An alert and how it was before; `before` is undefined for one that opens. */
export interface Touched {
  readonly alert: PlacedAlert;
  readonly before: PlacedAlert | undefined;
}

/** Why alerts changed. */
export interface Told {
  readonly trigger: AlertTrigger;
  /** The person who closed them by hand. */
  readonly by?: string | undefined;
}

export const closed = (alert: PlacedAlert, at: UnixMs, trigger: AlertTrigger, reason?: string): PlacedAlert => ({
  ...alert,
  status: "OK",
  trigger,
  reason: reason ?? null,
  changed_at: at,
  closed_at: at,
});
