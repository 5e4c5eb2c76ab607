import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import type { ChannelRow } from "./channel.ts";
import { channelsTopic, type NotifyContext } from "./context.ts";
import { demandChannel } from "./create-channel.ts";

/** Suspends a channel by hand. A second suspension changes nothing. @throws "forbidden", "not-found" */
export function suspendChannel(notify: NotifyContext, actor: Actor, id: string, reason: string): Promise<ChannelRow> {
  const { db, clock } = notify;
  return db.tx(scopeOf(actor), async (tx) => {
    const at = clock.now();
    demand(actor, "channel.change", `channel:${id}`, at);
    const done = await tx
      .updateTable("notify_channel")
      .set({ suspended_at: at, suspended_because: reason.trim() })
      .where("id", "=", id)
      .where("suspended_at", "is", null)
      .returning("name")
      .executeTakeFirst();
    if (!done) return demandChannel(tx, id);
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "channel.suspended",
      object: `channel:${id}`,
      outcome: "done",
      detail: {},
      texts: { name: done.name, reason: reason.trim() },
    });
    await publish(tx, channelsTopic);
    return demandChannel(tx, id);
  });
}
