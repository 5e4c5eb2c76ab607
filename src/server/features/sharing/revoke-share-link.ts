import { HinobanError } from "#base/errors";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Deps } from "#store";

/** Revokes a share link for good; its next request finds nothing. @throws HinobanError "forbidden", or "not-found" when it was revoked already. */
export async function revokeShareLink(deps: Deps, actor: Actor, id: string): Promise<void> {
  await deps.db.tx(scopeOf(actor), async (tx) => {
    const at = deps.clock.now();
    demand(actor, "share.change", `share:${id}`, at);
    const revoked = await tx
      .updateTable("sharing_link")
      .set({ revoked_at: at })
      .where("id", "=", id)
      .where("revoked_at", "is", null)
      .returning("label")
      .executeTakeFirst();
    if (!revoked) throw new HinobanError("not-found", "There is no such link, or it was revoked already.", { id });
    const texts = { label: revoked.label };
    await record(tx, { at, actor: actorId(actor), verb: "share.revoked", object: `share:${id}`, outcome: "done", detail: {}, texts });
    await publish(tx, "shares");
  });
}
