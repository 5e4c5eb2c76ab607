import { HinobanError } from "#base/errors";
import { newId } from "#base/ids";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, repeated } from "#store";
import type { NewNotificationGroup, NotificationGroup } from "#wire/routing";
import type { RoutingContext } from "./context.ts";
import { demandMembers } from "./demand-members.ts";
import { groupsTopic, readGroups } from "./groups.ts";
import { readGroup } from "./read-groups.ts";

/** All of them are walked for every alert. */
const mostGroups = 1000;

/** @throws "forbidden", "invalid-input" for a member that does not exist, "conflict" when there are too many */
export function createGroup(routing: RoutingContext, actor: Actor, input: NewNotificationGroup): Promise<NotificationGroup> {
  return repeated(routing.db).tx(scopeOf(actor), async (tx) => {
    const at = routing.clock.now();
    demand(actor, "channel.change", `organisation:${actor.organisationId}`, at);
    const rows = await readGroups(tx);
    if (rows.length >= mostGroups) throw new HinobanError("conflict", `There are ${mostGroups} notification groups already.`);
    await demandMembers(routing, tx, input, rows);
    const { name, ...document } = input;
    const id = newId();
    await tx
      .insertInto("routing_group")
      .values({ id, is_default: false, name, document: JSON.stringify(document), created_at: at })
      .execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "notification-group.created",
      object: `notification-group:${id}`,
      outcome: "done",
      detail: {},
      texts: { name },
    });
    await publish(tx, groupsTopic);
    return readGroup(routing, tx, id);
  });
}
