import type { AppendedListener } from "#features/metrics";
import type { PointColumns } from "#ports/metric-store/port";
import type { Change } from "#store";
import { judgedWithin, reach } from "./model.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { OrganisationRules } from "./organisation-rules.ts";
import { SeriesSlots, type WatchedSeries } from "./series-slots.ts";
import type { Target } from "./target.ts";
import type { Verdict } from "./verdicts.ts";

/**
 * Judges points when they arrive, for all organisations. In the way of a post stands one look into an array for each point; everything
 * that takes the database happens after it.
 */
export class Engine implements AppendedListener {
  readonly #deps: EngineDeps;
  readonly #slots = new SeriesSlots();
  readonly #organisations = new Map<string, OrganisationRules>();
  /** Hosts with an alert because nothing came from them. */
  readonly #gone = new Set<string>();
  /** Judgements since the start, for the server's figures. */
  judged = 0;

  constructor(deps: EngineDeps) {
    this.#deps = deps;
  }

  /** The rules of an organisation, read when they were not yet. @throws what the database throws */
  async rulesOf(organisationId: string): Promise<OrganisationRules> {
    const rules = this.#of(organisationId);
    await rules.load();
    return rules;
  }

  appended(organisationId: string, columns: PointColumns, sources: Iterable<string>): void {
    const now = this.#deps.clock.now();
    const { touched, isUnseen } = this.#take(columns, now / 1000);
    if (isUnseen) this.#learn(organisationId, sources);
    if (this.#gone.size > 0) this.#hear(organisationId, sources);
    if (!touched) return;
    this.judged += touched.size;
    const verdicts = this.#of(organisationId).judge(touched, now);
    if (verdicts.length > 0) this.#deps.report(organisationId, verdicts);
  }

  /** Notes that a host has an alert because nothing comes from it, or no longer has. */
  noteGone(hostId: string, isGone: boolean): void {
    if (isGone) this.#gone.add(hostId);
    else this.#gone.delete(hostId);
  }

  /** Judges points that were not judged when they came, since this process began in between, and lets go of what is no longer watched. */
  async sweep(organisationId: string): Promise<void> {
    const rules = await this.rulesOf(organisationId);
    const now = this.#deps.clock.now();
    const verdicts = [...rules.judge(rules.targets(), now), ...rules.letGo(now)];
    if (verdicts.length > 0) this.#deps.report(organisationId, verdicts);
  }

  /** What was said counts from now on. */
  settle(organisationId: string, verdict: Verdict): void {
    this.#organisations.get(organisationId)?.settle(verdict);
  }

  /** To be told of every change that any process announced; undefined when some may have been missed. */
  onChange(change: Change | undefined): void {
    if (change) this.#organisations.get(change.organisationId)?.onChange(change);
    else for (const rules of this.#organisations.values()) rules.onChange(undefined);
  }

  /** Waits until nothing is being read. */
  async settled(): Promise<void> {
    for (const rules of this.#organisations.values()) await rules.settled();
  }

  #of(organisationId: string): OrganisationRules {
    let rules = this.#organisations.get(organisationId);
    if (!rules) this.#organisations.set(organisationId, (rules = new OrganisationRules(this.#deps, organisationId, this.#slots)));
    return rules;
  }

  /** Puts points of watched series into their windows. @param now unix seconds */
  #take({ count, series, times, values }: PointColumns, now: number): { touched: Set<Target> | undefined; isUnseen: boolean } {
    const [oldest, latest] = [now - reach, now + judgedWithin];
    let touched: Set<Target> | undefined;
    let isUnseen = false;
    for (let i = 0; i < count; i++) {
      const found = this.#slots.find(series[i] ?? 0);
      if (found === undefined) continue;
      if (found === "unseen") isUnseen = true;
      else if (isBetween(times[i] ?? 0, oldest, latest)) touched = take(found, times[i] ?? 0, values[i] ?? 0, touched);
    }
    return { touched, isUnseen };
  }

  #hear(organisationId: string, sources: Iterable<string>): void {
    let isHeard = false;
    for (const source of sources) if (this.#gone.delete(source)) isHeard = true;
    if (isHeard) this.#deps.heard(organisationId);
  }

  #learn(organisationId: string, sources: Iterable<string>): void {
    const rules = this.#of(organisationId);
    rules.learn(sources);
    rules.load().catch(this.#deps.onError);
  }
}

/** A point from a clock that runs far ahead would keep every other from being the newest. */
const isBetween = (time: number, oldest: number, latest: number): boolean => time >= oldest && time <= latest;

function take({ window, targets }: WatchedSeries, time: number, value: number, touched: Set<Target> | undefined): Set<Target> {
  window.add(time, value);
  const set = touched ?? new Set();
  for (const target of targets) set.add(target);
  return set;
}
