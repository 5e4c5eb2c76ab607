import { sql } from "kysely";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import { demand } from "./demand.ts";
import { guardOwner, holdMember } from "./owners.ts";
import { forgetPerson, type Identity } from "./settings.ts";

/**
 * Ends somebody's membership at once. Whoever belongs to no organisation after that has left: their sessions end and their sign-in with them.
 * @throws HinobanError "forbidden", "not-found", or "conflict" for the last owner.
 */
export async function removeMember(identity: Identity, actor: Actor, personId: string): Promise<void> {
  await identity.db.tx(scopeOf(actor), async (tx) => {
    const at = identity.clock.now();
    const object = `person:${personId}`;
    demand(actor, "member.change", object, at);
    const role = await holdMember(tx, personId);
    if (role === "owner") await guardOwner(tx, actor, personId, at);
    await tx
      .updateTable("identity_membership")
      .set({ removed_at: at })
      .where("organisation_id", "=", actor.organisationId)
      .where("person_id", "=", personId)
      .execute();
    await record(tx, { at, actor: actorId(actor), verb: "member.removed", object, outcome: "done", detail: { role } });
    const { rows } = await sql<{ changed: boolean }>`select identity_set_state(${personId}, 'left') as changed`.execute(tx);
    if (rows[0]?.changed === true)
      await record(tx, { at, actor: actorId(actor), verb: "person.left", object, outcome: "done", detail: {} });
    await publish(tx, "people");
  });
  forgetPerson(identity, personId);
}
