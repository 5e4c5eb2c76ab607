import type { Tx } from "#store";
import { placedAlerts, type PlacedAlert } from "./alert-rows.ts";
import { noAlert, present } from "./read-alerts.ts";
import type { AlertLogRow } from "./read-logs.ts";

/** The types of Mackerel's monitors. Alerts of others are not seen in its interface: its clients could not tell what they are. */
const mackerelTypes = ["connectivity", "host", "service", "external", "check", "expression", "anomalyDetection", "query"] as const;

const ofHosts: ReadonlySet<string> = new Set(["connectivity", "host", "check", "anomalyDetection"]);
const withValue: ReadonlySet<string> = new Set(["host", "service", "query", "expression", "external"]);
const withMessage: ReadonlySet<string> = new Set(["check", "external"]);

const inSeconds = (ms: number): number => Math.floor(ms / 1000);

/** An alert in Mackerel's shape. */
export function v0Alert(row: PlacedAlert): object {
  const { type } = row;
  return {
    id: row.id,
    status: row.status,
    monitorId: row.origin_id,
    type,
    ...present({
      hostId: ofHosts.has(type) ? row.host_id : undefined,
      series: type === "query" ? (JSON.parse(row.detail) as { series?: unknown }).series : undefined, // written by this feature alone
      value: withValue.has(type) ? row.value : undefined,
      message: withMessage.has(type) ? row.message : undefined,
      reason: row.reason,
    }),
    openedAt: inSeconds(row.opened_at),
    ...present({ closedAt: row.closed_at === null ? undefined : inSeconds(row.closed_at), memo: row.memo === "" ? undefined : row.memo }),
  };
}

const mackerelAlerts = (tx: Tx) =>
  placedAlerts(tx)
    .where("a.origin_kind", "in", ["monitor", "check"])
    .where("a.type", "in", [...mackerelTypes]);

/** @throws "not-found", also for an alert that Mackerel's interface does not show */
export async function demandMackerelAlert(tx: Tx, id: string): Promise<PlacedAlert> {
  const row = await mackerelAlerts(tx).where("a.id", "=", id).executeTakeFirst();
  if (!row) throw noAlert(id);
  return row;
}

export interface V0Page {
  readonly limit: number;
  /** Only what is older than this one. */
  readonly nextId?: string;
}

/** What of a page is answered: `nextId` only while there is more. */
interface Paged<T> {
  readonly rows: readonly T[];
  readonly nextId: string | undefined;
}

function paged<T extends { readonly id: string }>(rows: readonly T[], limit: number): Paged<T> {
  const page = rows.slice(0, limit);
  return { rows: page, nextId: rows.length > limit ? page.at(-1)?.id : undefined };
}

/** Newest first. An unknown `nextId` has nothing after it. */
export async function pageOfMackerelAlerts(tx: Tx, withClosed: boolean, { limit, nextId }: V0Page): Promise<Paged<PlacedAlert>> {
  let query = mackerelAlerts(tx)
    .orderBy("a.seq", "desc")
    .limit(limit + 1);
  if (!withClosed) query = query.where("a.closed_at", "is", null);
  if (nextId !== undefined)
    query = query.where("a.seq", "<", (of) => of.selectFrom("incidents_alert as last").select("last.seq").where("last.id", "=", nextId));
  return paged(await query.execute(), limit);
}

/** Changes of an alert, newest first. @throws "not-found" */
export async function pageOfMackerelLogs(
  tx: Tx,
  alertId: string,
  { limit, nextId }: V0Page,
): Promise<{ readonly logs: object[]; readonly nextId?: string }> {
  const alert = await demandMackerelAlert(tx, alertId);
  let query = tx
    .selectFrom("incidents_alert_log")
    .selectAll()
    .where("alert_id", "=", alertId)
    .orderBy("seq", "desc")
    .limit(limit + 1);
  if (nextId !== undefined)
    query = query.where("seq", "<", (of) => of.selectFrom("incidents_alert_log as last").select("last.seq").where("last.id", "=", nextId));
  const change = await tx.selectFrom("incidents_rule_change").select("at").where("origin_id", "=", alert.origin_id).executeTakeFirst();
  const page = paged(await query.execute(), limit);
  return { logs: page.rows.map((row) => v0Log(row, alert, change?.at)), ...present({ nextId: page.nextId }) };
}

/** @param changedAt when the rule was changed or deleted last: logs from before name none */
function v0Log(log: AlertLogRow, alert: PlacedAlert, changedAt: number | undefined): object {
  const memo = (JSON.parse(alert.detail) as { memo?: unknown }).memo; // written by this feature alone
  const isCheck = alert.type === "check";
  return {
    id: log.id,
    status: log.status,
    trigger: log.trigger,
    monitorId: changedAt !== undefined && log.created_at <= changedAt ? null : alert.origin_id,
    targetValue: withValue.has(alert.type) ? log.value : null,
    statusDetail: isCheck ? { type: "check", detail: { message: log.message, memo: typeof memo === "string" ? memo : "" } } : null,
    createdAt: inSeconds(log.created_at),
  };
}
