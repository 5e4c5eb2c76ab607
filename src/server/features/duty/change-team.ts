import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import type { Deps } from "#store";
import type { Team, TeamInput } from "#wire/duty";
import { acting, demandPeople, uniquely } from "./act.ts";
import { checkLead, setMembers } from "./create-team.ts";
import { sameList } from "./model.ts";
import { findTeam, memberIds, readTeam } from "./teams.ts";

/** @throws "forbidden", "invalid-input", "not-found", "conflict" when the name is taken */
export function changeTeam(deps: Deps, actor: Actor, id: string, input: TeamInput): Promise<Team> {
  return acting(deps, actor, `team:${id}`, async ({ tx, at }) => {
    await tx.selectFrom("duty_team").select("id").where("id", "=", id).forUpdate().execute();
    const before = await findTeam(tx, id);
    const membersBefore = await memberIds(tx, id);
    checkLead(input);
    await demandPeople(tx, input.memberIds, "memberIds", membersBefore);
    const after = { name: input.name.trim(), memo: input.memo ?? "", lead_id: input.leadId ?? null };
    const fields = [
      ...(after.name === before.name ? [] : ["name"]),
      ...(after.memo === before.memo ? [] : ["memo"]),
      ...(after.lead_id === before.lead_id ? [] : ["lead"]),
      ...(sameList(input.memberIds, membersBefore) ? [] : ["members"]),
    ];
    if (fields.length === 0) return readTeam(tx, id);
    await uniquely(tx.updateTable("duty_team").set(after).where("id", "=", id).execute(), `There is a team ${after.name} already.`);
    if (fields.includes("members")) await setMembers({ tx, actor, at }, id, input.memberIds);
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "team.changed",
      object: `team:${id}`,
      outcome: "done",
      detail: {
        fields,
        ...(fields.includes("members") ? { members: [...input.memberIds] } : {}),
        ...(fields.includes("lead") ? { lead: after.lead_id ?? "" } : {}),
      },
      texts: { name: after.name },
    });
    return readTeam(tx, id);
  });
}
