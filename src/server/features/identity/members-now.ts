import { sql } from "kysely";
import type { Tx } from "#store";

/** Somebody who may be named by name or address. */
export interface NamedMember {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/** The active members of the organisation in scope. */
export function membersNow(tx: Tx): Promise<NamedMember[]> {
  return tx
    .selectFrom("identity_membership as m")
    .innerJoin("identity_person as p", "p.id", "m.person_id")
    .select(["p.id", "p.name", "p.email"])
    .where("m.organisation_id", "=", sql<string>`hinoban_organisation()`)
    .where("m.removed_at", "is", null)
    .where("p.state", "=", "active")
    .orderBy("p.id")
    .execute();
}
