import { fromSeconds, toSeconds, unixSeconds, type UnixMs } from "#base/duration";
import { idsOfHosts, placesOfHosts, servicesNamed, type PlacedHost } from "#features/inventory";
import { metricSourceOf, serviceSource } from "#features/metrics";
import type { Change } from "#store";
import type { AlertStatus } from "#wire/alerting";
import type { EngineDeps } from "./engine-deps.ts";
import { isInScope, judgedWithin, messageOf, pointsNeeded, reach, type Judgement, type Monitor, type Scoped } from "./model.ts";
import { PointWindow } from "./point-window.ts";
import { detailOf, pointedRules, type PointedRule } from "./rules.ts";
import type { SeriesSlots } from "./series-slots.ts";
import { monitorsTopic, readMonitors, statesTopic } from "./store.ts";
import { Target, type TargetParts } from "./target.ts";
import type { Verdict } from "./verdicts.ts";

/** Room for points that come late, or for those of other inputs that come earlier. */
const spare = 4;
/** Series are read back this many seconds first; only where that is not enough, a whole day. */
const shortReach = 3600;

interface KnownState {
  readonly monitorId: string;
  readonly target: string;
  readonly status: AlertStatus;
  /** Unix seconds. */
  readonly judgedAt: number;
}

interface WatchedSource {
  readonly windows: Map<string, PointWindow>;
  targets: readonly Target[];
}

const stateKey = (monitorId: string, key: string): string => `${monitorId} ${key}`;
/** Mackerel's: those that are in use or stand ready are watched. */
export const isWatched = ({ status, isRetired }: Pick<PlacedHost, "status" | "isRetired">): boolean =>
  !isRetired && (status === "working" || status === "standby");

export const scopedOf = ({ roles }: Pick<PlacedHost, "roles">): Scoped => ({
  scopes: new Set(roles.flatMap(({ service, role }) => [service, `${service}:${role}`])),
});

/**
 * The rules of one organisation that judge points as they come, with the newest points of every series that they watch. What changes is
 * read anew; all work of one organisation is done one piece after the other.
 */
export class OrganisationRules {
  readonly #deps: EngineDeps;
  readonly #id: string;
  readonly #slots: SeriesSlots;
  readonly #sources = new Map<string, WatchedSource>();
  readonly #byKey = new Map<string, Target>();
  #rules: readonly PointedRule[] = [];
  #hosts = new Map<string, PlacedHost>();
  #services = new Map<string, string>();
  #states = new Map<string, KnownState>();
  #queue: Promise<unknown> = Promise.resolve();
  #isLoaded = false;
  readonly #toLearn = new Set<string>();

  constructor(deps: EngineDeps, id: string, slots: SeriesSlots) {
    this.#deps = deps;
    this.#id = id;
    this.#slots = slots;
  }

  /** Every target of every source that is watched now. */
  *targets(): Generator<Target, void, undefined> {
    for (const { targets } of this.#sources.values()) yield* targets;
  }

  /** Every host that is not retired. */
  hosts(): Iterable<PlacedHost> {
    return this.#hosts.values();
  }

  /** The target of a rule that judges points, while there is one. */
  target(monitorId: string, key: string): Target | undefined {
    return this.#byKey.get(stateKey(monitorId, key));
  }

  /** What was said of a target counts from now on. */
  settle({ monitorId, key, status, observedAt }: Pick<Verdict, "monitorId" | "key" | "status" | "observedAt">): void {
    this.#states.set(stateKey(monitorId, key), { monitorId, target: key, status, judgedAt: toSeconds(observedAt) });
    const target = this.target(monitorId, key);
    if (!target) return;
    target.status = status;
    target.isPending = false;
  }

  /** Verdicts that let go of what is no longer watched: the host left the scope, or the rule is about another metric now. */
  letGo(now: UnixMs): Verdict[] {
    return [...this.#states.values()].flatMap(({ monitorId, target, status }) => {
      const rule = status === "OK" || this.target(monitorId, target) ? undefined : this.#rules.find((one) => one.monitorId === monitorId);
      const host = this.#hosts.get(target);
      if (!rule || !host || !isWatched(host)) return [];
      return [letGoOf(rule, host, status, now)];
    });
  }

