import { sql } from "kysely";
import type { Selectable } from "kysely";
import { newId } from "#base/ids";
import { HinobanError } from "#base/errors";
import { servicesNamed } from "#features/inventory";
import { channelFacts } from "#features/notify";
import type { Tx } from "#store";
import type { NewNotificationGroup } from "#wire/routing";
import type { Group, RoutedChannel } from "./model.ts";
import type { RoutingGroupTable } from "./tables.ts";

/** Announces that notification groups changed. */
export const groupsTopic = "notification-groups";

export type GroupRow = Selectable<RoutingGroupTable>;

/** A group without its name, as it was written: `monitors` and `services` are absent when they were left out. */
export type GroupDocument = Omit<NewNotificationGroup, "name">;

export const documentIn = (row: Pick<GroupRow, "document">): GroupDocument => JSON.parse(row.document) as GroupDocument; // written by this feature alone

export const noGroup = (id: string): HinobanError => new HinobanError("not-found", `There is no notification group ${id}.`, { id });

/** What the default group is called until somebody reads it in their own language. */
export const defaultGroupName = "Default";

const emptyGroup: GroupDocument = { notificationLevel: "all", childNotificationGroupIds: [], childChannelIds: [] };

/**
 * All groups of the transaction's organisation, the default one first, then the oldest. An organisation that never had any gets its default
 * group with this look: nobody decides that, so the history does not hear of it.
 */
export async function readGroups(tx: Tx): Promise<GroupRow[]> {
  const rows = await allGroups(tx);
  if (rows[0]?.is_default) return rows;
  await sql`insert into routing_group (id, is_default, name, document, created_at)
    values (${newId()}, true, ${defaultGroupName}, ${JSON.stringify(emptyGroup)}, (extract(epoch from now()) * 1000)::bigint)
    on conflict (organisation_id) where is_default do nothing`.execute(tx);
  return allGroups(tx);
}

const allGroups = (tx: Tx): Promise<GroupRow[]> =>
  tx.selectFrom("routing_group").selectAll().orderBy("is_default", "desc").orderBy("seq").execute();

/** Groups and channels of the transaction's organisation in the form in which they are asked. */
export interface Routes {
  readonly groups: readonly Group[];
  readonly channels: ReadonlyMap<string, RoutedChannel>;
}

export async function readRoutes(tx: Tx): Promise<Routes> {
  const rows = await readGroups(tx);
  const documents = rows.map((row) => documentIn(row));
  const services = await servicesNamed(
    tx,
    documents.flatMap((of) => (of.services ?? []).map(({ name }) => name)),
  );
  const groups = rows.map((row, index): Group => {
    const of = documents[index] ?? emptyGroup;
    return {
      id: row.id,
      name: row.name,
      isDefault: row.is_default,
      level: of.notificationLevel,
      channelIds: of.childChannelIds,
      groupIds: of.childNotificationGroupIds,
      monitors: new Map((of.monitors ?? []).map(({ id, skipDefault }) => [id, { skipDefault }])),
      serviceIds: new Set((of.services ?? []).flatMap(({ name }) => services.get(name) ?? [])),
    };
  });
  return { groups, channels: await routedChannels(tx) };
}

/** By id, in the order of their names. */
export async function routedChannels(tx: Tx): Promise<Map<string, RoutedChannel>> {
  const facts = await channelFacts(tx);
  return new Map(facts.map((channel) => [channel.id, { ...channel, events: new Set(channel.events) }]));
}
