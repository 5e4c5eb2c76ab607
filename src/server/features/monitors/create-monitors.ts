import { demand } from "#features/identity";
import { scopeOf, type Actor } from "#http";
import type { MonitorSettings } from "#wire/monitor-settings";
import { repeated } from "#store";
import type { MonitorsContext } from "./context.ts";
import { recordCreation } from "./create-monitor.ts";
import type { Monitor } from "./model.ts";
import { readMonitors } from "./store.ts";

/**
 * Creates several monitors that name nothing of the inventory, one entry each. One of the same type and name is there already: it stays as it
 * is, so that asking twice makes nothing twice.
 * @throws "forbidden"
 */
export function createMonitors(monitors: MonitorsContext, actor: Actor, all: readonly MonitorSettings[]): Promise<Monitor[]> {
  return repeated(monitors.db).tx(scopeOf(actor), async (tx) => {
    const at = monitors.clock.now();
    demand(actor, "monitor.change", `organisation:${actor.organisationId}`, at);
    const there = new Set((await readMonitors(tx)).map(({ settings }) => `${settings.type} ${settings.name}`));
    const created: Monitor[] = [];
    for (const settings of all)
      if (!there.has(`${settings.type} ${settings.name}`)) created.push(await recordCreation(monitors, tx, { at, actor }, settings));
    return created;
  });
}
