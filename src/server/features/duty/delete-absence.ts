import { HinobanError } from "#base/errors";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import type { Deps } from "#store";
import { acting, organisationOf } from "./act.ts";
import { lookAgain } from "./schedules.ts";

/** @throws "forbidden", "not-found" */
export function deleteAbsence(deps: Deps, actor: Actor, id: string): Promise<void> {
  return acting(deps, actor, organisationOf(actor), async ({ tx, at }) => {
    const row = await tx.deleteFrom("duty_absence").where("id", "=", id).returningAll().executeTakeFirst();
    if (!row) throw new HinobanError("not-found", `There is no absence ${id}.`, { id });
    await lookAgain(tx, at);
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "absence.deleted",
      object: `person:${row.person_id}`,
      outcome: "done",
      detail: { person: row.person_id, fromAt: row.from_at, toAt: row.to_at },
    });
  });
}
