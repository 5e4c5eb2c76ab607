import { days, toSeconds, unixSeconds, type UnixMs } from "#base/duration";
import { placesOfHosts, idsOfHosts, type PlacedHost } from "#features/inventory";
import { matchWildcards } from "#features/metrics";
import { repeated, type Tx } from "#store";
import type { AlertStatus } from "#wire/alerting";
import type { AnomalyRule } from "#wire/monitor-settings";
import { sql } from "kysely";
import type { MonitorsContext } from "./context.ts";
import { isInScope, scopeRuleOf, type Monitor } from "./model.ts";
import { isWatched, scopedOf } from "./organisation-rules.ts";
import { detailOf } from "./rules.ts";
import { readMonitors } from "./store.ts";
import { features, judgeRow, mostSamples, neededDays, train, type AnomalyModel, type AnomalySaid } from "./training.ts";
import { applyVerdicts, writeStates, type Verdict } from "./verdicts.ts";

type AnomalyMonitor = Monitor & { readonly settings: AnomalyRule };

const trainsEvery = days(1);
/** What was learnt is at most so old data, and comes in averages of ten minutes. */
const learnsFrom = days(30);
const bucketMinutes = 10;
/** Hosts of a role that one training looks at. */
const mostHosts = 100;
const usualAttempts = 3;
/** A figure this old says nothing about the present. */
const freshSeconds = 5 * 60;

const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface ModelRow {
  readonly monitor_id: string;
  readonly trained_at: number;
  readonly model: string | null;
}

interface StateRow {
  readonly monitor_id: string;
  readonly target: string;
  readonly status: AlertStatus;
  readonly attempts: number;
}

interface Known {
  readonly rules: readonly AnomalyMonitor[];
  readonly models: ReadonlyMap<string, ModelRow>;
  readonly states: ReadonlyMap<string, StateRow>;
  readonly hosts: readonly PlacedHost[];
}

/** Rules that learn how the hosts of a role behave and speak when one behaves unlike that. Silent until they have learnt enough. */
export class Anomalies {
  readonly #monitors: MonitorsContext;

  constructor(monitors: MonitorsContext) {
    this.#monitors = monitors;
  }

  /** One minute's work for an organisation: learns what is due, and judges. */
  async run(organisationId: string, at: UnixMs): Promise<void> {
    const known = await repeated(this.#monitors.db).tx({ organisationId }, read);
    if (known.rules.length === 0) return;
    for (const rule of known.rules) {
      const hosts = hostsOf(rule, known.hosts);
      const row = known.models.get(rule.id);
      if (row === undefined || row.trained_at + trainsEvery <= at || row.trained_at < rule.updatedAt)
        await this.#train(organisationId, at, rule, hosts);
      else if (row.model !== null) {
        const model = JSON.parse(row.model) as AnomalyModel; // written by this feature alone
        await this.#judge(organisationId, at, { rule, hosts, model, states: known.states });
      }
    }
  }

  async #train(organisationId: string, at: UnixMs, rule: AnomalyMonitor, hosts: readonly PlacedHost[]): Promise<void> {
    const earliest = Math.max(toSeconds(at) - learnsFrom / 1000, rule.settings.trainingPeriodFrom ?? 0);
    const rows: number[][] = [];
    let span = 0;
    for (const host of hosts.slice(0, mostHosts)) {
      const found = await this.#rowsOf(host.id, earliest, toSeconds(at), Math.ceil((mostSamples * 2) / Math.max(1, hosts.length)));
      span = Math.max(span, found.days);
      rows.push(...found.rows);
    }
    const model = span >= neededDays ? await train(rows, breathe) : undefined;
    await repeated(this.#monitors.db).tx({ organisationId }, (tx) =>
      // What was learnt is no act of anybody's: the history does not hear of it.
      sql`insert into monitors_model (monitor_id, trained_at, samples, days, model)
        select id, ${at}, ${rows.length}, ${Math.floor(span)}, ${model === undefined ? null : JSON.stringify(model)} from monitors_monitor where id = ${rule.id}
        on conflict (monitor_id) do update set trained_at = excluded.trained_at, samples = excluded.samples, days = excluded.days, model = excluded.model`.execute(
        tx,
      ),
    );
  }