  /** Reads everything once. Points that came while nobody judged are judged now. @throws what the database throws */
  load(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#isLoaded) return;
      await this.#read();
      await this.#learnAll(true);
      this.#isLoaded = true;
    });
  }

  /** Sources posted series that nobody looked at yet. */
  learn(sources: Iterable<string>): void {
    for (const source of sources) this.#toLearn.add(source);
    void this.#inTurn(async () => {
      if (!this.#isLoaded) return;
      const waiting = [...this.#toLearn];
      this.#toLearn.clear();
      await this.#findHosts(waiting.filter((source) => !source.startsWith("service:") && !this.#hosts.has(source)));
      for (const source of waiting) await this.#learn(source, true);
    }).catch(this.#deps.onError);
  }

  onChange(change: Change | undefined): void {
    if (!this.#isLoaded) return;
    const { topic = "" } = change ?? {};
    if (!change || topic === "services") this.#reread(async () => this.#read());
    else if (topic === monitorsTopic) this.#reread(async () => this.#readRules());
    else if (topic === statesTopic) void this.#inTurn(() => this.#readStates()).catch(this.#deps.onError);
    else if (topic.startsWith("host:")) this.#changeHost(topic.slice(5));
  }

  /** Waits until nothing is being read. */
  async settled(): Promise<void> {
    let seen: unknown;
    while (seen !== this.#queue) {
      seen = this.#queue;
      await this.#queue;
    }
  }

  /** What follows from new points of targets. @returns the verdicts that are news */
  judge(targets: Iterable<Target>, now: UnixMs): Verdict[] {
    const verdicts: Verdict[] = [];
    for (const target of targets) {
      const judgement = target.judgeNewest(toSeconds(now));
      if (!judgement || (judgement.status === target.status && !target.isPending)) continue;
      target.isPending = true;
      verdicts.push(verdictOf(target, judgement));
    }
    return verdicts;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  #reread(read: () => Promise<void>): void {
    void this.#inTurn(async () => {
      await read();
      await this.#learnAll(false);
    }).catch(this.#deps.onError);
  }

  #changeHost(id: string): void {
    void this.#inTurn(async () => {
      await this.#findHosts([id]);
      await this.#learn(id, false);
    }).catch(this.#deps.onError);
  }

  async #read(): Promise<void> {
    await this.#deps.db.tx({ organisationId: this.#id }, async (tx) => {
      this.#hosts = await placesOfHosts(tx, await idsOfHosts(tx, { retired: "exclude" }));
    });
    await this.#readRules();
  }

  async #readRules(): Promise<void> {
    await this.#deps.db.tx({ organisationId: this.#id }, async (tx) => {
      const monitors: readonly Monitor[] = await readMonitors(tx);
      this.#rules = pointedRules(monitors);
      this.#services = await servicesNamed(
        tx,
        this.#rules.flatMap(({ settings }) => (settings.type === "service" ? [settings.service] : [])),
      );
    });
    await this.#readStates();
  }

  async #readStates(): Promise<void> {
    const rows = await this.#deps.db.tx({ organisationId: this.#id }, (tx) =>
      tx.selectFrom("monitors_state").select(["monitor_id", "target", "status", "judged_at", "closed_at"]).execute(),
    );
    this.#states = new Map(
      rows.map(({ monitor_id: monitorId, target, status, judged_at: judgedAt, closed_at: closedAt }) => [
        stateKey(monitorId, target),
        { monitorId, target, status, judgedAt: Math.floor(Math.max(judgedAt, closedAt ?? 0) / 1000) },
      ]),
    );
    for (const target of this.targets()) this.#takeState(target);
  }

  #takeState(target: Target): void {
    const known = this.#states.get(stateKey(target.rule.monitorId, target.key));
    target.status = known?.status ?? "OK";
    target.judgedAt = Math.max(target.judgedAt, known?.judgedAt ?? 0);
  }

  async #findHosts(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const found = await this.#deps.db.tx({ organisationId: this.#id }, (tx) => placesOfHosts(tx, ids));
    for (const [id, host] of found) this.#hosts.set(id, host);
  }

  async #learnAll(judgesOld: boolean): Promise<void> {
    const services = [...this.#services.values()].map(serviceSource);
    const sources = new Set([...this.#hosts.keys(), ...services, ...this.#sources.keys(), ...this.#toLearn]);
    this.#toLearn.clear();
    for (const source of sources) await this.#learn(source, judgesOld);
  }

  /** Finds out which rules watch a source, and reads back the points that they need. */
  async #learn(source: string, judgesOld: boolean): Promise<void> {
    const { store } = this.#deps;
    const names = await store.names(source);
    const posted = new Set(names);
    const before = this.#sources.get(source);
    const wanted = this.#rules.flatMap((rule) => this.#wantedOf(rule, source, posted) ?? []);
    const windows = windowsFor(wanted, before?.windows);
    const targets = wanted.map((one) => this.#targetOf(one, windows.all, before?.targets ?? []));
    this.#keep(source, { windows: windows.all, targets }, before?.targets ?? []);
    for (const name of names) {
      const window = windows.all.get(name);
      const ref = store.seriesOf(source, name);
      if (!window) this.#slots.leave(ref);
      else this.#slots.watch(ref, { window, targets: targets.filter((_, i) => wanted[i]?.inputs.includes(name)) });
    }
    for (const [name, window] of windows.fresh) await this.#readBack(source, name, window);
    this.#begin(
      targets.filter((target) => !target.isReady),
      judgesOld,
    );
  }

  #keep(source: string, watched: WatchedSource, before: readonly Target[]): void {
    for (const { rule, key } of before) this.#byKey.delete(stateKey(rule.monitorId, key));
    for (const target of watched.targets) this.#byKey.set(stateKey(target.rule.monitorId, target.key), target);
    if (watched.targets.length === 0) this.#sources.delete(source);
    else this.#sources.set(source, watched);
  }

  /** From now on targets are judged. A rule that was just made waits for the next point; after a start the newest one may not have been. */
  #begin(targets: readonly Target[], judgesOld: boolean): void {
    for (const target of targets) {
      target.isReady = true;
      if (!judgesOld) target.judgedAt = Math.max(target.judgedAt, target.newest);
    }
    if (judgesOld && targets.length > 0) this.#deps.report(this.#id, this.judge(targets, this.#deps.clock.now()));
  }

  #wantedOf(rule: PointedRule, source: string, posted: ReadonlySet<string>): Wanted | undefined {
    const { settings } = rule;
    if (settings.type === "host") {
      const host = this.#hosts.get(source);
      return host && isWatched(host) && isInScope(scopedOf(host), rule.scope) ? wantedOfHost(rule, host, posted) : undefined;
    }
    const serviceId = this.#services.get(settings.service);
    if (serviceId === undefined || serviceSource(serviceId) !== source || !posted.has(settings.metric)) return undefined;
    const place = { key: "", hostId: undefined, serviceId, serviceIds: [serviceId], roleIds: [] };
    return { rule, ...place, inputs: [settings.metric], computation: undefined };
  }

  #targetOf(wanted: Wanted, windows: ReadonlyMap<string, PointWindow>, before: readonly Target[]): Target {
    const inputs = wanted.inputs.map((name) => windows.get(name) ?? new PointWindow(1));
    const target = new Target({ ...wanted, inputNames: wanted.inputs, inputs });
    const known = before.find((one) => one.rule.monitorId === wanted.rule.monitorId && one.key === wanted.key);
    target.judgedAt = known?.judgedAt ?? 0;
    this.#takeState(target);
    if (known) target.status = known.status;
    // With another input the newest point says something else: another file system came.
    target.isReady = known?.isReady === true && known.inputs === target.inputs;
    if (known && !target.isReady) target.judgedAt = Math.min(target.judgedAt, known.newest - 1);
    target.isPending = known?.isPending ?? false;
    return target;
  }

  async #readBack(source: string, name: string, window: PointWindow): Promise<void> {
    const now = toSeconds(this.#deps.clock.now());
    for (const seconds of [shortReach, reach]) {
      const points = await this.#deps.store.read(source, name, { from: unixSeconds(now - seconds), to: unixSeconds(now + judgedWithin) });
      const count = points?.times.length ?? 0;
      for (let i = Math.max(0, count - window.capacity); i < count; i++) window.add(points?.times[i] ?? 0, points?.values[i] ?? 0, true);
      if (window.count >= window.capacity - spare) return;
    }
  }
}

