import { optional } from "#base/fields";
import type { Tx } from "#store";
import type { NewNotificationGroup, NotificationGroup } from "#wire/routing";
import type { RoutingContext } from "./context.ts";
import { livingMembers, type Living } from "./demand-members.ts";
import { documentIn, noGroup, readGroups, type GroupRow } from "./groups.ts";

/** A group as Mackerel's interface shows it. */
export type MackerelGroup = NewNotificationGroup & Pick<NotificationGroup, "id" | "type">;

/** All groups of the transaction's organisation, the default one first. */
export async function allGroups(routing: RoutingContext, tx: Tx): Promise<NotificationGroup[]> {
  const rows = await readGroups(tx);
  return presentGroups(routing, tx, rows, rows);
}

/** @throws "not-found" */
export async function readGroup(routing: RoutingContext, tx: Tx, id: string): Promise<NotificationGroup> {
  const all = await readGroups(tx);
  const [group] = await presentGroups(
    routing,
    tx,
    all.filter((row) => row.id === id),
    all,
  );
  if (!group) throw noGroup(id);
  return group;
}

async function presentGroups(
  routing: RoutingContext,
  tx: Tx,
  rows: readonly GroupRow[],
  all: readonly GroupRow[],
): Promise<NotificationGroup[]> {
  const living = await livingMembers(routing, tx, rows, all);
  return rows.map((row) => ({
    ...shown(row, living),
    monitorNames: Object.fromEntries((documentIn(row).monitors ?? []).map(({ id }) => [id, living.monitors?.get(id) ?? id])),
    createdAt: row.created_at,
  }));
}

function shown(row: GroupRow, living: Living): MackerelGroup {
  const of = documentIn(row);
  return {
    id: row.id,
    type: row.is_default ? "group-default" : "group",
    name: row.name,
    notificationLevel: of.notificationLevel,
    childNotificationGroupIds: of.childNotificationGroupIds.filter((id) => living.groups.has(id)),
    childChannelIds: of.childChannelIds.filter((id) => living.channels.has(id)),
    ...optional(
      "monitors",
      of.monitors?.filter(({ id }) => living.monitors?.has(id) ?? true),
    ),
    ...optional(
      "services",
      of.services?.filter(({ name }) => living.services.has(name)),
    ),
  };
}

/** Names of groups, by the ledger's ids. What is deleted is simply absent. */
export async function namesOf(tx: Tx, ids: readonly string[]): Promise<Record<string, string>> {
  const own = ids.filter((id) => id.startsWith("notification-group:")).map((id) => id.slice("notification-group:".length));
  if (own.length === 0) return {};
  const rows = await tx.selectFrom("routing_group").select(["id", "name"]).where("id", "in", own).execute();
  return Object.fromEntries(rows.map((row) => [`notification-group:${row.id}`, row.name]));
}
