import type { UnixMs } from "#base/duration";
import type { ProbedMonitor } from "#features/monitors";
import { publish, type Tx } from "#store";
import { serverVantage } from "#wire/probe-words";
import { firstDue, type ProbePlan } from "./model.ts";
import type { Probes } from "./probes.ts";
import { probesTopic } from "./probes.ts";

const keyOf = (monitorId: string, vantage: string): string => `${monitorId} ${vantage}`;

/**
 * Makes the tasks of the transaction's organisation what its monitors ask for. One that stays keeps its rhythm and its history; a monitor
 * that was changed is probed anew within its interval.
 */
export async function syncTasks({ monitors }: Pick<Probes, "monitors">, tx: Tx, at: UnixMs): Promise<void> {
  const wanted = new Map<string, { readonly monitor: ProbedMonitor; readonly vantage: string }>();
  for (const monitor of await monitors.probed(tx)) {
    for (const vantage of monitor.vantages) wanted.set(keyOf(monitor.id, vantage), { monitor, vantage });
  }
  const present = await tx.selectFrom("probes_task").select(["monitor_id", "vantage", "version", "interval_seconds"]).execute();
  const known = new Map(present.map((row) => [keyOf(row.monitor_id, row.vantage), row]));
  let changes = 0;
  for (const [key, row] of known) {
    if (wanted.has(key)) continue;
    changes += 1;
    // oxlint-disable-next-line hinoban/recorded-mutations -- part of a monitor's change, which whoever made it records
    await tx.deleteFrom("probes_task").where("monitor_id", "=", row.monitor_id).where("vantage", "=", row.vantage).execute();
    await tx.deleteFrom("probes_result").where("monitor_id", "=", row.monitor_id).where("vantage", "=", row.vantage).execute();
  }
  for (const [key, { monitor, vantage }] of wanted) {
    if (known.get(key)?.version === monitor.version) continue;
    changes += 1;
    await writeTask(tx, at, monitor, vantage);
  }
  if (changes > 0) await publish(tx, probesTopic);
}

async function writeTask(tx: Tx, at: UnixMs, monitor: ProbedMonitor, vantage: string): Promise<void> {
  const { id, version, name, spec, intervalSeconds, expectedVerdicts, service } = monitor;
  const plan: ProbePlan = { name, spec, intervalSeconds, expectedVerdicts, service };
  const row = {
    version,
    plan: JSON.stringify(plan),
    interval_seconds: intervalSeconds,
    due_at: vantage === serverVantage ? firstDue(at, intervalSeconds, id) : 0,
    assigned_at: at,
  };
  await tx
    .insertInto("probes_task")
    .values({ monitor_id: id, vantage, ...row, leased_until: 0, last_at: null, last_verdict: null, since: null, silent_at: null })
    .onConflict((on) => on.columns(["organisation_id", "monitor_id", "vantage"]).doUpdateSet(row))
    .execute();
}
