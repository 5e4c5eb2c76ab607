import { sql } from "kysely";
import type { Tx } from "#store";
import type { PersonState } from "#wire/identity";

/** How a person stands to the organisation in scope: `left` also when only this organisation was left. */
export interface Standing {
  readonly name: string;
  readonly state: PersonState;
}

/** The standing of each person that the organisation ever had; others are absent from the answer. */
export async function standingOf(tx: Tx, personIds: readonly string[]): Promise<ReadonlyMap<string, Standing>> {
  if (personIds.length === 0) return new Map();
  const rows = await tx
    .selectFrom("identity_person as p")
    .leftJoin("identity_membership as m", (join) =>
      join
        .onRef("m.person_id", "=", "p.id")
        .on("m.removed_at", "is", null)
        .on("m.organisation_id", "=", sql<string>`hinoban_organisation()`),
    )
    .select(["p.id", "p.name", "p.state", "m.joined_at"])
    .where("p.id", "in", personIds)
    .execute();
  return new Map(rows.map((row) => [row.id, { name: row.name, state: row.joined_at === null ? "left" : row.state }]));
}
