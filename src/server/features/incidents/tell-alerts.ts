import type { PlacedAlert } from "./alert-rows.ts";
import type { AlertTrigger } from "./model.ts";
import type { Told, Touched } from "./touched.ts";
import type { Work } from "./work.ts";

/** Alerts that a line of the timeline names; of more it says only how many. */
const mostNamed = 20;

type Effect = "opened" | "changed" | "closed";

const effectOf = ({ alert, before }: Touched): Effect => {
  if (!before) return "opened";
  return alert.closed_at === null ? "changed" : "closed";
};

/** Collects what there is to tell about alerts: one entry in the ledger each, one line of the timeline for those of one incident together. */
export function tellAlerts(work: Work, touched: readonly Touched[], { trigger, by }: Told): void {
  const lines = new Map<string, { readonly incidentId: string; readonly kind: string; readonly alerts: PlacedAlert[] }>();
  for (const one of touched) {
    const { alert, before } = one;
    const effect = effectOf(one);
    work.alertChanged({ row: alert, effect, from: before?.status ?? "OK", trigger, by });
    recordAlert(work, one, effect, trigger);
    if (alert.incident_id === null) continue;
    const kind = before?.incident_id === alert.incident_id ? `alerts-${effect}` : "alerts-joined";
    const line = lines.get(`${kind} ${alert.incident_id}`) ?? { incidentId: alert.incident_id, kind, alerts: [] };
    line.alerts.push(alert);
    lines.set(`${kind} ${alert.incident_id}`, line);
  }
  for (const { incidentId, kind, alerts } of lines.values()) work.note(incidentId, { kind, detail: detailOf(alerts) });
}

const detailOf = (alerts: readonly PlacedAlert[]): Readonly<Record<string, unknown>> => ({
  count: alerts.length,
  alerts: alerts.slice(0, mostNamed).map(({ id, name, message, status, host_id: hostId }) => ({ id, name, message, status, hostId })),
});

function recordAlert(work: Work, { alert, before }: Touched, effect: Effect, trigger: AlertTrigger): void {
  const about = {
    ...(alert.incident_id === null ? {} : { incident: alert.incident_id }),
    ...(alert.host_id === null ? {} : { host: alert.host_id }),
  };
  const object = `alert:${alert.id}`;
  const { status, severity } = alert;
  const message = alert.message === "" ? alert.name : `${alert.name}: ${alert.message}`;
  if (effect === "opened") work.record({ verb: "alert.opened", object, detail: { ...about, status, severity }, texts: { message } });
  else if (effect === "changed")
    work.record({
      verb: "alert.changed",
      object,
      detail: { ...about, from: before?.status ?? "OK", to: status, severity },
      texts: { message },
    });
  else
    work.record({
      verb: "alert.closed",
      object,
      detail: { ...about, from: before?.status ?? "OK", trigger },
      texts: { reason: alert.reason === null || alert.reason === "" ? undefined : alert.reason },
    });
}
