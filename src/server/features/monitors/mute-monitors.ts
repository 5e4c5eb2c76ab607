import { demand } from "#features/identity";
import { lockGrouping } from "#features/incidents";
import { recordAll } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, repeated } from "#store";
import type { MonitorsContext } from "./context.ts";
import { monitorOf, monitorsTopic } from "./store.ts";

/**
 * Mutes monitors, or lets them speak again: alerts go on to exist, nobody is told of those that begin while it is muted. One entry each.
 * Monitors that are so already, or that do not exist, are left out.
 * @returns how many changed
 * @throws "forbidden"
 */
export function muteMonitors(monitors: MonitorsContext, actor: Actor, ids: readonly string[], isMute: boolean): Promise<number> {
  return repeated(monitors.db).tx(scopeOf(actor), async (tx) => {
    const at = monitors.clock.now();
    demand(actor, "monitor.change", `organisation:${actor.organisationId}`, at);
    if (ids.length === 0) return 0;
    await lockGrouping(tx); // before any row: whoever judges takes them in that order too
    const rows = await tx
      .selectFrom("monitors_monitor")
      .selectAll()
      .where("id", "in", ids)
      .where("is_muted", "=", !isMute)
      .orderBy("id")
      .forUpdate()
      .execute();
    for (const row of rows) {
      const settings = { ...monitorOf(row).settings, isMute };
      const after = await tx
        .updateTable("monitors_monitor")
        .set({ is_muted: isMute, settings: JSON.stringify(settings), version: row.version + 1, updated_at: at })
        .where("id", "=", row.id)
        .returningAll()
        .executeTakeFirstOrThrow();
      await monitors.tellChanged(tx, at, { effect: "updated", monitor: monitorOf(after), by: actor });
    }
    await recordAll(
      tx,
      rows.map((row) => ({
        at,
        actor: actorId(actor),
        verb: isMute ? ("monitor.muted" as const) : ("monitor.unmuted" as const),
        object: `monitor:${row.id}`,
        outcome: "done" as const,
        detail: {},
        texts: { name: row.name },
      })),
    );
    if (rows.length > 0) await publish(tx, monitorsTopic);
    return rows.length;
  });
}
