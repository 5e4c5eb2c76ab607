import { HinobanError } from "#base/errors";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, repeated } from "#store";
import { newToken, pathOf, tokenDigest } from "./addresses.ts";
import { sourcesTopic, type SourcesContext } from "./context.ts";
import { lockSource } from "./store.ts";

/**
 * Makes a new address; the one before works beside it, so that no message is lost while senders are moved.
 * @returns the new path, told this once
 * @throws "forbidden", "not-found", "conflict" while there are two already
 */
export function renewAddress(sources: SourcesContext, actor: Actor, id: string): Promise<string> {
  return repeated(sources.db).tx(scopeOf(actor), async (tx) => {
    const at = sources.clock.now();
    demand(actor, "source.change", `alert-source:${id}`, at);
    const { digest, old_digest: old, name } = await lockSource(tx, id);
    if (old !== null) throw new HinobanError("conflict", "There are two addresses already. Close the old one first.", { id });
    const token = newToken();
    await tx
      .updateTable("sources_source")
      .set({ digest: tokenDigest(token), old_digest: digest })
      .where("id", "=", id)
      .execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "alert-source.address-renewed",
      object: `alert-source:${id}`,
      outcome: "done",
      detail: {},
      texts: { name },
    });
    await publish(tx, sourcesTopic);
    return pathOf(token);
  });
}

/** Closes the older of two addresses. @throws "forbidden", "not-found", "conflict" when there is only one */
export function dropOldAddress(sources: SourcesContext, actor: Actor, id: string): Promise<void> {
  return repeated(sources.db).tx(scopeOf(actor), async (tx) => {
    const at = sources.clock.now();
    demand(actor, "source.change", `alert-source:${id}`, at);
    const { old_digest: old, name } = await lockSource(tx, id);
    if (old === null) throw new HinobanError("conflict", "There is only one address. Make a new one first.", { id });
    await tx.updateTable("sources_source").set({ old_digest: null }).where("id", "=", id).execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "alert-source.address-dropped",
      object: `alert-source:${id}`,
      outcome: "done",
      detail: {},
      texts: { name },
    });
    await publish(tx, sourcesTopic);
  });
}
