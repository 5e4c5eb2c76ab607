import { placesOfHosts } from "#features/inventory";
import type { Tx } from "#store";
import type { AlertStatus } from "#wire/alerting";
import type { MonitorSettings } from "#wire/monitor-settings";
import type { MonitorDetail, MonitorSummary, MonitorTarget, MonitorWaiting } from "#wire/monitors";
import { isInScope, scopeRuleOf, type Monitor } from "./model.ts";
import type { OrganisationRules } from "./organisation-rules.ts";
import { isWatched, scopedOf } from "./organisation-rules.ts";
import { readMonitor, readMonitors } from "./store.ts";
import { neededDays } from "./training.ts";

export interface ListQuery {
  readonly text?: string;
  readonly type?: string;
  readonly show?: "all" | "bad" | "muted";
  readonly offset: number;
  readonly limit: number;
}

interface State {
  readonly target: string;
  readonly status: AlertStatus;
  readonly message: string;
  readonly changed_at: number;
}

type States = ReadonlyMap<string, readonly State[]>;

/** One page of monitors. An organisation has at most some thousand, so that they are looked through in memory. */
export async function pageOfMonitors(tx: Tx, rules: OrganisationRules, query: ListQuery) {
  const states = await readStates(tx);
  const watched = await targetCounts(tx, rules);
  const all = (await readMonitors(tx)).map((monitor) => summaryOf(monitor, states, watched));
  const matching = all.filter((one) => matches(one, query));
  const isBad = (one: MonitorSummary): boolean => one.bad > 0;
  const isMuted = ({ settings }: MonitorSummary): boolean => settings.isMute ?? false;
  const shown = query.show === "bad" ? matching.filter(isBad) : query.show === "muted" ? matching.filter(isMuted) : matching;
  return {
    monitors: shown.slice(query.offset, query.offset + query.limit),
    total: shown.length,
    counts: { all: matching.length, bad: matching.filter(isBad).length, muted: matching.filter(isMuted).length },
  };
}

function matches({ settings }: MonitorSummary, { text = "", type }: ListQuery): boolean {
  if (type !== undefined && settings.type !== type) return false;
  const wanted = text.trim().toLowerCase();
  return wanted === "" || searched(settings).toLowerCase().includes(wanted);
}

function searched(settings: MonitorSettings): string {
  const probe = "probe" in settings && "host" in settings.probe ? settings.probe.host : "";
  const about = ["metric", "service", "url", "expression", "query"].map((key) =>
    String(Object.entries(settings).find(([k]) => k === key)?.[1] ?? ""),
  );
  return [settings.name, settings.memo ?? "", ...about, probe].join(" ");
}

async function readStates(tx: Tx, monitorId?: string): Promise<Map<string, State[]>> {
  const rows = await tx
    .selectFrom("monitors_state")
    .select(["monitor_id", "target", "status", "message", "changed_at"])
    .$if(monitorId !== undefined, (q) => q.where("monitor_id", "=", monitorId ?? ""))
    .execute();
  const states = new Map<string, State[]>();
  for (const { monitor_id: id, ...state } of rows) states.set(id, [...(states.get(id) ?? []), state]);
  return states;
}

const weight: Readonly<Record<AlertStatus, number>> = { OK: 0, WARNING: 1, UNKNOWN: 2, CRITICAL: 3 };

function summaryOf(monitor: Monitor, states: States, watched: (monitor: Monitor) => number): MonitorSummary {
  const own = (states.get(monitor.id) ?? []).filter(({ target }) => counts(monitor.settings, target));
  const bad = own.filter(({ status }) => status !== "OK");
  const status = bad.reduce<AlertStatus>((worst, one) => (weight[one.status] > weight[worst] ? one.status : worst), "OK");
  return { ...presented(monitor), status, targets: Math.max(watched(monitor), bad.length), bad: bad.length };
}

/** Of what is asked from several places the whole counts, not each place. */
const counts = (settings: MonitorSettings, target: string): boolean =>
  settings.type === "external" || "probe" in settings ? target === "" : true;

export const presented = ({ id, settings, version, createdAt, updatedAt }: Monitor) => ({ id, settings, version, createdAt, updatedAt });

/** How many things each monitor watches now. */
async function targetCounts(tx: Tx, rules: OrganisationRules): Promise<(monitor: Monitor) => number> {
  const pointed = new Map<string, number>();
  for (const { rule } of rules.targets()) pointed.set(rule.monitorId, (pointed.get(rule.monitorId) ?? 0) + 1);
  const hosts = [...rules.hosts()].filter(isWatched).map(scopedOf);
  return ({ id, settings }) => {
    if (settings.type === "host" || settings.type === "service") return pointed.get(id) ?? 0;
    if (settings.type !== "connectivity" && settings.type !== "anomalyDetection") return 1;
    const scope = scopeRuleOf(settings);
    return hosts.filter((host) => isInScope(host, scope)).length;
  };
}

const mostTargets = 500;

/** A monitor with its targets. @throws "not-found" */
export async function readDetail(tx: Tx, rules: OrganisationRules, id: string): Promise<MonitorDetail> {
  const monitor = await readMonitor(tx, id);
  const states = await readStates(tx, id);
  const summary = summaryOf(monitor, states, await targetCounts(tx, rules));
  const model = await tx.selectFrom("monitors_model").selectAll().where("monitor_id", "=", id).executeTakeFirst();
  const waiting = waitingOf(monitor, summary.targets, model?.model ?? null);
  return {
    ...summary,
    targetList: await targetList(tx, rules, monitor, states.get(id) ?? []),
    ...(waiting === undefined ? {} : { waiting }),
    ...(model === undefined
      ? {}
      : { training: { trainedAt: model.trained_at, samples: model.samples, days: model.days, needsDays: neededDays } }),
  };
}

function waitingOf({ settings }: Monitor, targets: number, model: string | null): MonitorWaiting | undefined {
  if (settings.type === "query") return "unsupported";
  if (settings.type === "anomalyDetection" && model === null) return "not-trained";
  return targets === 0 ? "no-target" : undefined;
}

async function targetList(tx: Tx, rules: OrganisationRules, monitor: Monitor, states: readonly State[]): Promise<MonitorTarget[]> {
  const known = new Map(states.map((state) => [state.target, state]));
  const keys = new Set([...known.keys(), ...watchedKeys(rules, monitor)]);
  if (keys.size > 1) keys.delete("");
  const places = await placesOfHosts(
    tx,
    [...keys].map((key) => (key.startsWith("host:") ? key.slice(5) : key)),
  );
  const targets = [...keys].map((key): MonitorTarget => {
    const state = known.get(key);
    const host = places.get(key.startsWith("host:") ? key.slice(5) : key);
    return {
      key,
      name: host ? host.displayName || host.name : key,
      ...(host ? { hostId: host.id } : {}),
      status: state?.status ?? "OK",
      message: state?.message ?? "",
      ...(state === undefined ? {} : { changedAt: state.changed_at }),
    };
  });
  return targets.toSorted((a, b) => weight[b.status] - weight[a.status] || (a.name < b.name ? -1 : 1)).slice(0, mostTargets);
}

function watchedKeys(rules: OrganisationRules, { id, settings }: Monitor): string[] {
  if (settings.type === "connectivity" || settings.type === "anomalyDetection") {
    const scope = scopeRuleOf(settings);
    return [...rules.hosts()].filter((host) => isWatched(host) && isInScope(scopedOf(host), scope)).map((host) => host.id);
  }
  return [...rules.targets()].filter(({ rule }) => rule.monitorId === id).map(({ key }) => key);
}
