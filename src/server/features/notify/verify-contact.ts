import { sql } from "kysely";
import { HinobanError, invalidInput } from "#base/errors";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import type { MyNotifications } from "#wire/notify-people";
import { isCode, mostCodeTries } from "./contact-code.ts";
import { channelsTopic, type NotifyContext } from "./context.ts";
import { personOf, readMyNotifications } from "./my-notifications.ts";

/**
 * Proves by its code that an address is one's own.
 * @throws "forbidden", "not-found", "invalid-input" for a wrong code, "gone" for one that is over
 */
export async function verifyContact(notify: NotifyContext, actor: Actor, id: string, code: string): Promise<MyNotifications> {
  const personId = personOf(actor);
  const outcome = await notify.db.tx(scopeOf(actor), async (tx) => {
    const at = notify.clock.now();
    demand(actor, "organisation.view", `person:${personId}`, at);
    // Each try counts before it is judged, and stays counted when it was wrong.
    const row = await tx
      .updateTable("notify_contact")
      .set({ code_tries: sql<number>`code_tries + 1` })
      .where("id", "=", id)
      .where("person_id", "=", personId)
      .where("verified_at", "is", null)
      .returning(["kind", "code_digest", "code_expires_at", "code_tries"])
      .executeTakeFirst();
    if (!row) throw new HinobanError("not-found", "There is nothing to be verified.", { id });
    const isOver = row.code_digest === null || (row.code_expires_at ?? 0) <= at || row.code_tries > mostCodeTries;
    if (isOver) return "over";
    if (!isCode(notify, id, row.code_digest ?? Buffer.alloc(32), code)) return "wrong";
    await tx
      .updateTable("notify_contact")
      .set({ verified_at: at, code_digest: null, code_expires_at: null })
      .where("id", "=", id)
      .execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "contact.verified",
      object: `person:${personId}`,
      outcome: "done",
      detail: { kind: row.kind },
    });
    await publish(tx, channelsTopic);
    return readMyNotifications(notify, tx, personId, at);
  });
  if (outcome === "over") throw new HinobanError("gone", "The code is no longer valid. Have another one sent.");
  if (outcome === "wrong") throw invalidInput([{ field: "code", problem: "is not the code that was sent" }]);
  return outcome;
}
