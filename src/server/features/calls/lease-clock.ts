import { sql } from "kysely";
import { unixMs, type UnixMs } from "#base/duration";
import type { Tx } from "#store";
import type { CallsContext } from "./context.ts";

/** The moment by which leases of lines and calls begin and end: the same for all processes, however far apart their clocks are. */
export async function leaseNow({ leaseClock }: Pick<CallsContext, "leaseClock">, tx: Tx): Promise<UnixMs> {
  if (leaseClock) return leaseClock.now();
  const { rows } = await sql<{ now: number }>`select (extract(epoch from clock_timestamp()) * 1000)::bigint as now`.execute(tx);
  return unixMs(Number(rows[0]?.now));
}
