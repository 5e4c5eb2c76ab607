import { minutes, unixMs } from "#base/duration";
import type { Tx } from "#store";
import type { ProbeOutcome } from "#wire/probe-outcomes";
import { hostOfVantage, serverVantage } from "#wire/probe-words";
import type { ProbeResult, VantageState } from "#wire/probes";

/** The newest results of a monitor, newest first; primary key of probes_result. */
export async function newestResults(tx: Tx, monitorId: string, vantage: string | undefined, limit: number): Promise<ProbeResult[]> {
  let query = tx.selectFrom("probes_result").select(["vantage", "at", "outcome"]).where("monitor_id", "=", monitorId);
  if (vantage !== undefined) query = query.where("vantage", "=", vantage);
  const rows = await query.orderBy("at", "desc").orderBy("vantage").limit(limit).execute();
  return rows.map(presentedResult);
}

const presentedResult = (row: { readonly vantage: string; readonly at: number; readonly outcome: string }): ProbeResult => ({
  vantage: row.vantage,
  at: unixMs(row.at),
  outcome: JSON.parse(row.outcome) as ProbeOutcome, // written by takeResult in this shape
});

/** What each place said last: the server first, then hosts by their names. */
export async function vantageStates(tx: Tx, monitorId: string): Promise<VantageState[]> {
  const tasks = await tx
    .selectFrom("probes_task")
    .select(["vantage", "last_at", "since", "silent_at"])
    .where("monitor_id", "=", monitorId)
    .execute();
  const names = await namesOfHosts(
    tx,
    tasks.flatMap(({ vantage }) => hostOfVantage(vantage) ?? []),
  );
  const states = await Promise.all(
    tasks.map(async (task) => {
      const last = task.last_at === null ? undefined : (await newestResults(tx, monitorId, task.vantage, 1))[0];
      return {
        vantage: task.vantage,
        name: names.get(hostOfVantage(task.vantage) ?? "") ?? "",
        isSilent: task.silent_at !== null,
        ...(last ? { last } : {}),
        ...(task.since === null ? {} : { since: unixMs(task.since) }),
      };
    }),
  );
  return states.toSorted((a, b) => weightOf(a) - weightOf(b) || (a.name < b.name ? -1 : 1));
}

const weightOf = ({ vantage }: { readonly vantage: string }): number => (vantage === serverVantage ? 0 : 1);

async function namesOfHosts(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.selectFrom("inventory_host").select(["id", "name"]).where("id", "in", ids).execute();
  return new Map(rows.map((row) => [row.id, row.name]));
}

const mostVantages = 50;
const listedFor = minutes(30);

/** Hosts whose agents asked for probes of late, by name. */
export async function probingHosts(tx: Tx, now: number, text: string): Promise<{ vantage: string; name: string; seenAt: number }[]> {
  const rows = await tx
    .selectFrom("probes_agent")
    .innerJoin("inventory_host", "inventory_host.id", "probes_agent.host_id")
    .select(["inventory_host.id", "inventory_host.name", "probes_agent.seen_at"])
    .where("probes_agent.seen_at", ">", now - listedFor)
    .where("inventory_host.retired_at", "is", null)
    .where((where) =>
      where(where.fn("strpos", [where.fn("lower", ["inventory_host.name"]), where.val(text.toLowerCase())]), ">", where.lit(0)),
    )
    .orderBy("inventory_host.name")
    .limit(mostVantages)
    .execute();
  return rows.map((row) => ({ vantage: `host:${row.id}`, name: row.name, seenAt: unixMs(row.seen_at) }));
}
