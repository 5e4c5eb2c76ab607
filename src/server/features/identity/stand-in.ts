import { sql } from "kysely";
import type { Actor } from "#http";
import type { Tx } from "#store";
import type { Language } from "#wire/shapes";

/** Somebody who acts without a session: by a link that was sent to them, or from a chat account that is theirs. */
export interface StandIn {
  readonly actor: Extract<Actor, { kind: "person" }>;
  readonly name: string;
  readonly language: Language;
  readonly timeZone: string;
}

/**
 * The person as an actor of the transaction's organisation, with the role and the state that they have now; without a role when they are
 * no member any more, which `demand` refuses. Undefined for somebody who never was one.
 * @param address from where they came; undefined when another product speaks for them, whose address says nothing about where they are
 */
export async function standInFor(tx: Tx, personId: string, address: string | undefined): Promise<StandIn | undefined> {
  const row = await tx
    .selectFrom("identity_membership as m")
    .innerJoin("identity_person as p", "p.id", "m.person_id")
    .innerJoin("identity_organisation as o", "o.id", "m.organisation_id")
    .select(["m.organisation_id", "m.role", "m.removed_at", "p.state", "p.name", "p.language", "p.time_zone", "o.web_networks"])
    .where("m.organisation_id", "=", sql<string>`hinoban_organisation()`)
    .where("m.person_id", "=", personId)
    .executeTakeFirst();
  return (
    row && {
      actor: {
        kind: "person",
        personId,
        sessionId: "",
        organisationId: row.organisation_id,
        state: row.state,
        role: row.removed_at === null ? row.role : undefined,
        organisationNetworks: address === undefined ? [] : row.web_networks,
        address: address ?? "",
      },
      name: row.name,
      language: row.language,
      timeZone: row.time_zone,
    }
  );
}
