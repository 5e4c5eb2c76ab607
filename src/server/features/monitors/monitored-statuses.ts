import { checkStatuses, placesOfHosts, demandHost, type CheckState } from "#features/inventory";
import { scopeOf, type Actor } from "#http";
import type { AlertStatus } from "#wire/alerting";
import { isInScope, scopeRuleOf } from "./model.ts";
import type { Monitors } from "./monitors.ts";
import { isWatched, scopedOf } from "./organisation-rules.ts";
import { readMonitors } from "./store.ts";

/** What a rule says of a host, as Mackerel shows it; of checks what they found last. */
export interface MonitoredStatus {
  readonly monitorId: string;
  readonly status: AlertStatus;
  readonly detail?: CheckState["detail"];
}

/** What all rules say of a host: connectivity, metrics that it posts, anomalies of its roles, and its checks. @throws "not-found" */
export async function monitoredStatuses(monitors: Monitors, actor: Actor, hostId: string): Promise<MonitoredStatus[]> {
  const rules = await monitors.engine.rulesOf(actor.organisationId);
  return monitors.db.tx(scopeOf(actor), async (tx) => {
    await demandHost(tx, hostId);
    const host = (await placesOfHosts(tx, [hostId])).get(hostId);
    const rows = await tx.selectFrom("monitors_state").select(["monitor_id", "status"]).where("target", "=", hostId).execute();
    const known = new Map(rows.map((row) => [row.monitor_id, row.status]));
    const all = host && isWatched(host) ? await readMonitors(tx) : [];
    const watching = all.filter(({ id, settings }) => {
      if (settings.type === "host") return rules.target(id, hostId) !== undefined;
      if (settings.type !== "connectivity" && settings.type !== "anomalyDetection") return false;
      return host !== undefined && isInScope(scopedOf(host), scopeRuleOf(settings));
    });
    const statuses = watching.map(({ id }) => ({ monitorId: id, status: known.get(id) ?? ("OK" as const) }));
    return [...statuses, ...(await checkStatuses(tx, hostId))];
  });
}
