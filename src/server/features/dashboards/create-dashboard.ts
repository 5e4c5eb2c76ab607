import { HinobanError } from "#base/errors";
import { newId } from "#base/ids";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Deps } from "#store";
import type { Dashboard } from "#wire/dashboards";
import { demandTargets } from "./demand-targets.ts";
import type { DashboardInput } from "./model.ts";
import { toDashboard } from "./read-dashboards.ts";

/** @throws "forbidden", "invalid-input" for a widget of what does not exist, "conflict" when the path is taken */
export function createDashboard(deps: Deps, actor: Actor, input: DashboardInput): Promise<Dashboard> {
  return deps.db.tx(scopeOf(actor), async (tx) => {
    const at = deps.clock.now();
    demand(actor, "dashboard.change", `organisation:${actor.organisationId}`, at);
    await demandTargets(tx, input.widgets);
    const row = await tx
      .insertInto("dashboards_dashboard")
      .values({
        id: newId(),
        title: input.title,
        memo: input.memo,
        url_path: input.urlPath,
        widgets: JSON.stringify(input.widgets),
        widget_count: input.widgets.length,
        created_at: at,
        updated_at: at,
      })
      .onConflict((on) => on.columns(["organisation_id", "url_path"]).doNothing())
      .returningAll()
      .executeTakeFirst();
    if (!row) throw pathTaken(input.urlPath);
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "dashboard.created",
      object: `dashboard:${row.id}`,
      outcome: "done",
      detail: {},
      texts: { name: input.title },
    });
    await publish(tx, "dashboards");
    return toDashboard(tx, row);
  });
}

export const pathTaken = (urlPath: string, cause?: Error): HinobanError =>
  new HinobanError("conflict", `Another dashboard has the path ${urlPath}.`, { urlPath }, { cause });
