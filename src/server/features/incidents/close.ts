import type { UnixMs } from "#base/duration";
import type { Tx } from "#store";
import { placedAlerts, type PlacedAlert } from "./alert-rows.ts";
import type { IncidentsContext } from "./context.ts";
import type { AlertOrigin, AlertTrigger } from "./model.ts";
import { lockGrouping } from "./grouping-lock.ts";
import { settleAlerts } from "./settle-alerts.ts";
import { alerting, closed } from "./touched.ts";
import { Work } from "./work.ts";

export type CloseWhat =
  | { readonly origin: AlertOrigin; readonly key?: string }
  | { readonly hostId: string }
  | { readonly serviceId: string }
  | { readonly alertId: string };

export interface CloseWhy {
  readonly trigger: AlertTrigger;
  readonly reason?: string;
  /** The ledger's name of who does it: `person:<id>`, `key:<id>`. Absent: nobody, the system does. */
  readonly by?: string;
}

/** Closes open alerts without their origin having found them well. Returns how many. */
export async function closeAlerts(incidents: IncidentsContext, tx: Tx, at: UnixMs, what: CloseWhat, why: CloseWhy): Promise<number> {
  if (why.trigger === "monitorDelete" && "origin" in what) await recordRuleChange(tx, at, what.origin.id);
  if ((await openOnes(tx, what)).length === 0) return 0;
  await lockGrouping(tx);
  const open = await openOnes(tx, what);
  const touched = open.map((before) => ({ alert: closed(before, at, why.trigger, why.reason), before }));
  const work = new Work({ tx, at, by: why.by ?? alerting, via: why.by === undefined ? "system" : "api" });
  const personId = why.by?.startsWith("person:") === true ? why.by.slice("person:".length) : undefined;
  await settleAlerts(work, touched, { trigger: why.trigger, by: personId });
  await work.finish(incidents.listeners);
  return touched.length;
}

function openOnes(tx: Tx, what: CloseWhat): Promise<PlacedAlert[]> {
  const open = placedAlerts(tx).where("a.closed_at", "is", null).orderBy("a.seq");
  if ("alertId" in what) return open.where("a.id", "=", what.alertId).execute();
  if ("hostId" in what) return open.where("a.host_id", "=", what.hostId).execute();
  if ("serviceId" in what) return open.where("a.service_id", "=", what.serviceId).where("a.host_id", "is", null).execute();
  const ofOrigin = open.where("a.origin_kind", "=", what.origin.kind).where("a.origin_id", "=", what.origin.id);
  return (what.key === undefined ? ofOrigin : ofOrigin.where("a.key", "=", what.key)).execute();
}

/** A rule was changed or deleted: logs from before no longer name it. Its own act is in the ledger. */
export async function recordRuleChange(tx: Tx, at: UnixMs, originId: string): Promise<void> {
  await tx
    .insertInto("incidents_rule_change")
    .values({ origin_id: originId, at })
    .onConflict((on) => on.columns(["organisation_id", "origin_id"]).doUpdateSet({ at }))
    .execute();
}
