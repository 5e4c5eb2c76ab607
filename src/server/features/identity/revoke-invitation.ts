import { HinobanError } from "#base/errors";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import { demand } from "./demand.ts";
import type { Identity } from "./settings.ts";

/** Withdraws an invitation. @throws HinobanError "forbidden", or "not-found" when it is not open any more. */
export async function revokeInvitation(identity: Identity, actor: Actor, id: string): Promise<void> {
  await identity.db.tx(scopeOf(actor), async (tx) => {
    const at = identity.clock.now();
    demand(actor, "member.invite", `invitation:${id}`, at);
    const revoked = await tx
      .updateTable("identity_invitation")
      .set({ revoked_at: at })
      .where("id", "=", id)
      .where("accepted_at", "is", null)
      .where("revoked_at", "is", null)
      .returning("id")
      .executeTakeFirst();
    if (!revoked) throw new HinobanError("not-found", "There is no such open invitation.");
    await record(tx, { at, actor: actorId(actor), verb: "invitation.revoked", object: `invitation:${id}`, outcome: "done", detail: {} });
    await publish(tx, "people");
  });
}
