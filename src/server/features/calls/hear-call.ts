import { HinobanError } from "#base/errors";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import type { CallsContext } from "./context.ts";

/**
 * The sound of a recorded call; whoever listens stands in the history.
 * @returns a WAV file in base64
 * @throws "forbidden", "not-found", "storage-damaged" when the server key is another one
 */
export function hearCall({ db, clock, contentSeal }: CallsContext, actor: Actor, id: string): Promise<string> {
  return db.tx(scopeOf(actor), async (tx) => {
    const at = clock.now();
    demand(actor, "call.listen", `call:${id}`, at);
    const row = await tx
      .selectFrom("calls_recording")
      .select("sound")
      .where("call_id", "=", id)
      .where("expires_at", ">", at)
      .executeTakeFirst();
    if (!row) throw new HinobanError("not-found", "This call was not recorded, or its recording was deleted.", { id });
    const sound = contentSeal.open(row.sound, id).reveal();
    await record(tx, { at, actor: actorId(actor), verb: "call.listened", object: `call:${id}`, outcome: "done", detail: {} });
    return sound;
  });
}
