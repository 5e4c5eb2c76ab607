import { sql, type Selectable } from "kysely";
import { HinobanError } from "#base/errors";
import { existingHosts, existingRoles, existingServices } from "#features/inventory";
import type { Tx } from "#store";
import type { Dashboard, DashboardSummary, Widget } from "#wire/dashboards";
import { present, rolePartsOf, targetsOf, type Targets } from "./model.ts";
import type { DashboardsDashboardTable } from "./tables.ts";

export type DashboardRow = Selectable<DashboardsDashboardTable>;

const widgetsIn = (row: Pick<DashboardRow, "widgets">): Widget[] => JSON.parse(row.widgets) as Widget[]; // written by this feature alone

export const noDashboard = (id: string): HinobanError => new HinobanError("not-found", `There is no dashboard ${id}.`, { id });

/** Those of the hosts, services and roles that exist; retired hosts do. */
export async function knownTargets(tx: Tx, wanted: Targets): Promise<Targets> {
  const roles = await existingRoles(
    tx,
    [...wanted.roles].flatMap((text) => rolePartsOf(text) ?? []),
  );
  return {
    hosts: wanted.hosts.size === 0 ? new Set() : await existingHosts(tx, [...wanted.hosts]),
    services: await existingServices(tx, [...wanted.services]),
    roles: new Set(roles.map(({ service, role }) => `${service}:${role}`)),
  };
}

/** Rows as they are read, with all their targets looked up at once. */
export async function toDashboards(tx: Tx, rows: readonly DashboardRow[]): Promise<Dashboard[]> {
  const parsed = rows.map((row) => ({ row, widgets: widgetsIn(row) }));
  const known = await knownTargets(tx, targetsOf(parsed.flatMap(({ widgets }) => widgets)));
  return parsed.map(({ row, widgets }) => ({
    id: row.id,
    title: row.title,
    memo: row.memo,
    urlPath: row.url_path,
    widgets: present(widgets, known),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }));
}

export async function toDashboard(tx: Tx, row: DashboardRow): Promise<Dashboard> {
  const [dashboard] = await toDashboards(tx, [row]);
  if (!dashboard) throw noDashboard(row.id);
  return dashboard;
}

/** @throws "not-found" */
export async function readDashboard(tx: Tx, id: string): Promise<Dashboard> {
  const row = await tx.selectFrom("dashboards_dashboard").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row) throw noDashboard(id);
  return toDashboard(tx, row);
}

/** Every dashboard with its widgets, oldest first. */
export async function allDashboards(tx: Tx): Promise<Dashboard[]> {
  return toDashboards(tx, await tx.selectFrom("dashboards_dashboard").selectAll().orderBy("created_at").orderBy("id").execute());
}

/** One page of dashboards without their widgets, by title. */
export async function pageOfDashboards(
  tx: Tx,
  query: { readonly text?: string; readonly offset: number; readonly limit: number },
): Promise<{ dashboards: DashboardSummary[]; total: number }> {
  const text = (query.text ?? "").trim().toLowerCase();
  const matching = tx
    .selectFrom("dashboards_dashboard")
    .$if(text !== "", (q) => q.where(sql<boolean>`position(${text} in lower(title || ' ' || memo || ' ' || url_path)) > 0`));
  const dashboards = await matching
    .select([
      "id",
      "title",
      "memo",
      "url_path as urlPath",
      "widget_count as widgetCount",
      "created_at as createdAt",
      "updated_at as updatedAt",
    ])
    .orderBy(sql`title collate "C"`)
    .orderBy("id")
    .offset(query.offset)
    .limit(query.limit)
    .execute();
  const { total } = await matching.select((of) => of.fn.countAll<number>().as("total")).executeTakeFirstOrThrow();
  return { dashboards, total };
}
