import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Deps } from "#store";
import type { Dashboard } from "#wire/dashboards";
import { noDashboard, toDashboard } from "./read-dashboards.ts";

/** Returns the dashboard as it was. @throws "forbidden", "not-found" */
export function deleteDashboard(deps: Deps, actor: Actor, id: string): Promise<Dashboard> {
  return deps.db.tx(scopeOf(actor), async (tx) => {
    const at = deps.clock.now();
    demand(actor, "dashboard.change", `dashboard:${id}`, at);
    const row = await tx.deleteFrom("dashboards_dashboard").where("id", "=", id).returningAll().executeTakeFirst();
    if (!row) throw noDashboard(id);
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "dashboard.deleted",
      object: `dashboard:${id}`,
      outcome: "done",
      detail: {},
      texts: { name: row.title },
    });
    await publish(tx, "dashboards");
    await publish(tx, `dashboard:${id}`);
    return toDashboard(tx, row);
  });
}
