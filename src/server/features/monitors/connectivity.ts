import { minutes, type UnixMs } from "#base/duration";
import { placesOfHosts, silentHosts, type Inventory, type PlacedHost } from "#features/inventory";
import type { Tx } from "#store";
import type { AlertStatus } from "#wire/alerting";
import type { ConnectivityRule } from "#wire/monitor-settings";
import { isInScope, scopeRuleOf, type Monitor } from "./model.ts";
import { isWatched, scopedOf } from "./organisation-rules.ts";
import { detailOf } from "./rules.ts";
import type { Verdict } from "./verdicts.ts";

/**
 * What connectivity rules say now: a host from which nothing came for longer than it is allowed is gone, one from which something came is
 * back. A host that never sent anything is no concern, nor is one that is switched off or under maintenance: its alert stays as it is.
 */
export async function judgeConnectivity(tx: Tx, at: UnixMs, inventory: Inventory, monitors: readonly Monitor[]): Promise<Verdict[]> {
  const rules = monitors.filter((one): one is ConnectivityMonitor => one.settings.type === "connectivity");
  if (rules.length === 0) return [];
  const silent = await silentHosts(tx, inventory);
  const known = await tx
    .selectFrom("monitors_state")
    .select(["monitor_id", "target", "status", "closed_at"])
    .where(
      "monitor_id",
      "in",
      rules.map((rule) => rule.id),
    )
    .where((either) => either.or([either("status", "<>", "OK"), either("closed_at", "is not", null)]))
    .execute();
  const places = await placesOfHosts(tx, [...silent.keys(), ...known.map((row) => row.target)]);
  const states = new Map(known.map((row) => [`${row.monitor_id} ${row.target}`, row]));
  return rules.flatMap((rule) => {
    const scope = scopeRuleOf(rule.settings);
    const gone = rule.settings.alertStatusOnGone ?? "CRITICAL";
    return [...places.values()].flatMap((host) => {
      const state = states.get(`${rule.id} ${host.id}`);
      const from: AlertStatus = state?.status ?? "OK";
      // Somebody closed it by hand, and nothing came since: they know.
      if (!isWatched(host) || (silent.get(host.id) ?? at) <= (state?.closed_at ?? 0)) return [];
      const isGone = silent.has(host.id) && isInScope(scopedOf(host), scope);
      if (isGone === (from !== "OK")) return [];
      return [verdictOf(rule, host, { from, status: isGone ? gone : "OK", at, since: silent.get(host.id) })];
    });
  });
}

type ConnectivityMonitor = Monitor & { readonly settings: ConnectivityRule };

interface Found {
  readonly from: AlertStatus;
  readonly status: AlertStatus;
  readonly at: UnixMs;
  readonly since: UnixMs | undefined;
}

function verdictOf({ id, settings }: ConnectivityMonitor, host: PlacedHost, { from, status, at, since }: Found): Verdict {
  return {
    monitorId: id,
    key: host.id,
    type: "connectivity",
    name: settings.name,
    from,
    status,
    message: status === "OK" ? "reachable" : "unreachable",
    value: undefined,
    hostId: host.id,
    serviceId: undefined,
    serviceIds: host.serviceIds,
    roleIds: host.roleIds,
    detail: { ...detailOf(settings), ...(since === undefined ? {} : { lastSeenAt: since, silentMinutes: minutesSince(since, at) }) },
    observedAt: at,
  };
}

const minutesSince = (since: UnixMs, at: UnixMs): number => Math.floor((at - since) / minutes(1));
