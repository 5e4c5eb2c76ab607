import { createHash } from "node:crypto";
import { sql } from "kysely";
import { HinobanError } from "#base/errors";
import { newId } from "#base/ids";
import { oneLine } from "#base/mail-address";
import { Secret } from "#base/secret";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import type { PushSubscription } from "#ports/push-cipher/port";
import { publish, type Tx } from "#store";
import type { MyNotifications } from "#wire/notify-people";
import type { BrowserSubscription } from "#wire/push";
import { channelsTopic, type NotifyContext } from "./context.ts";
import { demandReader, personOf, readMyNotifications } from "./my-notifications.ts";

const mostBrowsers = 20;

/** How a browser is named without telling its address, which is as good as a password; the browser itself computes the same. */
const browserOf = (endpoint: string): string => createHash("sha256").update(endpoint, "utf8").digest("hex").slice(0, 16);

/**
 * Lets a browser show somebody's messages. Whoever used it before is no longer told there: it is one screen, in front of which one person
 * sits. @throws "forbidden", "conflict" when there are too many
 */
export async function allowPush(
  notify: NotifyContext,
  actor: Actor,
  { subscription, label }: { readonly subscription: BrowserSubscription; readonly label: string },
): Promise<MyNotifications> {
  const personId = personOf(actor);
  return notify.db.tx(scopeOf(actor), async (tx) => {
    const at = notify.clock.now();
    demand(actor, "organisation.view", `person:${personId}`, at);
    await demandReader(tx, personId);
    const browser = browserOf(subscription.endpoint);
    await sql`select hinoban_leave_browser(${browser}, ${personId})`.execute(tx);
    const { rows } = await sql<{ id: string; address: string }>`select id, address from notify_contact
      where person_id = ${personId} and kind = 'push' for update`.execute(tx);
    const known = rows.find(({ address }) => address === browser);
    if (!known && rows.length >= mostBrowsers) {
      throw new HinobanError("conflict", `Messages go to at most ${mostBrowsers} browsers. Remove one first.`);
    }
    const id = known?.id ?? newId();
    if (!known) await addBrowser(tx, { id, personId, browser, label: oneLine(label), at, position: rows.length });
    await keepSubscription(notify, tx, id, subscription);
    if (!known) {
      await record(tx, {
        at,
        actor: actorId(actor),
        verb: "contact.added",
        object: `person:${personId}`,
        outcome: "done",
        detail: { kind: "push" },
      });
      await publish(tx, channelsTopic);
    }
    return readMyNotifications(notify, tx, personId, at);
  });
}

interface Browser {
  readonly id: string;
  readonly personId: string;
  readonly browser: string;
  readonly label: string;
  readonly at: number;
  readonly position: number;
}

/** That the browser was asked and said yes is all the proof there can be. */
const addBrowser = (tx: Tx, { id, personId, browser, label, at, position }: Browser): Promise<unknown> =>
  tx
    .insertInto("notify_contact")
    .values({
      id,
      person_id: personId,
      kind: "push",
      address: browser,
      label,
      workspace: null,
      position,
      created_at: at,
      verified_at: at,
      code_digest: null,
      code_expires_at: null,
      muted_until: null,
      invalid_since: null,
    })
    .execute();

/** Browsers change their keys from time to time; the newest hold. */
async function keepSubscription({ pushSeal }: NotifyContext, tx: Tx, id: string, { endpoint, keys }: BrowserSubscription): Promise<void> {
  const subscription: PushSubscription = { endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } };
  const sealed = pushSeal.seal(new Secret(JSON.stringify(subscription)), id);
  await sql`insert into notify_push (contact_id, subscription) values (${id}, ${sealed})
    on conflict (contact_id) do update set subscription = excluded.subscription`.execute(tx);
}
