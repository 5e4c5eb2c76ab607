import { demand } from "#features/identity";
import { scopeOf, type Actor } from "#http";
import { monitorLimits } from "#wire/monitor-settings";
import { repeated } from "#store";
import type { MonitorsContext } from "./context.ts";
import { recordCreation } from "./create-monitor.ts";
import type { Monitor } from "./model.ts";
import { readMonitor } from "./store.ts";

/** Copies a monitor. The copy is muted, for it would tell everything twice. @throws "forbidden", "not-found" */
export function copyMonitor(monitors: MonitorsContext, actor: Actor, id: string, name?: string): Promise<Monitor> {
  return repeated(monitors.db).tx(scopeOf(actor), async (tx) => {
    const at = monitors.clock.now();
    demand(actor, "monitor.change", `monitor:${id}`, at);
    const { settings } = await readMonitor(tx, id);
    const copy = { ...settings, name: name ?? `${settings.name} (2)`.slice(-monitorLimits.name), isMute: true };
    return recordCreation(monitors, tx, { at, actor }, copy);
  });
}
