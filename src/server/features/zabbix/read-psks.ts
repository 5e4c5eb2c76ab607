import type { Tx } from "#store";
import type { ZabbixPsk } from "#wire/zabbix";
import { pageOf, type PageOf } from "./page.ts";

const columns = ["id", "identity", "host_name", "created_by", "created_at", "last_used_at"] as const;

export interface PskRow {
  readonly id: string;
  readonly identity: string;
  readonly host_name: string | null;
  readonly created_by: string;
  readonly created_at: number;
  readonly last_used_at: number | null;
}

export const toPsk = (row: PskRow): ZabbixPsk => ({
  id: row.id,
  identity: row.identity,
  ...(row.host_name === null ? {} : { hostName: row.host_name }),
  createdBy: row.created_by,
  createdAt: row.created_at,
  ...(row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at }),
});

/** One page of the valid keys of the organisation in scope, newest first. */
export async function listPsks(tx: Tx, page: PageOf): Promise<{ psks: ZabbixPsk[]; total: number }> {
  const { limit, offset, pattern } = pageOf(page);
  const found = tx
    .selectFrom("zabbix_psk")
    .where("revoked_at", "is", null)
    .where((either) => either.or([either("identity", "ilike", pattern), either("host_name", "ilike", pattern)]));
  const rows = await found.select(columns).orderBy("created_at", "desc").orderBy("id").limit(limit).offset(offset).execute();
  const { total } = await found.select((count) => count.fn.countAll<number>().as("total")).executeTakeFirstOrThrow();
  return { psks: rows.map(toPsk), total };
}

/** Identities for ids as the ledger writes them, `zabbix-psk:<id>`. */
export async function namesOf(tx: Tx, ids: readonly string[]): Promise<Record<string, string>> {
  const own = ids.filter((id) => id.startsWith("zabbix-psk:")).map((id) => id.slice("zabbix-psk:".length));
  if (own.length === 0) return {};
  const rows = await tx.selectFrom("zabbix_psk").select(["id", "identity"]).where("id", "in", own).execute();
  return Object.fromEntries(rows.map(({ id, identity }) => [`zabbix-psk:${id}`, identity]));
}