/** A target before its points were looked up: its inputs are names. */
type Wanted = Omit<TargetParts, "inputNames" | "inputs"> & { readonly inputs: readonly string[] };

/** What a rule needs of a host; undefined when the host never posted it. */
function wantedOfHost(rule: PointedRule, host: PlacedHost, posted: ReadonlySet<string>): Wanted | undefined {
  const { metric } = rule.settings;
  const found = metricSourceOf(metric, posted);
  const inputs = found.kind === "stored" ? [found.name] : found.inputs;
  const [first] = inputs;
  if (first === undefined || !posted.has(first)) return undefined;
  const place = { key: host.id, hostId: host.id, serviceId: undefined, serviceIds: host.serviceIds, roleIds: host.roleIds };
  // Of the file systems any one is enough.
  const computation = found.kind === "stored" ? undefined : { required: metric === "disk%" ? 0 : 1, compute: found.compute };
  return { rule, ...place, inputs, computation };
}

interface Windows {
  readonly all: Map<string, PointWindow>;
  /** Those whose points are to be read back. */
  readonly fresh: readonly (readonly [string, PointWindow])[];
}

/** A window for each series that is wanted: the one that there was, if it is large enough. */
function windowsFor(wanted: readonly Wanted[], before: ReadonlyMap<string, PointWindow> | undefined): Windows {
  const all = new Map<string, PointWindow>();
  const fresh: [string, PointWindow][] = [];
  for (const [name, capacity] of capacitiesOf(wanted)) {
    const kept = before?.get(name);
    if (kept && kept.capacity >= capacity) all.set(name, kept);
    else {
      const window = grown(kept, capacity);
      all.set(name, window);
      fresh.push([name, window]);
    }
  }
  return { all, fresh };
}

