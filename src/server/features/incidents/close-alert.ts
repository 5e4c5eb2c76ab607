import { demand } from "#features/identity";
import { actorId, scopeOf, type Actor } from "#http";
import { repeated } from "#store";
import { closeAlerts } from "./close.ts";
import type { IncidentsContext } from "./context.ts";
import { demandAlert } from "./read-alerts.ts";

export interface CloseAlert {
  readonly id: string;
  readonly reason?: string | undefined;
}

/** Somebody closes an alert by hand; one that is closed already stays as it is. It opens anew when it is found again. @throws "forbidden", "not-found" */
export function closeAlert(incidents: IncidentsContext, actor: Actor, { id, reason }: CloseAlert): Promise<void> {
  return repeated(incidents.db).tx(scopeOf(actor), async (tx) => {
    const at = incidents.clock.now();
    demand(actor, "alert.change", `alert:${id}`, at);
    await demandAlert(tx, id);
    await closeAlerts(incidents, tx, at, { alertId: id }, { trigger: "manual", reason: reason ?? "", by: actorId(actor) });
  });
}