  /** A host's averages of ten minutes, thinned to about `most` rows, and how many days they span. */
  async #rowsOf(hostId: string, from: number, to: number, most: number): Promise<{ rows: number[][]; days: number }> {
    const range = { from: unixSeconds(from), to: unixSeconds(to) };
    const buckets = Math.max(1, Math.ceil((to - from) / (bucketMinutes * 60)));
    const columns = await this.#columnsOf(hostId, async (name) => (await this.#monitors.store.buckets(hostId, name, range, buckets))?.avg);
    const width = Math.max(0, ...columns.map((column) => column?.length ?? 0));
    const filled: number[] = [];
    for (let i = 0; i < width; i++) if (columns.some((column) => Number.isFinite(column?.[i]))) filled.push(i);
    const [first = 0, last = 0] = [filled[0], filled.at(-1)];
    const step = Math.max(1, filled.length / most);
    const rows = Array.from({ length: Math.min(filled.length, most) }, (_, i) => {
      const at = filled[Math.floor(i * step)] ?? 0;
      return columns.map((column) => column?.[at] ?? Number.NaN);
    });
    return { rows, days: width === 0 ? 0 : ((last - first) * (to - from)) / width / 86_400 };
  }

  /** A column for each feature; those of several devices are added up. */
  async #columnsOf(
    hostId: string,
    columnOf: (name: string) => Promise<ArrayLike<number> | undefined>,
  ): Promise<(ArrayLike<number> | undefined)[]> {
    const posted = await this.#monitors.store.names(hostId);
    const columns: (ArrayLike<number> | undefined)[] = [];
    for (const { metrics } of features) {
      const names = posted.filter((name) => metrics.some((pattern) => matchWildcards(pattern, name)));
      const parts: ArrayLike<number>[] = [];
      for (const name of names) {
        const part = await columnOf(name);
        if (part) parts.push(part);
      }
      columns.push(summed(parts));
    }
    return columns;
  }

  async #judge(organisationId: string, at: UnixMs, { rule, hosts, model, states }: Judging): Promise<void> {
    const monitors = this.#monitors;
    const verdicts: Verdict[] = [];
    const counting: Parameters<typeof writeStates>[2][number][] = [];
    for (const host of hosts) {
      const row = await this.#presentRow(host.id, at);
      const said = row && judgeRow(row, model);
      if (!said) continue;
      const found = counted(rule, host, states.get(`${rule.id} ${host.id}`), { said, model, at });
      if (found.verdict) verdicts.push(found.verdict);
      else if (found.state) counting.push(found.state);
    }
    if (verdicts.length + counting.length === 0) return;
    const settled = await repeated(monitors.db).tx({ organisationId }, async (tx) => {
      const applied = await applyVerdicts(monitors, tx, at, verdicts);
      await writeStates(tx, at, counting);
      return applied;
    });
    for (const verdict of settled) monitors.settle(organisationId, verdict);
  }

  /** The newest value of each feature; undefined when nothing is fresh. */
  async #presentRow(hostId: string, at: UnixMs): Promise<number[] | undefined> {
    const since = toSeconds(at) - freshSeconds;
    const columns = await this.#columnsOf(hostId, async (name) => {
      const point = await this.#monitors.store.latest(hostId, name);
      return point && point.time >= since ? [point.value] : undefined;
    });
    return columns.every((column) => column === undefined) ? undefined : columns.map((column) => column?.[0] ?? Number.NaN);
  }
}

interface Judging {
  readonly rule: AnomalyMonitor;
  readonly hosts: readonly PlacedHost[];
  readonly model: AnomalyModel;
  readonly states: ReadonlyMap<string, StateRow>;
}

