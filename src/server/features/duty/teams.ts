import { HinobanError } from "#base/errors";
import { standingOf } from "#features/identity";
import type { Tx } from "#store";
import type { DutyPerson, Team } from "#wire/duty";

interface TeamRow {
  readonly id: string;
  readonly name: string;
  readonly memo: string;
  readonly lead_id: string | null;
  readonly created_at: number;
}

/** Every team with its members, by name. */
export async function allTeams(tx: Tx): Promise<Team[]> {
  const rows = await tx
    .selectFrom("duty_team")
    .select(["id", "name", "memo", "lead_id", "created_at"])
    .where("deleted_at", "is", null)
    .orderBy("name")
    .execute();
  return withMembers(tx, rows);
}

/** A team that is not deleted. @throws "not-found" */
export async function findTeam(tx: Tx, id: string): Promise<TeamRow> {
  const row = await tx
    .selectFrom("duty_team")
    .select(["id", "name", "memo", "lead_id", "created_at"])
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  if (!row) throw new HinobanError("not-found", `There is no team ${id}.`, { id });
  return row;
}

/** @throws "not-found" */
export async function readTeam(tx: Tx, id: string): Promise<Team> {
  const [team] = await withMembers(tx, [await findTeam(tx, id)]);
  if (!team) throw new HinobanError("not-found", `There is no team ${id}.`, { id });
  return team;
}

/** Ids of a team's members in their order, whatever became of them. */
export async function memberIds(tx: Tx, teamId: string): Promise<string[]> {
  const rows = await tx.selectFrom("duty_member").select("person_id").where("team_id", "=", teamId).orderBy("position").execute();
  return rows.map((row) => row.person_id);
}

async function withMembers(tx: Tx, rows: readonly TeamRow[]): Promise<Team[]> {
  if (rows.length === 0) return [];
  const members = await tx
    .selectFrom("duty_member")
    .select(["team_id", "person_id"])
    .where(
      "team_id",
      "in",
      rows.map((row) => row.id),
    )
    .orderBy("position")
    .execute();
  const people = await peopleNamed(
    tx,
    members.map((member) => member.person_id),
  );
  const byId = new Map(people.map((person) => [person.id, person]));
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    memo: row.memo,
    ...(row.lead_id === null ? {} : { leadId: row.lead_id }),
    members: members.flatMap((member) => (member.team_id === row.id ? (byId.get(member.person_id) ?? []) : [])),
    createdAt: row.created_at,
  }));
}

/** The people of an answer, by name; ids of nobody are left out. */
export async function peopleNamed(tx: Tx, ids: readonly string[]): Promise<DutyPerson[]> {
  const standings = await standingOf(tx, [...new Set(ids)]);
  return [...standings].map(([id, { name, state }]) => ({ id, name, state })).sort((a, b) => a.name.localeCompare(b.name, "ja"));
}
