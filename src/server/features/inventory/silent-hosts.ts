import { sql } from "kysely";
import { minutes, unixMs, type UnixMs } from "#base/duration";
import type { Tx } from "#store";
import type { Inventory } from "./inventory.ts";

interface Row {
  readonly id: string;
  readonly at: number;
  readonly allowed: number;
}

/**
 * Hosts of the transaction's organisation from which nothing came for longer than they are allowed, though servers listened all the while;
 * with the moment when each was heard of last. Other servers write down what they heard within a minute, so a host counts as silent that
 * much later. Hosts that are switched off, under maintenance or were never heard of are none.
 */
export async function silentHosts(tx: Tx, inventory: Inventory): Promise<Map<string, UnixMs>> {
  const { organisationMinutes, heardBefore } = await inventory.silenceRule(tx);
  const earliest = Math.max(0, ...heardBefore.values()) - minutes(1);
  const { rows } = await sql<Row>`select h.id, s.at, coalesce((
      select min(r.no_data_minutes) from inventory_membership m join inventory_role r on r.id = m.role_id
      where m.host_id = h.id and m.to_at is null and r.deleted_at is null), ${organisationMinutes}) as allowed
    from inventory_host h join inventory_seen s on s.host_id = h.id
    where h.retired_at is null and h.status in ('working', 'standby') and s.at < ${earliest}::bigint`.execute(tx);
  const silent = new Map<string, UnixMs>();
  for (const { id, at, allowed } of rows) {
    const heardAt = Math.max(at, inventory.lastSeen.of(id) ?? 0);
    if (heardAt < (heardBefore.get(allowed) ?? 0) - minutes(1)) silent.set(id, unixMs(heardAt));
  }
  return silent;
}
