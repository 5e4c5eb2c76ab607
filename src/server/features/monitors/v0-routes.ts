import { parseJson, scopeOf, textOf, type V0 } from "#http";
import { mackerelTypes } from "#wire/monitor-settings";
import { changeMonitor } from "./change-monitor.ts";
import { createMonitor } from "./create-monitor.ts";
import { deleteMonitor } from "./delete-monitor.ts";
import type { Monitor } from "./model.ts";
import type { Monitors } from "./monitors.ts";
import { monitoredStatuses } from "./monitored-statuses.ts";
import { settingsOf } from "./parse.ts";
import { noMonitor, readMonitor, readMonitors } from "./store.ts";

const isMackerels = ({ settings }: Monitor): boolean => mackerelTypes.some((type) => type === settings.type);

/** A monitor as Mackerel shows it: with the keys and spellings that somebody wrote. */
export const v0Monitor = ({ id, settings }: Monitor): object => ({ id, ...settings });

/** Serves Mackerel's interface to monitors. Its clients stop at the first type that they do not know, so ours are not there at all. */
export function registerMonitorsV0(v0: V0, monitors: Monitors): void {
  const { db } = monitors;
  v0.route({ method: "GET", path: "/monitors", needs: "monitor.view" }, async ({ actor }) => ({
    monitors: (await db.tx(scopeOf(actor), readMonitors)).filter(isMackerels).map(v0Monitor),
  }));
  v0.route({ method: "GET", path: "/monitors/:id", needs: "monitor.view" }, async ({ actor, params }) => ({
    monitor: v0Monitor(await db.tx(scopeOf(actor), (tx) => mackerels(readMonitor(tx, params["id"] ?? "")))),
  }));
  v0.route({ method: "POST", path: "/monitors", needs: "monitor.change" }, async ({ actor, body }) =>
    v0Monitor(await createMonitor(monitors, actor, settingsOf(parseJson(textOf(body)), "mackerel"))),
  );
  v0.route({ method: "PUT", path: "/monitors/:id", needs: "monitor.change" }, async ({ actor, params, body }) => {
    const id = params["id"] ?? "";
    const given = parseJson(textOf(body));
    await db.tx(scopeOf(actor), (tx) => mackerels(readMonitor(tx, id)));
    return v0Monitor(await changeMonitor(monitors, actor, { id, settings: (before) => settingsOf(given, "mackerel", before) }));
  });
  v0.route({ method: "DELETE", path: "/monitors/:id", needs: "monitor.change" }, async ({ actor, params }) => {
    const id = params["id"] ?? "";
    await db.tx(scopeOf(actor), (tx) => mackerels(readMonitor(tx, id)));
    return v0Monitor(await deleteMonitor(monitors, actor, id));
  });
  v0.route({ method: "GET", path: "/hosts/:id/monitored-statuses", needs: "inventory.view" }, async ({ actor, params }) => ({
    monitoredStatuses: await monitoredStatuses(monitors, actor, params["id"] ?? ""),
  }));
}

/** @throws "not-found" for one of our own types too */
async function mackerels(reading: Promise<Monitor>): Promise<Monitor> {
  const monitor = await reading;
  if (!isMackerels(monitor)) throw noMonitor(monitor.id);
  return monitor;
}
