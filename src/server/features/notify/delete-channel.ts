import { HinobanError } from "#base/errors";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import type { ChannelRow } from "./channel.ts";
import { channelsTopic, type NotifyContext } from "./context.ts";

/** Deletes a channel; what has not left yet fails. @returns it as it was @throws "forbidden", "not-found" */
export function deleteChannel(notify: NotifyContext, actor: Actor, id: string): Promise<ChannelRow> {
  const { db, clock } = notify;
  return db.tx(scopeOf(actor), async (tx) => {
    const at = clock.now();
    demand(actor, "channel.change", `channel:${id}`, at);
    const row = await tx.deleteFrom("notify_channel").where("id", "=", id).returningAll().executeTakeFirst();
    if (!row) throw new HinobanError("not-found", `There is no channel ${id}.`, { id });
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "channel.deleted",
      object: `channel:${id}`,
      outcome: "done",
      detail: {},
      texts: { name: row.name },
    });
    for (const listener of notify.listeners) await listener.channelDeleted?.(tx, at, { channelId: id });
    await publish(tx, channelsTopic);
    return row;
  });
}