async function read(tx: Tx): Promise<Known> {
  const rules = (await readMonitors(tx)).filter((one): one is AnomalyMonitor => one.settings.type === "anomalyDetection");
  if (rules.length === 0) return { rules, models: new Map(), states: new Map(), hosts: [] };
  const ids = rules.map(({ id }) => id);
  const models = await tx
    .selectFrom("monitors_model")
    .select(["monitor_id", "trained_at", "model"])
    .where("monitor_id", "in", ids)
    .execute();
  const states = await tx
    .selectFrom("monitors_state")
    .select(["monitor_id", "target", "status", "attempts"])
    .where("monitor_id", "in", ids)
    .execute();
  const hosts = await placesOfHosts(tx, await idsOfHosts(tx, { retired: "exclude" }));
  return {
    rules,
    models: new Map(models.map((row) => [row.monitor_id, row])),
    states: new Map(states.map((row) => [`${row.monitor_id} ${row.target}`, row])),
    hosts: [...hosts.values()],
  };
}

const hostsOf = ({ settings }: AnomalyMonitor, hosts: readonly PlacedHost[]): PlacedHost[] => {
  const scope = scopeRuleOf(settings);
  return hosts.filter((host) => isWatched(host) && isInScope(scopedOf(host), scope));
};

function summed(parts: readonly ArrayLike<number>[]): ArrayLike<number> | undefined {
  const [first] = parts;
  if (!first || parts.length === 1) return first;
  return Array.from({ length: first.length }, (_, i) =>
    parts.reduce((sum, part) => (Number.isFinite(part[i]) ? (Number.isFinite(sum) ? sum : 0) + (part[i] ?? 0) : sum), Number.NaN),
  );
}

/** What oddness is by a rule's sensitivities. */
export function anomalyStatus({ warningSensitivity, criticalSensitivity }: AnomalyRule, odd: number, model: AnomalyModel): AlertStatus {
  if (criticalSensitivity && odd > model.limits[criticalSensitivity]) return "CRITICAL";
  return warningSensitivity && odd > model.limits[warningSensitivity] ? "WARNING" : "OK";
}

interface Found {
  readonly said: AnomalySaid;
  readonly model: AnomalyModel;
  readonly at: UnixMs;
}

interface Counted {
  readonly verdict?: Verdict;
  readonly state?: Parameters<typeof writeStates>[2][number];
}

/** A host is odd after so many minutes in a row; one that is usual ends it. */
function counted(rule: AnomalyMonitor, host: PlacedHost, known: StateRow | undefined, { said, model, at }: Found): Counted {
  const { id, settings } = rule;
  const { status: from, attempts: before } = known ?? { status: "OK" as const, attempts: 0 };
  const status = anomalyStatus(settings, said.oddness, model);
  const most = settings.maxCheckAttempts ?? usualAttempts;
  const attempts = status === "OK" ? 0 : Math.min(most, before + 1);
  const message = `${settings.name} ${said.metric}`;
  const isDecided = status === "OK" || attempts >= most;
  if (isDecided && status !== from) return { verdict: verdictOf(rule, host, { said, at, from, status, message, attempts }) };
  if (attempts === before) return {};
  return { state: { monitorId: id, key: host.id, status: from, message, observedAt: at, attempts } };
}

interface Decided extends Omit<Found, "model"> {
  readonly from: AlertStatus;
  readonly status: AlertStatus;
  readonly message: string;
  readonly attempts: number;
}

function verdictOf({ id, settings }: AnomalyMonitor, host: PlacedHost, { said, at, ...decided }: Decided): Verdict {
  return {
    ...decided,
    monitorId: id,
    key: host.id,
    type: "anomalyDetection",
    name: settings.name,
    value: undefined,
    hostId: host.id,
    serviceId: undefined,
    serviceIds: host.serviceIds,
    roleIds: host.roleIds,
    detail: { ...detailOf(settings), source: host.id, metric: said.metric, deviations: Math.round(said.deviations * 10) / 10 },
    observedAt: at,
  };
}