function capacitiesOf(wanted: readonly Wanted[]): Map<string, number> {
  const needed = new Map<string, number>();
  for (const { rule, inputs } of wanted)
    for (const name of inputs) needed.set(name, Math.max(needed.get(name) ?? 0, pointsNeeded(rule.points) + spare));
  return needed;
}

function grown(kept: PointWindow | undefined, capacity: number): PointWindow {
  const window = new PointWindow(capacity);
  for (let i = 0; i < (kept?.count ?? 0); i++) window.add(kept?.times[i] ?? 0, kept?.values[i] ?? 0);
  return window;
}

function letGoOf(rule: PointedRule, host: PlacedHost, from: AlertStatus, now: UnixMs): Verdict {
  return {
    monitorId: rule.monitorId,
    key: host.id,
    type: rule.settings.type,
    name: rule.settings.name,
    from,
    status: "OK",
    message: `${rule.settings.name} no longer watches this host`,
    value: undefined,
    hostId: host.id,
    serviceId: undefined,
    serviceIds: host.serviceIds,
    roleIds: host.roleIds,
    detail: detailOf(rule.settings),
    observedAt: now,
  };
}

function verdictOf(target: Target, judgement: Judgement): Verdict {
  const { rule, key, hostId, serviceId, serviceIds, roleIds } = target;
  const source = hostId ?? (serviceId === undefined ? undefined : serviceSource(serviceId));
  return {
    monitorId: rule.monitorId,
    key,
    type: rule.settings.type,
    name: rule.settings.name,
    from: target.status,
    status: judgement.status,
    message: messageOf(rule.settings.name, judgement, rule.points),
    value: judgement.value,
    hostId,
    serviceId,
    serviceIds,
    roleIds,
    detail: { ...detailOf(rule.settings), ...(source === undefined ? {} : { source, metric: rule.settings.metric }) },
    observedAt: fromSeconds(unixSeconds(target.judgedAt)),
  };
}
