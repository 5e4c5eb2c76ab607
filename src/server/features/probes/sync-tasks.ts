import type { UnixMs } from "#base/duration";
import type { ProbedMonitor } from "#features/monitors";
import { publish, type Tx } from "#store";
import { serverVantage } from "#wire/probe-words";
import { firstDue, type ProbePlan } from "./model.ts";
import { probesTopic } from "./context.ts";

/**
 * Makes the tasks of one monitor what it asks for. One that stays keeps its rhythm and its history; a monitor that was changed is probed anew
 * within its interval.
 * @param monitor undefined when it is gone, or asks for nothing over the network any more
 */
export async function syncTasks(tx: Tx, at: UnixMs, monitorId: string, monitor: ProbedMonitor | undefined): Promise<void> {
  const wanted = new Set(monitor?.vantages ?? []);
  const present = await tx.selectFrom("probes_task").select(["vantage", "version"]).where("monitor_id", "=", monitorId).execute();
  let changes = 0;
  for (const { vantage } of present) {
    if (wanted.has(vantage)) continue;
    changes += 1;
    // oxlint-disable-next-line hinoban/recorded-mutations -- part of a monitor's change, which whoever made it records
    await tx.deleteFrom("probes_task").where("monitor_id", "=", monitorId).where("vantage", "=", vantage).execute();
    await tx.deleteFrom("probes_result").where("monitor_id", "=", monitorId).where("vantage", "=", vantage).execute();
  }
  for (const vantage of wanted) {
    if (!monitor || present.some((row) => row.vantage === vantage && row.version === monitor.version)) continue;
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
