import type { Selectable } from "kysely";
import { HinobanError } from "#base/errors";
import type { Actor } from "#http";
import type { Tx } from "#store";
import type { Swap } from "#wire/duty";
import type { DutySwapTable } from "./tables.ts";

export type SwapRow = Selectable<DutySwapTable>;

export const presentedSwap = (row: SwapRow): Swap => ({
  id: row.id,
  scheduleId: row.schedule_id,
  personId: row.person_id,
  give: { from: row.give_from, to: row.give_to },
  otherId: row.other_id,
  ...(row.take_from === null || row.take_to === null ? {} : { take: { from: row.take_from, to: row.take_to } }),
  reason: row.reason,
  state: row.state,
  acceptedBy: [...(row.person_accepted_at === null ? [] : [row.person_id]), ...(row.other_accepted_at === null ? [] : [row.other_id])],
  createdBy: row.created_by,
  createdAt: row.created_at,
  ...(row.decided_at === null ? {} : { decidedAt: row.decided_at }),
});

const mostListed = 200;

/** Newest first. */
export async function listSwaps(
  tx: Tx,
  query: { readonly scheduleId?: string | undefined; readonly includeDecided: boolean; readonly since: number },
): Promise<Swap[]> {
  let found = tx
    .selectFrom("duty_swap as s")
    .innerJoin("duty_schedule as d", (join) => join.onRef("d.id", "=", "s.schedule_id").on("d.deleted_at", "is", null))
    .selectAll("s")
    .where("s.created_at", ">=", query.since);
  if (query.scheduleId !== undefined) found = found.where("s.schedule_id", "=", query.scheduleId);
  if (!query.includeDecided) found = found.where("s.state", "=", "proposed");
  const rows = await found.orderBy("s.created_at", "desc").orderBy("s.id").limit(mostListed).execute();
  return rows.map(presentedSwap);
}

/** A swap that waits for an answer, locked. @throws "not-found", "conflict" when it was decided already */
export async function lockProposed(tx: Tx, id: string): Promise<SwapRow> {
  const row = await tx.selectFrom("duty_swap").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
  if (!row) throw new HinobanError("not-found", `There is no swap ${id}.`, { id });
  if (row.state !== "proposed") throw new HinobanError("conflict", `The swap was ${row.state} already.`, { id, state: row.state });
  return row;
}

/** The one of the two who acts. @throws "forbidden" for anybody else: nobody accepts or declines for others */
export function partyOf(row: SwapRow, actor: Actor): string {
  if (actor.kind === "person" && (actor.personId === row.person_id || actor.personId === row.other_id)) return actor.personId;
  throw new HinobanError("forbidden", "Only the two people who swap may answer.", {
    permission: "duty.change",
    object: `swap:${row.id}`,
    rule: "own-swap",
    missing: ["rule"],
  });
}
