import { sql, type Selectable } from "kysely";
import { fromSeconds, toSeconds, unixMs, unixSeconds } from "#base/duration";
import { HinobanError } from "#base/errors";
import { findRole, findService } from "#features/inventory";
import type { Tx } from "#store";
import type { Annotation } from "#wire/annotations";
import type { AnnotationInput } from "./parse-annotation.ts";
import type { DashboardsAnnotationTable } from "./tables.ts";

export type AnnotationRow = Selectable<DashboardsAnnotationTable>;

export const noAnnotation = (id: string): HinobanError => new HinobanError("not-found", `There is no graph annotation ${id}.`, { id });

export const toAnnotation = (row: AnnotationRow, service: string): Annotation => ({
  id: row.id,
  title: row.title,
  ...(row.description === null ? {} : { description: row.description }),
  from: toSeconds(unixMs(row.from_at)),
  to: toSeconds(unixMs(row.to_at)),
  service,
  ...(row.roles === null ? {} : { roles: row.roles }),
});

/** The columns that an input becomes. @throws "not-found" for an unknown service or role */
export async function columnsOf(tx: Tx, input: AnnotationInput) {
  const { id } = await findService(tx, input.service);
  for (const role of input.roles ?? []) await findRole(tx, { service: input.service, role });
  return {
    service_id: id,
    title: input.title,
    description: input.description ?? null,
    from_at: fromSeconds(unixSeconds(input.from)),
    to_at: fromSeconds(unixSeconds(input.to)),
    roles: input.roles ? [...input.roles] : null,
  };
}

export interface AnnotationQuery {
  readonly service: string;
  /** Unix seconds; what touches either end counts. */
  readonly from: number;
  readonly to: number;
  /** Only what this role's graphs show. */
  readonly role?: string;
}

/** What touches the range, oldest first. @throws "not-found" for an unknown service or role, "invalid-input" */
export async function annotationsIn(tx: Tx, query: AnnotationQuery): Promise<Annotation[]> {
  if (query.to < query.from) throw new HinobanError("invalid-input", "to: must not be earlier than from.");
  const { id } = await findService(tx, query.service);
  const { role } = query;
  if (role !== undefined) await findRole(tx, { service: query.service, role });
  const rows = await tx
    .selectFrom("dashboards_annotation")
    .selectAll()
    .where("service_id", "=", id)
    .where("from_at", "<=", fromSeconds(unixSeconds(query.to)))
    .where("to_at", ">=", fromSeconds(unixSeconds(query.from)))
    .$if(role !== undefined, (q) => q.where(sql<boolean>`coalesce(cardinality(roles), 0) = 0 or ${role ?? ""} = any (roles)`))
    .orderBy("from_at")
    .orderBy("id")
    .execute();
  return rows.map((row) => toAnnotation(row, query.service));
}

/** The annotation with its service's name, locked; those of a deleted service are gone with it. @throws "not-found" */
export async function lockAnnotation(tx: Tx, id: string): Promise<{ readonly row: AnnotationRow; readonly service: string }> {
  const found = await tx
    .selectFrom("dashboards_annotation as a")
    .innerJoin("inventory_service as s", "s.id", "a.service_id")
    .selectAll("a")
    .select("s.name as service")
    .where("a.id", "=", id)
    .where("s.deleted_at", "is", null)
    .forUpdate("a")
    .executeTakeFirst();
  if (!found) throw noAnnotation(id);
  const { service, ...row } = found;
  return { row, service };
}
