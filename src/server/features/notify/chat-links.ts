import { sql } from "kysely";
import type { UnixMs } from "#base/duration";
import { newId } from "#base/ids";
import type { Tx } from "#store";

/** Whose account in a chat it is. */
export interface ChatAccountLink {
  readonly personId: string;
  /** A channel of that chat: all channels of the same chat know the account then. */
  readonly channelId: string;
  readonly userId: string;
  readonly userName: string;
}

/** Recorded by whoever proved whose account it is. Nobody else's any more, if it was. */
export async function linkChat(tx: Tx, at: UnixMs, { personId, channelId, userId, userName }: ChatAccountLink): Promise<void> {
  await sql`delete from notify_contact c using notify_channel n
    where n.id = ${channelId} and c.kind = 'chat' and c.workspace = n.workspace and c.address = ${userId}`.execute(tx);
  await sql`insert into notify_contact (id, person_id, kind, address, label, workspace, position, created_at, verified_at)
    select ${newId()}, ${personId}, 'chat', ${userId}, ${userName}, n.workspace,
      coalesce((select max(c.position) + 1 from notify_contact c where c.person_id = ${personId}), 1), ${at}, ${at}
    from notify_channel n where n.id = ${channelId} and n.workspace is not null
    on conflict do nothing`.execute(tx);
}

/** Forgets an account of somebody, in whichever chat. */
export async function unlinkChat(tx: Tx, { personId, userId }: Pick<ChatAccountLink, "personId" | "userId">): Promise<void> {
  await sql`delete from notify_contact where kind = 'chat' and person_id = ${personId} and address = ${userId}`.execute(tx);
}
