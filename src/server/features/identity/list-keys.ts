import type { UnixMs } from "#base/duration";
import type { Tx } from "#store";
import type { Key } from "#wire/keys";
import type { KeyRights } from "#wire/permissions";
import { pageOf, type PageOf } from "./list-members.ts";
import { namesOf } from "./names.ts";

const columns = [
  "id",
  "name",
  "rights",
  "networks",
  "expires_at",
  "created_by",
  "created_at",
  "last_used_at",
  "revoked_at",
  "purpose",
] as const;

interface Row {
  id: string;
  name: string;
  rights: KeyRights;
  networks: string[];
  expires_at: number | null;
  created_by: string;
  created_at: number;
  last_used_at: number | null;
  revoked_at: number | null;
  purpose: string;
}

/** One page of the keys of the organisation in scope, newest first. */
export async function listKeys(
  tx: Tx,
  page: PageOf & { readonly includeRevoked?: boolean | undefined },
  now: UnixMs,
): Promise<{ keys: Key[]; total: number }> {
  const { limit, offset, pattern } = pageOf(page);
  const all = tx.selectFrom("identity_key").where("name", "ilike", pattern);
  const found = page.includeRevoked === true ? all : all.where("revoked_at", "is", null);
  const rows = await found.select(columns).orderBy("created_at", "desc").orderBy("id").limit(limit).offset(offset).execute();
  const { total } = await found.select((eb) => eb.fn.countAll<number>().as("total")).executeTakeFirstOrThrow();
  const names = await namesOf(
    tx,
    rows.map((row) => row.created_by),
  );
  return { keys: rows.map((row) => toKey(row, names[row.created_by], now)), total };
}

/** One key of the organisation in scope, which exists. */
export async function readKey(tx: Tx, id: string, now: UnixMs): Promise<Key> {
  const row = await tx.selectFrom("identity_key").select(columns).where("id", "=", id).executeTakeFirstOrThrow();
  const names = await namesOf(tx, [row.created_by]);
  return toKey(row, names[row.created_by], now);
}

const stateOf = (row: Row, now: UnixMs): Key["state"] => {
  if (row.revoked_at !== null) return "revoked";
  return row.expires_at !== null && row.expires_at <= now ? "expired" : "active";
};

const toKey = (row: Row, createdByName: string | undefined, now: UnixMs): Key => ({
  id: row.id,
  name: row.name,
  rights: row.rights,
  state: stateOf(row, now),
  createdBy: row.created_by,
  ...(createdByName === undefined ? {} : { createdByName }),
  createdAt: row.created_at,
  ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
  networks: row.networks,
  ...(row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at }),
  ...(row.revoked_at === null ? {} : { revokedAt: row.revoked_at }),
  isLocalAgent: row.purpose === "local-agent",
});
