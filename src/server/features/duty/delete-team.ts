import { HinobanError } from "#base/errors";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import type { Deps } from "#store";
import { acting } from "./act.ts";

/** Deletes a team; its people and schedules stay. @throws "forbidden", "not-found" */
export function deleteTeam(deps: Deps, actor: Actor, id: string): Promise<void> {
  return acting(deps, actor, `team:${id}`, async ({ tx, at }) => {
    const row = await tx
      .updateTable("duty_team")
      .set({ deleted_at: at })
      .where("id", "=", id)
      .where("deleted_at", "is", null)
      .returning("name")
      .executeTakeFirst();
    if (!row) throw new HinobanError("not-found", `There is no team ${id}.`, { id });
    await tx.updateTable("duty_schedule").set({ team_id: null }).where("team_id", "=", id).execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "team.deleted",
      object: `team:${id}`,
      outcome: "done",
      detail: {},
      texts: { name: row.name },
    });
  });
}
