import { sql } from "kysely";
import type { UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { newId } from "#base/ids";
import type { Tx } from "#store";

/** Whose account in a chat it is. */
export interface ChatAccountLink {
  readonly personId: string;
  /** Of the channel through which it was proved, as it was then: all channels with the same secret know the account from now on. */
  readonly workspace: string | null;
  readonly userId: string;
  readonly userName: string;
  /** The chat's server itself said who it is; a token that people type in does not prove enough to take an account from somebody. */
  readonly isVouched: boolean;
}

/**
 * Recorded by whoever proved whose account it is. Nobody else's any more, if it was and the chat itself vouched for it.
 * @throws HinobanError "conflict" when it is somebody else's and nobody vouched
 */
export async function linkChat(tx: Tx, at: UnixMs, account: ChatAccountLink): Promise<void> {
  const { personId, workspace, userId, userName, isVouched } = account;
  if (workspace === null) return;
  const others = sql`organisation_id = hinoban_organisation() and kind = 'chat' and workspace = ${workspace} and address = ${userId}
    and person_id <> ${personId}`;
  if (isVouched) await sql`delete from notify_contact where ${others}`.execute(tx);
  const { rows } = await sql`select id from notify_contact where ${others} limit 1`.execute(tx);
  if (rows.length > 0) throw othersAccount();
  await sql`insert into notify_contact (id, person_id, kind, address, label, workspace, position, created_at, verified_at)
    values (${newId()}, ${personId}, 'chat', ${userId}, ${userName}, ${workspace},
      coalesce((select max(c.position) + 1 from notify_contact c where c.person_id = ${personId}), 1), ${at}, ${at})
    on conflict do nothing`.execute(tx);
}

/** What whoever wants somebody else's account is told. */
export const othersAccount = (): HinobanError =>
  new HinobanError(
    "conflict",
    "This chat account is connected with somebody else. They, or whoever may change members, must disconnect it first.",
  );

/** Forgets an account of somebody, in whichever chat. */
export async function unlinkChat(tx: Tx, { personId, userId }: Pick<ChatAccountLink, "personId" | "userId">): Promise<void> {
  await sql`delete from notify_contact where kind = 'chat' and person_id = ${personId} and address = ${userId}`.execute(tx);
}
