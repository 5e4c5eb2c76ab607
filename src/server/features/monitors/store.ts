import type { Selectable } from "kysely";
import { HinobanError } from "#base/errors";
import type { Tx } from "#store";
import type { MonitorSettings } from "#wire/monitor-settings";
import type { Monitor } from "./model.ts";
import type { MonitorsMonitorTable } from "./tables.ts";

export type MonitorRow = Selectable<MonitorsMonitorTable>;

/** What changed concerns these screens and every server's memory of the rules. */
export const monitorsTopic = "monitors";
/** Somebody closed an alert by hand: what servers remember of their judgements no longer holds. */
export const statesTopic = "monitor-states";

export const monitorOf = (row: MonitorRow): Monitor => ({
  id: row.id,
  settings: JSON.parse(row.settings) as MonitorSettings, // written by this feature alone
  isMuted: row.is_muted,
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

export const noMonitor = (id: string): HinobanError => new HinobanError("not-found", `There is no monitor ${id}.`, { id });

/** All rules of the organisation, by type and name as Mackerel lists them. */
export async function readMonitors(tx: Tx): Promise<Monitor[]> {
  const rows = await tx.selectFrom("monitors_monitor").selectAll().orderBy("type").orderBy("name").orderBy("id").execute();
  return rows.map(monitorOf);
}

/** @throws "not-found" */
export async function readMonitor(tx: Tx, id: string): Promise<Monitor> {
  const row = await tx.selectFrom("monitors_monitor").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row) throw noMonitor(id);
  return monitorOf(row);
}
