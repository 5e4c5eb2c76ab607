import { HinobanError } from "#base/errors";
import { newId } from "#base/ids";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Tx } from "#store";
import type { ContactChange, MyNotifications } from "#wire/notify-people";
import { channelsTopic, type NotifyContext } from "./context.ts";
import { demandReader, myContacts, personOf, readMyNotifications } from "./my-notifications.ts";
import type { ContactRow } from "./store.ts";

/** Changes, mutes or moves a way to reach oneself. @throws "forbidden", "not-found" */
export function changeContact(notify: NotifyContext, actor: Actor, id: string, change: ContactChange): Promise<MyNotifications> {
  const personId = personOf(actor);
  return notify.db.tx(scopeOf(actor), async (tx) => {
    const at = notify.clock.now();
    demand(actor, "organisation.view", `person:${personId}`, at);
    const reader = await demandReader(tx, personId);
    const mine = await myContacts(tx, reader);
    const row = mine.find((one) => one.id === id);
    if (!row) throw new HinobanError("not-found", `You have no contact ${id}.`, { id });
    const after = columnsOf(change);
    const names = Object.keys(after) as (keyof typeof after)[]; // the very keys of the object
    const fields: string[] = names.filter((name) => row[name] !== after[name]);
    const order = change.position === undefined ? undefined : moved(mine, row, change.position);
    if (order) fields.push("position");
    if (fields.length === 0) return readMyNotifications(notify, tx, personId, at);
    const kept = await keptId(tx, row);
    if (Object.keys(after).length > 0) await tx.updateTable("notify_contact").set(after).where("id", "=", kept).execute();
    if (order) await reorder(tx, order, row.id, kept);
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "contact.changed",
      object: `person:${personId}`,
      outcome: "done",
      detail: { kind: row.kind, fields },
    });
    await publish(tx, channelsTopic);
    return readMyNotifications(notify, tx, personId, at);
  });
}

function columnsOf({ label, encoding, mutedUntil, isValid }: ContactChange) {
  return {
    ...(label === undefined ? {} : { label: label.trim() }),
    ...(encoding === undefined ? {} : { encoding }),
    ...(mutedUntil === undefined ? {} : { muted_until: mutedUntil }),
    ...(isValid === undefined ? {} : { invalid_since: null, bounces: 0 }),
  };
}

/** Something about the sign-in address is to be remembered: from now on it has a row. */
async function keptId(tx: Tx, row: ContactRow): Promise<string> {
  if (row.organisation_id !== "") return row.id;
  const id = newId();
  const { organisation_id: _organisation, ...values } = row;
  await tx
    .insertInto("notify_contact")
    .values({ ...values, id })
    .execute();
  return id;
}

/** The contacts of a kind in their new order; undefined when nothing moves. */
function moved(mine: readonly ContactRow[], row: ContactRow, to: number): ContactRow[] | undefined {
  const kind = mine.filter((one) => one.kind === row.kind);
  const rest = kind.filter((one) => one.id !== row.id);
  const place = Math.min(to, rest.length);
  const order = [...rest.slice(0, place), row, ...rest.slice(place)];
  return order.every((one, index) => one.id === kind[index]?.id) ? undefined : order;
}

async function reorder(tx: Tx, order: readonly ContactRow[], of: string, kept: string): Promise<void> {
  for (const [position, row] of order.entries()) {
    const id = row.id === of ? kept : await keptId(tx, row);
    await tx.updateTable("notify_contact").set({ position }).where("id", "=", id).execute();
  }
}
