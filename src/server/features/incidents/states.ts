import type { UnixMs } from "#base/duration";
import type { ActVia, Severity } from "#wire/alerting";
import type { IncidentRow } from "./incident-rows.ts";

/** Pure changes of an incident. Each keeps: taken exactly while somebody has it, resolved exactly while it has a time of that. */

export const resolved = (row: IncidentRow, at: UnixMs, by: string): IncidentRow => ({
  ...row,
  state: "resolved",
  last_responder_id: row.responder_id,
  responder_id: null,
  taken_at: null,
  taken_via: null,
  resolved_at: at,
  resolved_by: by,
  snoozed_until: null,
  settles_at: null,
});

/** @param responderId who has it from now on; undefined: nobody */
export const reopened = (
  row: IncidentRow,
  at: UnixMs,
  { responderId, severity, via }: { readonly responderId: string | undefined; readonly severity: Severity; readonly via: ActVia },
): IncidentRow => ({
  ...row,
  ...holder(responderId, at, via),
  severity,
  resolved_at: null,
  resolved_by: null,
  settles_at: null,
});

/** Hands it to somebody, or to nobody. Whoever is new to it is not to be told later, but now. */
export const handed = (row: IncidentRow, responderId: string | undefined, at: UnixMs, via: ActVia): IncidentRow => ({
  ...row,
  ...holder(responderId, at, via),
  snoozed_until: null,
});

const holder = (responderId: string | undefined, at: UnixMs, via: ActVia) =>
  responderId === undefined
    ? ({ state: "open", responder_id: null, taken_at: null, taken_via: null } as const)
    : ({ state: "taken", responder_id: responderId, taken_at: at, taken_via: via } as const);

/** What is new about a worse one must not sleep on. */
export const raised = (row: IncidentRow, severity: Severity): IncidentRow => ({ ...row, severity, snoozed_until: null });
