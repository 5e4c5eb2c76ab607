import { sql } from "kysely";
import { publish, type Tx } from "#store";
import { documentIn, groupsTopic, readGroups } from "./groups.ts";

/** A new channel joins the default group when whoever made it wants that. The channel's own entry tells the history of it. */
export async function joinDefaultGroup(tx: Tx, channelId: string): Promise<void> {
  const group = (await readGroups(tx)).find((row) => row.is_default);
  if (!group) return;
  const document = documentIn(group);
  const joined = { ...document, childChannelIds: [...document.childChannelIds, channelId] };
  await sql`update routing_group set document = ${JSON.stringify(joined)} where id = ${group.id}`.execute(tx);
  await publish(tx, groupsTopic);
}

/** A deleted channel leaves its groups, and nothing is collected for it any more. */
export async function leaveGroups(tx: Tx, channelId: string): Promise<void> {
  for (const row of await readGroups(tx)) {
    const document = documentIn(row);
    if (!document.childChannelIds.includes(channelId)) continue;
    const left = { ...document, childChannelIds: document.childChannelIds.filter((id) => id !== channelId) };
    await sql`update routing_group set document = ${JSON.stringify(left)} where id = ${row.id}`.execute(tx);
  }
  await sql`delete from routing_pace where channel_id = ${channelId}`.execute(tx);
  await publish(tx, groupsTopic);
}
