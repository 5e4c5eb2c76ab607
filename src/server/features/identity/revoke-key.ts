import { HinobanError } from "#base/errors";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import { demand } from "./demand.ts";
import type { Identity } from "./settings.ts";

/** Revokes an API key for good; its next request is refused. @throws HinobanError "forbidden", or "not-found" when it is not valid any more. */
export async function revokeKey(identity: Identity, actor: Actor, id: string): Promise<void> {
  await identity.db.tx(scopeOf(actor), async (tx) => {
    const at = identity.clock.now();
    demand(actor, "key.change", `key:${id}`, at);
    const revoked = await tx
      .updateTable("identity_key")
      .set({ revoked_at: at })
      .where("id", "=", id)
      .where("revoked_at", "is", null)
      .returning("id")
      .executeTakeFirst();
    if (!revoked) throw new HinobanError("not-found", "There is no such key, or it was revoked already.");
    await record(tx, { at, actor: actorId(actor), verb: "key.revoked", object: `key:${id}`, outcome: "done", detail: {} });
    await publish(tx, "keys");
  });
  identity.recent.keys.drop((key) => key.keyId === id);
}
