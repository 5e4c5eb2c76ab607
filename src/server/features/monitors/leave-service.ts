import type { UnixMs } from "#base/duration";
import { lockGrouping } from "#features/incidents";
import { recordAll } from "#features/ledger";
import { actorId } from "#http";
import type { DeletedService } from "#features/inventory";
import { publish, type Tx } from "#store";
import { recordDeletion } from "./delete-monitor.ts";
import type { MonitorsContext } from "./context.ts";
import { monitorsTopic, readMonitors, monitorOf } from "./store.ts";
import type { Monitor } from "./model.ts";

/**
 * A service is deleted: rules about its metrics are deleted with it, and rules that only kept their response times there go on without, as
 * far as they can: without the metric no response time is watched.
 */
export async function leaveService(monitors: MonitorsContext, tx: Tx, at: UnixMs, { name, by: actor }: DeletedService): Promise<void> {
  const all = await readMonitors(tx);
  for (const { id, settings } of all) {
    if (settings.type === "service" && settings.service === name)
      await recordDeletion(monitors, tx, { at, actor, trigger: "serviceDelete" }, id);
  }
  const linked = all.filter(({ settings }) => settings.type !== "service" && "service" in settings && settings.service === name);
  if (linked.length > 0) await lockGrouping(tx); // before any row: whoever judges takes them in that order too
  for (const monitor of linked) await unlink(monitors, tx, at, { monitor, actor });
  if (linked.length > 0) await publish(tx, monitorsTopic);
}

interface Unlinked {
  readonly monitor: Monitor;
  readonly actor: DeletedService["by"];
}

async function unlink(monitors: MonitorsContext, tx: Tx, at: UnixMs, { monitor, actor }: Unlinked): Promise<void> {
  const settings: Record<string, unknown> = { ...monitor.settings };
  const gone = ["service", "responseTimeWarning", "responseTimeCritical", "responseTimeDuration"].filter((key) => key in settings);
  for (const key of gone) delete settings[key];
  const row = await tx
    .updateTable("monitors_monitor")
    .set({ settings: JSON.stringify(settings), version: monitor.version + 1, updated_at: at })
    .where("id", "=", monitor.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  const { name } = monitor.settings;
  await recordAll(tx, [
    {
      at,
      actor: actorId(actor),
      verb: "monitor.changed",
      object: `monitor:${monitor.id}`,
      outcome: "done",
      detail: { fields: gone },
      texts: { name },
    },
  ]);
  await monitors.tellChanged(tx, at, { effect: "updated", monitor: monitorOf(row), by: actor });
}
