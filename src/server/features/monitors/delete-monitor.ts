import type { UnixMs } from "#base/duration";
import { lockGrouping, type AlertTrigger } from "#features/incidents";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Tx, repeated } from "#store";
import type { Monitor } from "./model.ts";
import type { MonitorsContext } from "./context.ts";
import { monitorOf, monitorsTopic, noMonitor } from "./store.ts";

/** Deletes a monitor and closes its alerts. Returns what it was. @throws "forbidden", "not-found" */
export function deleteMonitor(monitors: MonitorsContext, actor: Actor, id: string): Promise<Monitor> {
  return repeated(monitors.db).tx(scopeOf(actor), async (tx) => {
    const at = monitors.clock.now();
    demand(actor, "monitor.change", `monitor:${id}`, at);
    return recordDeletion(monitors, tx, { at, actor, trigger: "monitorDelete" }, id);
  });
}

/** The deletion itself, in the caller's transaction. @throws "not-found" */
export async function recordDeletion(
  monitors: MonitorsContext,
  tx: Tx,
  { at, actor, trigger }: { readonly at: UnixMs; readonly actor: Actor; readonly trigger: AlertTrigger },
  id: string,
): Promise<Monitor> {
  await lockGrouping(tx); // before any row: whoever judges takes them in that order too
  const row = await tx.deleteFrom("monitors_monitor").where("id", "=", id).returningAll().executeTakeFirst();
  if (!row) throw noMonitor(id);
  await monitors.alerts.close(tx, at, { origin: { kind: "monitor", id } }, { trigger, by: actorId(actor) });
  await monitors.alerts.ruleChanged(tx, at, id);
  await record(tx, {
    at,
    actor: actorId(actor),
    verb: "monitor.deleted",
    object: `monitor:${id}`,
    outcome: "done",
    detail: { type: row.type },
    texts: { name: row.name },
  });
  const monitor = monitorOf(row);
  await monitors.tellChanged(tx, at, { effect: "deleted", monitor, by: actor });
  await publish(tx, monitorsTopic);
  return monitor;
}
