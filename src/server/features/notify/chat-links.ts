import { sql } from "kysely";
import type { UnixMs } from "#base/duration";
import { newId } from "#base/ids";
import type { Tx } from "#store";

/** Whose account in a chat it is. */
export interface ChatAccountLink {
  readonly personId: string;
  /** A channel with a bot in that chat. */
  readonly channelId: string;
  readonly userId: string;
  readonly userName: string;
}

/** Recorded by whoever proved whose account it is. */
export async function linkChat(tx: Tx, at: UnixMs, { personId, channelId, userId, userName }: ChatAccountLink): Promise<void> {
  await unlinkChat(tx, { channelId, userId });
  await sql`insert into notify_contact (id, person_id, kind, address, label, channel_id, position, created_at, verified_at)
    select ${newId()}, ${personId}, 'chat', ${userId}, ${userName}, ${channelId},
      coalesce((select max(c.position) + 1 from notify_contact c where c.person_id = ${personId}), 1), ${at}, ${at}
    on conflict do nothing`.execute(tx);
}

export async function unlinkChat(tx: Tx, { channelId, userId }: Pick<ChatAccountLink, "channelId" | "userId">): Promise<void> {
  await sql`delete from notify_contact where kind = 'chat' and channel_id = ${channelId} and address = ${userId}`.execute(tx);
}
