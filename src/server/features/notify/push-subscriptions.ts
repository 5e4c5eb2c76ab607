import { sql } from "kysely";
import { record } from "#features/ledger";
import { publish } from "#store";
import type { PushSubscription } from "#ports/push-cipher/port";
import { channelsTopic, type NotifyContext } from "./context.ts";

export interface Browser {
  readonly contactId: string;
  readonly subscription: PushSubscription;
}

/** Where the browsers of contacts get their messages. @throws "storage-damaged" when the server key is another one */
export async function browsersOf(
  { db, pushSeal }: NotifyContext,
  organisationId: string,
  contactIds: readonly string[],
): Promise<Browser[]> {
  const { rows } = await db.tx({ organisationId }, (tx) =>
    sql<{ contact_id: string; subscription: Buffer }>`select contact_id, subscription from notify_push
      where contact_id = any(${[...contactIds]}::text[]) order by contact_id`.execute(tx),
  );
  return rows.map(({ contact_id: contactId, subscription }) => ({
    contactId,
    subscription: JSON.parse(pushSeal.open(subscription, contactId).reveal()) as PushSubscription, // sealed by `allowPush` in this shape
  }));
}

/** The push service says that this browser takes no messages any more: it was uninstalled, or somebody forbade it there. */
export async function forgetBrowser({ db, clock }: NotifyContext, organisationId: string, contactId: string): Promise<void> {
  await db.tx({ organisationId }, async (tx) => {
    const row = await tx
      .deleteFrom("notify_contact")
      .where("id", "=", contactId)
      .where("kind", "=", "push")
      .returning("person_id")
      .executeTakeFirst();
    if (!row) return;
    await record(tx, {
      at: clock.now(),
      actor: "system:notify",
      verb: "contact.removed",
      object: `person:${row.person_id}`,
      outcome: "done",
      detail: { kind: "push" },
    });
    await publish(tx, channelsTopic);
  });
}
