import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import type { ChannelRow } from "./channel.ts";
import { channelsTopic, type NotifyContext } from "./context.ts";
import { demandChannel } from "./create-channel.ts";

/** Lets a suspended channel go on; its failures are forgotten. @throws "forbidden", "not-found" */
export function resumeChannel(notify: NotifyContext, actor: Actor, id: string): Promise<ChannelRow> {
  const { db, clock } = notify;
  return db.tx(scopeOf(actor), async (tx) => {
    const at = clock.now();
    demand(actor, "channel.change", `channel:${id}`, at);
    const done = await tx
      .updateTable("notify_channel")
      .set({ suspended_at: null, suspended_because: null, failures: 0, failing_since: null })
      .where("id", "=", id)
      .where("suspended_at", "is not", null)
      .returning("name")
      .executeTakeFirst();
    if (!done) return demandChannel(tx, id);
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "channel.resumed",
      object: `channel:${id}`,
      outcome: "done",
      detail: {},
      texts: { name: done.name },
    });
    await publish(tx, channelsTopic);
    return demandChannel(tx, id);
  });
}
