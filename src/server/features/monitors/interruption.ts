import { fromSeconds, minutes, unixSeconds, type Millis, type UnixMs } from "#base/duration";
import { heardSince, servicesNamed, type Inventory } from "#features/inventory";
import { serviceSource } from "#features/metrics";
import type { MetricStore } from "#ports/metric-store/port";
import type { Tx } from "#store";
import type { AlertStatus } from "#wire/alerting";
import type { ServiceRule } from "#wire/monitor-settings";
import type { Monitor } from "./model.ts";
import { detailOf } from "./rules.ts";
import type { Verdict } from "./verdicts.ts";

type ServiceMonitor = Monitor & { readonly settings: ServiceRule };

/** How bad it is that nothing came since a moment; OK while that is no concern yet. */
export function interruptionStatus(rule: ServiceRule, isLonger: (length: Millis) => boolean): AlertStatus {
  const { missingDurationWarning: warning, missingDurationCritical: critical } = rule;
  if (critical && isLonger(minutes(critical))) return "CRITICAL";
  return warning && isLonger(minutes(warning)) ? "WARNING" : "OK";
}

/**
 * What rules say about service metrics that stay away. A metric that never came is no concern, and time in which no server listened does not
 * count. That it came back is told by its next point. A missing metric never makes an alert less bad than it is.
 */
export async function judgeInterruptions(
  tx: Tx,
  at: UnixMs,
  { inventory, store }: { readonly inventory: Inventory; readonly store: MetricStore },
  monitors: readonly Monitor[],
): Promise<Verdict[]> {
  const rules = monitors.filter(isAboutMissing);
  if (rules.length === 0) return [];
  const services = await servicesNamed(
    tx,
    rules.map(({ settings }) => settings.service),
  );
  const rows = await tx
    .selectFrom("monitors_state")
    .select(["monitor_id", "status", "closed_at"])
    .where(
      "monitor_id",
      "in",
      rules.map(({ id }) => id),
    )
    .execute();
  const known = new Map(rows.map((row) => [row.monitor_id, row]));
  const verdicts: Verdict[] = [];
  for (const rule of rules) {
    const serviceId = services.get(rule.settings.service);
    const latest = serviceId === undefined ? undefined : await store.latest(serviceSource(serviceId), rule.settings.metric);
    if (serviceId === undefined || !latest) continue;
    const since = fromSeconds(unixSeconds(latest.time));
    const status = interruptionStatus(rule.settings, (length) => since < heardSince(length, inventory.listening.deaf, at));
    const from = known.get(rule.id)?.status ?? "OK";
    if (since <= (known.get(rule.id)?.closed_at ?? 0)) continue; // somebody closed it by hand, and nothing came since
    if (weight[status] > weight[from]) verdicts.push(verdictOf(rule, serviceId, { from, status, at, since }));
  }
  return verdicts;
}

const weight: Readonly<Record<AlertStatus, number>> = { OK: 0, WARNING: 1, UNKNOWN: 2, CRITICAL: 3 };

const isAboutMissing = (monitor: Monitor): monitor is ServiceMonitor =>
  monitor.settings.type === "service" && Boolean(monitor.settings.missingDurationWarning || monitor.settings.missingDurationCritical);

interface Found {
  readonly from: AlertStatus;
  readonly status: AlertStatus;
  readonly at: UnixMs;
  readonly since: UnixMs;
}

function verdictOf({ id, settings }: ServiceMonitor, serviceId: string, { from, status, at, since }: Found): Verdict {
  const silent = Math.floor((at - since) / minutes(1));
  return {
    monitorId: id,
    key: "",
    type: "service",
    name: settings.name,
    from,
    status,
    message: `${settings.name} no data for ${silent} minutes`,
    value: undefined,
    hostId: undefined,
    serviceId,
    serviceIds: [serviceId],
    roleIds: [],
    detail: { ...detailOf(settings), source: serviceSource(serviceId), metric: settings.metric, lastPointAt: since, silentMinutes: silent },
    observedAt: since,
  };
}
