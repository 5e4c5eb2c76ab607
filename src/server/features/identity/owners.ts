import { sql } from "kysely";
import type { UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { Actor } from "#http";
import type { Tx } from "#store";
import type { MemberRole } from "#wire/permissions";
import { demand } from "./demand.ts";

/**
 * Holds the target's membership and all owners' still until the commit, in one order, so that two acts at once cannot take the last two
 * owners away.
 * @throws HinobanError "not-found" when there is no such member.
 */
export async function holdMember(tx: Tx, personId: string): Promise<MemberRole> {
  const held = await tx
    .selectFrom("identity_membership")
    .select(["person_id", "role"])
    .where("organisation_id", "=", sql<string>`hinoban_organisation()`)
    .where("removed_at", "is", null)
    .where((eb) => eb.or([eb("role", "=", "owner"), eb("person_id", "=", personId)]))
    .orderBy("person_id")
    .forUpdate()
    .execute();
  const target = held.find((row) => row.person_id === personId);
  if (!target) throw new HinobanError("not-found", "There is no such member.");
  return target.role;
}

/**
 * What touches an owner takes an owner, and never the last one who can act. Call it after {@link holdMember}.
 * @throws HinobanError "forbidden", or "conflict" for the last owner.
 */
export async function guardOwner(tx: Tx, actor: Actor, personId: string, now: UnixMs): Promise<void> {
  demand(actor, "owner.change", `person:${personId}`, now);
  const other = await tx
    .selectFrom("identity_membership as m")
    .innerJoin("identity_person as p", "p.id", "m.person_id")
    .select("p.id")
    .where("m.organisation_id", "=", sql<string>`hinoban_organisation()`)
    .where("m.removed_at", "is", null)
    .where("m.role", "=", "owner")
    .where("p.state", "=", "active")
    .where("p.id", "<>", personId)
    .executeTakeFirst();
  if (!other) throw new HinobanError("conflict", "An organisation keeps at least one owner. Make somebody else an owner first.");
}
