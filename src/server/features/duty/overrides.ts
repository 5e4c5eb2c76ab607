import type { Tx } from "#store";
import type { Override } from "#wire/duty";
import { unixMs } from "#base/duration";
import type { OverrideRow } from "./store.ts";

export const presentedOverride = (row: OverrideRow): Override => ({
  id: row.id,
  kind: row.kind,
  personId: row.person_id,
  ...(row.instead_of === null ? {} : { insteadOf: row.instead_of }),
  from: unixMs(row.from_at),
  to: unixMs(row.to_at),
  reason: row.reason,
  ...(row.swap_id === null ? {} : { swapId: row.swap_id }),
  createdBy: row.created_by,
  createdAt: row.created_at,
});

/** Overrides that touch a time, in the order in which they were made; index duty_override_by_schedule. */
export async function overridesOf(tx: Tx, scheduleId: string, from: number, to: number): Promise<Override[]> {
  const rows = await tx
    .selectFrom("duty_override")
    .selectAll()
    .where("schedule_id", "=", scheduleId)
    .where("to_at", ">", from)
    .where("from_at", "<", to)
    .orderBy("num")
    .execute();
  return rows.map(presentedOverride);
}
