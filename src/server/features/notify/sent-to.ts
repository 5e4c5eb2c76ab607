import { sql } from "kysely";
import type { Tx } from "#store";
import { mattermostServer, type OpenChannel } from "./channel.ts";
import type { Notice } from "./model.ts";
import type { DeliveryRow } from "./store.ts";

/**
 * Notes to which Mattermost server a message goes, before it goes: a press comes back unsigned, and what stands in its button proves only
 * that whoever sends it got the message. A server that the channel belonged to for a while must not press for the people of another.
 * @returns what may be sent there: without buttons once tries went to different servers; undefined for a post that stands elsewhere
 */
export async function forServer(tx: Tx, row: DeliveryRow, notice: Notice, channel: OpenChannel): Promise<Notice | undefined> {
  const server = mattermostServer(channel);
  if (server === undefined) return notice;
  const withoutButtons = { ...notice, actions: [] };
  if (row.kind === "edit") {
    const target = await tx
      .selectFrom("notify_delivery")
      .select("sent_to")
      .where("id", "=", row.target_id ?? "")
      .executeTakeFirst();
    const before = target?.sent_to ?? "";
    if (before === "") return withoutButtons;
    return before === server ? notice : undefined;
  }
  const { rows } = await sql<{ sent_to: string }>`
    update notify_delivery set sent_to = case when coalesce(sent_to, ${server}) = ${server} then ${server} else '' end
    where id = ${row.id} returning sent_to`.execute(tx);
  return rows[0]?.sent_to === server ? notice : withoutButtons;
}
