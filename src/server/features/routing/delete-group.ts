import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, repeated } from "#store";
import type { NotificationGroup } from "#wire/routing";
import type { RoutingContext } from "./context.ts";
import { isDefaultKept } from "./demand-members.ts";
import { groupsTopic, noGroup, readGroups } from "./groups.ts";
import { readGroup } from "./read-groups.ts";

/** Returns its last state. Groups that contained it go on without it. @throws "forbidden", "not-found", "invalid-input" for the default one */
export function deleteGroup(routing: RoutingContext, actor: Actor, id: string): Promise<NotificationGroup> {
  return repeated(routing.db).tx(scopeOf(actor), async (tx) => {
    const at = routing.clock.now();
    demand(actor, "channel.change", `notification-group:${id}`, at);
    const row = (await readGroups(tx)).find((one) => one.id === id);
    if (!row) throw noGroup(id);
    if (row.is_default) throw isDefaultKept(row);
    const last = await readGroup(routing, tx, id);
    await tx.deleteFrom("routing_group").where("id", "=", id).execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "notification-group.deleted",
      object: `notification-group:${id}`,
      outcome: "done",
      detail: {},
      texts: { name: row.name },
    });
    await publish(tx, groupsTopic);
    return last;
  });
}
