import { HinobanError } from "#base/errors";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import type { MyNotifications } from "#wire/notify-people";
import { channelsTopic, type NotifyContext } from "./context.ts";
import { personOf, readMyNotifications } from "./my-notifications.ts";

/** Removes a way to reach oneself; the sign-in address stays. @throws "forbidden", "not-found", "conflict" */
export function removeContact(notify: NotifyContext, actor: Actor, id: string): Promise<MyNotifications> {
  const personId = personOf(actor);
  return notify.db.tx(scopeOf(actor), async (tx) => {
    const at = notify.clock.now();
    demand(actor, "organisation.view", `person:${personId}`, at);
    const row = await tx
      .deleteFrom("notify_contact")
      .where("id", "=", id)
      .where("person_id", "=", personId)
      .returning(["kind", "address", "is_login"])
      .executeTakeFirst();
    if (row?.is_login || id === `login:${personId}`) {
      throw new HinobanError("conflict", "The address that you sign in with cannot be removed. Mute it instead.");
    }
    if (!row) throw new HinobanError("not-found", `You have no contact ${id}.`, { id });
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "contact.removed",
      object: `person:${personId}`,
      outcome: "done",
      detail: { kind: row.kind },
    });
    await publish(tx, channelsTopic);
    return readMyNotifications(notify, tx, personId, at);
  });
}
