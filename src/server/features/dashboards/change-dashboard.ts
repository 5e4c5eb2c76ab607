import type { Updateable } from "kysely";
import { HinobanError } from "#base/errors";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Deps, type Tx } from "#store";
import type { Dashboard } from "#wire/dashboards";
import { pathTaken } from "./create-dashboard.ts";
import { demandTargets } from "./demand-targets.ts";
import type { DashboardInput } from "./model.ts";
import { noDashboard, toDashboard, type DashboardRow } from "./read-dashboards.ts";
import type { DashboardsDashboardTable } from "./tables.ts";

export interface ChangeDashboard extends DashboardInput {
  readonly id: string;
  /** `updatedAt` of what was edited; without it whatever stands there is replaced. */
  readonly basedOn?: number;
}

/**
 * Replaces everything of a dashboard. The same again is no change.
 * @throws "forbidden", "not-found", "invalid-input" for a widget of what does not exist, "conflict" when the path is taken or somebody else
 * changed the dashboard meanwhile
 */
export function changeDashboard(deps: Deps, actor: Actor, input: ChangeDashboard): Promise<Dashboard> {
  return deps.db.tx(scopeOf(actor), async (tx) => {
    const now = deps.clock.now();
    demand(actor, "dashboard.change", `dashboard:${input.id}`, now);
    const before = await tx.selectFrom("dashboards_dashboard").selectAll().where("id", "=", input.id).forUpdate().executeTakeFirst();
    if (!before) throw noDashboard(input.id);
    if (input.basedOn !== undefined && input.basedOn !== before.updated_at)
      throw new HinobanError("conflict", "Somebody else changed the dashboard meanwhile.", { id: input.id, updatedAt: before.updated_at });
    await demandTargets(tx, input.widgets);
    const after = {
      title: input.title,
      memo: input.memo,
      url_path: input.urlPath,
      widgets: JSON.stringify(input.widgets),
      widget_count: input.widgets.length,
    };
    const fields = changedFields(before, after);
    if (fields.length === 0) return toDashboard(tx, before);
    // Two changes within a millisecond are two states.
    const at = Math.max(now, before.updated_at + 1);
    const row = await store(tx, input, { ...after, updated_at: at });
    await record(tx, {
      at: now,
      actor: actorId(actor),
      verb: "dashboard.changed",
      object: `dashboard:${input.id}`,
      outcome: "done",
      detail: { fields },
      texts: { name: input.title },
    });
    await publish(tx, "dashboards");
    await publish(tx, `dashboard:${input.id}`);
    return toDashboard(tx, row);
  });
}

/** The unique index decides, also between two that take the path at the same moment. */
async function store(tx: Tx, { id, urlPath }: ChangeDashboard, columns: Updateable<DashboardsDashboardTable>): Promise<DashboardRow> {
  try {
    return await tx.updateTable("dashboards_dashboard").set(columns).where("id", "=", id).returningAll().executeTakeFirstOrThrow();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === uniqueViolation) throw pathTaken(urlPath, error);
    throw error;
  }
}

/** SQLSTATE. */
const uniqueViolation = "23505";

type Changeable = Pick<DashboardRow, "title" | "memo" | "url_path" | "widgets">;

function changedFields(before: Changeable, after: Changeable): string[] {
  const fields: string[] = [];
  if (before.title !== after.title) fields.push("title");
  if (before.memo !== after.memo) fields.push("memo");
  if (before.url_path !== after.url_path) fields.push("urlPath");
  if (before.widgets !== after.widgets) fields.push("widgets");
  return fields;
}
