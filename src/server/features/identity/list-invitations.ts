import type { UnixMs } from "#base/duration";
import type { Tx } from "#store";
import type { Invitation } from "#wire/identity";
import { pageOf, type PageOf } from "./list-members.ts";
import { namesOf } from "./names.ts";

const columns = ["id", "email", "role", "invited_by", "created_at", "expires_at"] as const;

/** One page of the invitations that can still be accepted, newest first. */
export async function listInvitations(tx: Tx, page: PageOf, now: UnixMs): Promise<{ invitations: Invitation[]; total: number }> {
  const { limit, offset, pattern } = pageOf(page);
  const open = tx
    .selectFrom("identity_invitation")
    .where("accepted_at", "is", null)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", now)
    .where("email", "ilike", pattern);
  const rows = await open.select(columns).orderBy("created_at", "desc").orderBy("id").limit(limit).offset(offset).execute();
  const { total } = await open.select((eb) => eb.fn.countAll<number>().as("total")).executeTakeFirstOrThrow();
  const names = await namesOf(
    tx,
    rows.map((row) => row.invited_by),
  );
  return { invitations: rows.map((row) => toInvitation(row, names[row.invited_by])), total };
}

/** One invitation of the organisation in scope, which exists. */
export async function readInvitation(tx: Tx, id: string): Promise<Invitation> {
  const row = await tx.selectFrom("identity_invitation").select(columns).where("id", "=", id).executeTakeFirstOrThrow();
  const names = await namesOf(tx, [row.invited_by]);
  return toInvitation(row, names[row.invited_by]);
}

type Row = Pick<Invitation, "id" | "email" | "role"> & {
  readonly invited_by: string;
  readonly created_at: number;
  readonly expires_at: number;
};

const toInvitation = (row: Row, invitedByName: string | undefined): Invitation => ({
  id: row.id,
  email: row.email,
  role: row.role,
  invitedBy: row.invited_by,
  ...(invitedByName === undefined ? {} : { invitedByName }),
  createdAt: row.created_at,
  expiresAt: row.expires_at,
});
