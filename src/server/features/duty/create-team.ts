import { HinobanError, invalidInput } from "#base/errors";
import { newId } from "#base/ids";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import type { Deps } from "#store";
import type { Team, TeamInput } from "#wire/duty";
import { dutyLimits } from "#wire/duty-shapes";
import { acting, demandPeople, organisationOf, uniquely, type Act } from "./act.ts";
import { readTeam } from "./teams.ts";

/** @throws "forbidden", "invalid-input", "conflict" when the name is taken */
export function createTeam(deps: Deps, actor: Actor, input: TeamInput): Promise<Team> {
  return acting(deps, actor, organisationOf(actor), async ({ tx, at }) => {
    const { count } = await tx
      .selectFrom("duty_team")
      .select((of) => of.fn.countAll<number>().as("count"))
      .where("deleted_at", "is", null)
      .executeTakeFirstOrThrow();
    if (count >= dutyLimits.teams) throw new HinobanError("conflict", `An organisation has at most ${dutyLimits.teams} teams.`);
    const id = newId();
    checkLead(input);
    await demandPeople(tx, input.memberIds, "memberIds");
    await uniquely(
      tx
        .insertInto("duty_team")
        .values({ id, name: input.name.trim(), memo: input.memo ?? "", lead_id: input.leadId ?? null, created_at: at, deleted_at: null })
        .execute(),
      `There is a team ${input.name} already.`,
    );
    await setMembers({ tx, actor, at }, id, input.memberIds);
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "team.created",
      object: `team:${id}`,
      outcome: "done",
      detail: {},
      texts: { name: input.name.trim() },
    });
    return readTeam(tx, id);
  });
}

/** The lead is one of the members. @throws "invalid-input" */
export function checkLead(input: TeamInput): void {
  if (input.name.trim() === "") throw invalidInput([{ field: "name", problem: "must not be empty" }]);
  if (input.leadId !== undefined && !input.memberIds.includes(input.leadId)) {
    throw invalidInput([{ field: "leadId", problem: "the lead must be a member of the team" }]);
  }
}

export async function setMembers({ tx }: Act, teamId: string, ids: readonly string[]): Promise<void> {
  await tx.deleteFrom("duty_member").where("team_id", "=", teamId).execute();
  if (ids.length === 0) return;
  await tx
    .insertInto("duty_member")
    .values(ids.map((personId, position) => ({ team_id: teamId, person_id: personId, position })))
    .execute();
}
