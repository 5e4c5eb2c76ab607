import { HinobanError } from "#base/errors";
import { demand } from "#features/identity";
import { lockGrouping } from "#features/incidents";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, repeated } from "#store";
import type { MonitorSettings } from "#wire/monitor-settings";
import type { Monitor } from "./model.ts";
import type { MonitorsContext } from "./context.ts";
import { monitorOf, monitorsTopic, noMonitor } from "./store.ts";
import { demandTargets } from "./targets.ts";

export interface ChangeMonitor {
  readonly id: string;
  /** What is to stand there instead, given what stands there now. */
  readonly settings: (before: MonitorSettings) => MonitorSettings;
  /** The version of what was edited; without it whatever stands there is replaced. */
  readonly basedOn?: number;
}

/**
 * Replaces everything of a monitor. The same again is no change. Open alerts stay: they close with the first OK.
 * @throws "forbidden", "not-found", "invalid-input" for what names something that does not exist, "conflict" when somebody else changed it
 */
export function changeMonitor(monitors: MonitorsContext, actor: Actor, input: ChangeMonitor): Promise<Monitor> {
  const { id } = input;
  return repeated(monitors.db).tx(scopeOf(actor), async (tx) => {
    const at = monitors.clock.now();
    demand(actor, "monitor.change", `monitor:${id}`, at);
    await lockGrouping(tx); // before any row: whoever judges takes them in that order too
    const row = await tx.selectFrom("monitors_monitor").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
    if (!row) throw noMonitor(id);
    if (input.basedOn !== undefined && input.basedOn !== row.version)
      throw new HinobanError("conflict", "Somebody else changed the monitor meanwhile.", { id, version: row.version });
    const before = monitorOf(row);
    const settings = input.settings(before.settings);
    const fields = changedFields(before.settings, settings);
    if (fields.length === 0) return before;
    await demandTargets(tx, settings);
    const after = await tx
      .updateTable("monitors_monitor")
      .set({
        name: settings.name,
        is_muted: settings.isMute ?? false,
        settings: JSON.stringify(settings),
        version: row.version + 1,
        updated_at: at,
      })
      .where("id", "=", id)
      .returningAll()
      .executeTakeFirstOrThrow();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "monitor.changed",
      object: `monitor:${id}`,
      outcome: "done",
      detail: { fields },
      texts: { name: settings.name },
    });
    await monitors.alerts.ruleChanged(tx, at, id);
    await monitors.tellChanged(tx, at, { effect: "updated", monitor: monitorOf(after), by: actor });
    await publish(tx, monitorsTopic);
    return monitorOf(after);
  });
}

function changedFields(before: MonitorSettings, after: MonitorSettings): string[] {
  const [was, is] = [new Map<string, unknown>(Object.entries(before)), new Map<string, unknown>(Object.entries(after))];
  return [...new Set([...was.keys(), ...is.keys()])].filter(
    (key) => was.has(key) !== is.has(key) || JSON.stringify(was.get(key)) !== JSON.stringify(is.get(key)),
  );
}
