import type { UnixMs } from "#base/duration";
import { newId } from "#base/ids";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Tx, repeated } from "#store";
import type { MonitorSettings } from "#wire/monitor-settings";
import type { Monitor } from "./model.ts";
import type { MonitorsContext } from "./context.ts";
import { monitorOf, monitorsTopic } from "./store.ts";
import { demandTargets } from "./targets.ts";

/** @throws "forbidden", "invalid-input" for settings that name something which does not exist */
export function createMonitor(monitors: MonitorsContext, actor: Actor, settings: MonitorSettings): Promise<Monitor> {
  return repeated(monitors.db).tx(scopeOf(actor), async (tx) => {
    const at = monitors.clock.now();
    demand(actor, "monitor.change", `organisation:${actor.organisationId}`, at);
    await demandTargets(tx, settings);
    return recordCreation(monitors, tx, { at, actor }, settings);
  });
}

/** The creation itself, in the caller's transaction, of settings whose targets exist. */
export async function recordCreation(
  monitors: Pick<MonitorsContext, "tellChanged">,
  tx: Tx,
  { at, actor }: { readonly at: UnixMs; readonly actor: Actor },
  settings: MonitorSettings,
): Promise<Monitor> {
  const row = await tx
    .insertInto("monitors_monitor")
    .values({
      id: newId(),
      type: settings.type,
      name: settings.name,
      is_muted: settings.isMute ?? false,
      settings: JSON.stringify(settings),
      version: 1,
      created_at: at,
      updated_at: at,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await record(tx, {
    at,
    actor: actorId(actor),
    verb: "monitor.created",
    object: `monitor:${row.id}`,
    outcome: "done",
    detail: { type: settings.type },
    texts: { name: settings.name },
  });
  const monitor = monitorOf(row);
  await monitors.tellChanged(tx, at, { effect: "created", monitor, by: actor });
  await publish(tx, monitorsTopic);
  return monitor;
}
