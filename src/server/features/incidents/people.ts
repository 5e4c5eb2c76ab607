import { HinobanError } from "#base/errors";
import type { Tx } from "#store";

/** Somebody of the organisation, as incidents ask for them. */
export interface Member {
  readonly id: string;
  readonly name: string;
  readonly mayAct: boolean;
}

/** Those of the people who belong to the organisation. */
export async function membersOf(tx: Tx, ids: readonly string[]): Promise<Map<string, Member>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .selectFrom("identity_membership as m")
    .innerJoin("identity_person as p", "p.id", "m.person_id")
    .select(["p.id", "p.name", "p.state", "m.role"])
    .where("m.removed_at", "is", null)
    .where("p.id", "in", ids)
    .execute();
  return new Map(rows.map(({ id, name, state, role }) => [id, { id, name, mayAct: state === "active" && role !== "viewer" }]));
}

/**
 * Somebody who can have an incident.
 * @throws "invalid-input" for somebody who is no member, is suspended or may not act on incidents
 */
export async function demandResponder(tx: Tx, id: string, field: string): Promise<Member> {
  const member = (await membersOf(tx, [id])).get(id);
  if (!member) throw new HinobanError("invalid-input", `${field}: ${id} is no member of this organisation.`, { field, id });
  if (!member.mayAct)
    throw new HinobanError(
      "invalid-input",
      `${field}: ${member.name} may not act on incidents; that takes an active member with the role collaborator or higher.`,
      { field, id },
    );
  return member;
}

/** The name of somebody, former members included; the id when nobody knows it. */
export async function nameOf(tx: Tx, id: string): Promise<string> {
  const row = await tx.selectFrom("identity_person").select("name").where("id", "=", id).executeTakeFirst();
  return row?.name ?? id;
}
