import { sql } from "kysely";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, repeated } from "#store";
import type { NewNotificationGroup, NotificationGroup } from "#wire/routing";
import type { RoutingContext } from "./context.ts";
import { demandMembers, isDefaultKept } from "./demand-members.ts";
import { documentIn, groupsTopic, noGroup, readGroups, type GroupDocument } from "./groups.ts";
import { readGroup } from "./read-groups.ts";

/**
 * Replaces everything of a group; the default one keeps its name. The same again is no change.
 * @throws "forbidden", "not-found", "invalid-input" for a member that does not exist or a group that would contain itself
 */
export function changeGroup(routing: RoutingContext, actor: Actor, id: string, input: NewNotificationGroup): Promise<NotificationGroup> {
  return repeated(routing.db).tx(scopeOf(actor), async (tx) => {
    const at = routing.clock.now();
    demand(actor, "channel.change", `notification-group:${id}`, at);
    // Two changes at once could each be right and together make a circle.
    await sql`select pg_advisory_xact_lock(${groupsLock}, hashtext(hinoban_organisation()))`.execute(tx);
    const rows = await readGroups(tx);
    const before = rows.find((row) => row.id === id);
    if (!before) throw noGroup(id);
    if (before.is_default && input.name !== before.name) throw isDefaultKept(before);
    await demandMembers(routing, tx, input, rows, id);
    const { name, ...document } = input;
    const fields = [...(before.name === name ? [] : ["name"]), ...changedFields(documentIn(before), document)];
    if (fields.length === 0) return readGroup(routing, tx, id);
    await tx
      .updateTable("routing_group")
      .set({ name, document: JSON.stringify(document) })
      .where("id", "=", id)
      .execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "notification-group.changed",
      object: `notification-group:${id}`,
      outcome: "done",
      detail: { fields },
      texts: { name },
    });
    await publish(tx, groupsTopic);
    return readGroup(routing, tx, id);
  });
}

const groupsLock = 4_701_131; // any constant: the same for all servers

const keys = ["notificationLevel", "childNotificationGroupIds", "childChannelIds", "monitors", "services"] as const;

const changedFields = (before: GroupDocument, after: GroupDocument): string[] =>
  keys.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
