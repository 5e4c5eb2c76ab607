import { HinobanError, invalidInput } from "#base/errors";
import { demandHost } from "#features/inventory";
import { scopeOf, serve, type Served } from "#http";
import type { MonitorSettings } from "#wire/monitor-settings";
import * as wire from "#wire/monitors";
import { changeMonitor } from "./change-monitor.ts";
import { copyMonitor } from "./copy-monitor.ts";
import { createMonitor } from "./create-monitor.ts";
import { createMonitors } from "./create-monitors.ts";
import { deleteMonitor } from "./delete-monitor.ts";
import { monitoredStatuses } from "./monitored-statuses.ts";
import type { Monitors } from "./monitors.ts";
import { muteMonitors } from "./mute-monitors.ts";
import { settingsOf } from "./parse.ts";
import { incomplete, previewMonitor } from "./preview.ts";
import { pageOfMonitors, presented, readDetail } from "./read-list.ts";
import { readMonitors } from "./store.ts";
import { templates } from "./templates.ts";

const defaultLimit = 50;

/** Serves the own interface of monitors. Settings pass the same reader as Mackerel's. */
export function registerMonitors(served: Served, monitors: Monitors): void {
  registerReads(served, monitors);
  registerWrites(served, monitors);
}

function registerReads(served: Served, monitors: Monitors): void {
  const { db, engine } = monitors;
  serve(served, wire.listMonitors, async ({ actor, query }) => {
    const rules = await engine.rulesOf(actor.organisationId);
    return db.tx(scopeOf(actor), (tx) =>
      pageOfMonitors(tx, rules, { ...query, offset: query.offset ?? 0, limit: query.limit ?? defaultLimit }),
    );
  });
  serve(served, wire.getMonitor, async ({ actor, params }) => {
    const rules = await engine.rulesOf(actor.organisationId);
    return db.tx(scopeOf(actor), (tx) => readDetail(tx, rules, params.id));
  });
  serve(served, wire.previewMonitor, async ({ actor, body: { settings, days } }) => {
    const read = draftOf(settings);
    return "problem" in read ? incomplete(read.problem, days) : previewMonitor(monitors, actor, read.settings, days);
  });
  serve(served, wire.listHostMonitors, async ({ actor, params }) => {
    const statuses = await monitoredStatuses(monitors, actor, params.id);
    return db.tx(scopeOf(actor), async (tx) => {
      await demandHost(tx, params.id);
      const known = new Map((await readMonitors(tx)).map(({ id, settings }) => [id, settings]));
      return {
        monitors: statuses.flatMap(({ monitorId, status, detail }) => {
          const settings = known.get(monitorId);
          if (!settings) return [];
          const { name, type, isMute = false } = settings;
          return [{ id: monitorId, name, type, status, message: detail?.message ?? "", isMute }];
        }),
      };
    });
  });
}

function registerWrites(served: Served, monitors: Monitors): void {
  serve(served, wire.createMonitor, async ({ actor, body }) => presented(await createMonitor(monitors, actor, judgeable(body.settings))));
  serve(served, wire.changeMonitor, async ({ actor, params, body }) => {
    const { basedOn } = body;
    const settings = (before: MonitorSettings) => settingsOf(body.settings, "own", before);
    return presented(await changeMonitor(monitors, actor, { id: params.id, settings, ...(basedOn === undefined ? {} : { basedOn }) }));
  });
  serve(served, wire.deleteMonitor, async ({ actor, params }) => {
    await deleteMonitor(monitors, actor, params.id);
    return { success: true } as const;
  });
  serve(served, wire.copyMonitor, async ({ actor, params, body }) => presented(await copyMonitor(monitors, actor, params.id, body.name)));
  serve(served, wire.muteMonitors, async ({ actor, body }) => ({ changed: await muteMonitors(monitors, actor, body.ids, body.isMute) }));
  serve(served, wire.createFromTemplates, async ({ actor, body }) => ({
    monitors: (await createMonitors(monitors, actor, templates(body.templates))).map(presented),
  }));
}

/** Settings that somebody is still typing: a preview needs no name, and what is missing is no error. */
function draftOf(given: object): { readonly settings: MonitorSettings } | { readonly problem: string } {
  try {
    return { settings: settingsOf({ ...given, name: "preview" }, "own") };
  } catch (error) {
    if (error instanceof HinobanError && error.code === "invalid-input") return { problem: error.message };
    throw error;
  }
}

/** What a person makes here must work: rules over labelled metrics are only kept for those who bring them from elsewhere. */
function judgeable(body: unknown): MonitorSettings {
  const settings = settingsOf(body, "own");
  if (settings.type === "query")
    throw invalidInput([{ field: "type", problem: "PromQL queries are not judged here; use an expression over the same metrics" }]);
  return settings;
}
