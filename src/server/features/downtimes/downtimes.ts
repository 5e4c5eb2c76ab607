import { sql } from "kysely";
import type { Clock } from "#base/clock";
import { minutes, unixMs, type UnixMs } from "#base/duration";
import { DueWork, installationScope, publish, type Change, type Db, type Deps, type Looked, type Tx } from "#store";
import { compileAll, organisationClock, ruleOfRow, type CompiledAll } from "./compiled.ts";
import { holdsAt, holdsUntil, isInScope, nextEnd, windowsIn, type Thing, type Window } from "./model.ts";
import type { DowntimeRow } from "./rows.ts";

/** A downtime that stopped holding. Another one may still cover the same things: ask `covers`. */
export interface EndedDowntime {
  readonly downtimeId: string;
}

/** A feature above that hears, inside the transaction that notes it, of downtimes that stop holding. */
export interface DowntimeListener {
  ended(tx: Tx, at: UnixMs, ended: EndedDowntime): Promise<void>;
}

/** What features above hand down: this one may not call them. */
export interface DowntimesExtension {
  /** Names of those of the ids that are monitors or checks. */
  monitorNames(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

export interface DowntimesDeps extends Deps {
  readonly onError: (error: unknown) => void;
}

interface Kept {
  readonly all: CompiledAll;
  readonly loadedAt: number;
}

/** An announcement of a change may be lost. */
const freshFor = minutes(1);
const mostWindows = 1000;

/** Announces that downtimes changed. */
export const downtimesTopic = "downtimes";
/** What else a downtime depends on: names of services and roles, and the organisation's time zone. */
const otherTopics = new Set(["services", "settings"]);

/** Downtimes of all organisations: kept in memory, since each judgement of a monitor asks. */
export class Downtimes implements Deps {
  readonly db: Db;
  readonly clock: Clock;
  readonly #kept = new Map<string, Kept>();
  readonly #listeners: DowntimeListener[] = [];
  readonly #work: DueWork;
  readonly #toReplan = new Set<string>();
  /** What transactions see that changed downtimes themselves. */
  readonly #changed = new WeakMap<Tx, CompiledAll>();
  /** Counts what was forgotten: what is loaded while it moves on may be old already. */
  #generation = 0;
  #extension: DowntimesExtension | undefined;

  constructor({ db, clock, onError }: DowntimesDeps) {
    this.db = db;
    this.clock = clock;
    this.#work = new DueWork({ name: "downtimes.ends", clock, look: () => this.#look(), onError });
  }

  /** To be called once, before the first request. */
  extend(extension: DowntimesExtension): void {
    this.#extension = extension;
  }

  /** From now on `listener` is told of every downtime that stops holding: by itself, by hand, or because it was changed or deleted. */
  listen(listener: DowntimeListener): void {
    this.#listeners.push(listener);
  }

  /**
   * For each thing the id of a downtime of the transaction's organisation that covers it at `at`; undefined when none does.
   * @param organisationId saves the question which organisation it is
   */
  async covers(tx: Tx, at: UnixMs, things: readonly Thing[], organisationId?: string): Promise<readonly (string | undefined)[]> {
    const { clock, downtimes } = await this.#all(tx, organisationId);
    const holding = downtimes.filter(({ rule }) => holdsAt(rule, clock, at));
    if (holding.length === 0) return things.map(() => undefined);
    return things.map((thing) => holding.find(({ scope }) => isInScope(scope, thing))?.id);
  }

  /** Until when what holds now of a downtime goes on; undefined when it does not hold, or does not exist. */
  async endOf(tx: Tx, at: UnixMs, downtimeId: string): Promise<UnixMs | undefined> {
    const { clock, downtimes } = await this.#all(tx);
    const found = downtimes.find(({ id }) => id === downtimeId);
    return found && holdsUntil(found.rule, clock, at);
  }

  /** When downtimes of the transaction's organisation hold within [from, to), by their beginning, at most 1000. */
  async occurrences(tx: Tx, range: Window): Promise<(Window & { readonly downtimeId: string; readonly name: string })[]> {
    const { clock, downtimes } = await this.#all(tx);
    return downtimes
      .flatMap(({ id, name, rule }) => windowsIn(rule, clock, range, mostWindows).map((window) => ({ ...window, downtimeId: id, name })))
      .toSorted((a, b) => a.from - b.from)
      .slice(0, mostWindows);
  }

  /** Names of monitors and checks; those of ids that nobody knows are absent. Undefined when nobody knows monitors at all. */
  async monitorNames(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, string> | undefined> {
    return ids.length === 0 ? new Map() : this.#extension?.monitorNames(tx, ids);
  }

  /** Tells listeners that a downtime stopped holding, inside the transaction in which it did. */
  async tellEnded(tx: Tx, at: UnixMs, downtimeId: string): Promise<void> {
    this.#changed.set(tx, await compileAll(tx));
    for (const listener of this.#listeners) await listener.ended(tx, at, { downtimeId });
  }

  /** To be told of every change that any process announced; undefined when some may have been missed. */
  onChange(change: Change | undefined): void {
    if (!change) {
      this.#generation += 1;
      this.#kept.clear();
      this.#work.wake();
    } else if (change.topic === downtimesTopic || otherTopics.has(change.topic)) {
      this.#generation += 1;
      this.#kept.delete(change.organisationId);
      if (change.topic === "settings") this.#toReplan.add(change.organisationId);
      if (change.topic !== "services") this.#work.wake();
    }
  }

  /** Starts watching for downtimes that end; the result stops it. */
  start(): () => Promise<void> {
    this.#work.start();
    return () => this.#work.stop();
  }

  /** Notes at once what ended, whether watching was started or not. */
  async lookNow(): Promise<void> {
    await this.#look();
  }

  async #all(tx: Tx, given?: string): Promise<CompiledAll> {
    const changed = this.#changed.get(tx);
    if (changed) return changed;
    const organisationId = given ?? (await organisationOf(tx));
    const kept = this.#kept.get(organisationId);
    if (kept && this.clock.mono() - kept.loadedAt < freshFor) return kept.all;
    const generation = this.#generation;
    const all = await compileAll(tx);
    if (generation === this.#generation) this.#kept.set(organisationId, { all, loadedAt: this.clock.mono() });
    return all;
  }

  async #look(): Promise<Looked> {
    const at = this.clock.now();
    const { rows } = await this.db.tx(installationScope, (tx) =>
      sql<{ organisation_id: string | null; next_end_at: number | null }>`select * from downtimes_due(${at})`.execute(tx),
    );
    for (const { organisation_id: organisationId } of rows) if (organisationId !== null) await this.#endIn(organisationId, at);
    for (const organisationId of this.#toReplan) {
      this.#toReplan.delete(organisationId);
      await this.#replan(organisationId, at);
    }
    const next = rows.find((row) => row.organisation_id === null)?.next_end_at ?? null;
    return { nextAt: next === null ? undefined : unixMs(next) };
  }

  /** That time passes is nobody's act: the history does not hear of it. */
  async #endIn(organisationId: string, at: UnixMs): Promise<void> {
    await this.db.tx({ organisationId }, async (tx) => {
      const clock = await organisationClock(tx);
      const due = await tx
        .selectFrom("downtimes_downtime")
        .selectAll()
        .where("next_end_at", "<=", at)
        .orderBy("id")
        .forUpdate()
        .skipLocked()
        .execute();
      for (const row of due) {
        await planEnd(tx, row, nextEnd(ruleOfRow(row), clock, at));
        if (!holdsAt(ruleOfRow(row), clock, at)) await this.tellEnded(tx, at, row.id);
      }
      if (due.length > 0) await publish(tx, downtimesTopic);
    });
  }

  /** The organisation's clock may be another one: then days begin and downtimes end at other moments. */
  async #replan(organisationId: string, at: UnixMs): Promise<void> {
    await this.db.tx({ organisationId }, async (tx) => {
      const clock = await organisationClock(tx);
      for (const row of await tx.selectFrom("downtimes_downtime").selectAll().where("recurrence", "is not", null).execute()) {
        const end = nextEnd(ruleOfRow(row), clock, at) ?? null;
        if (end !== row.next_end_at) await planEnd(tx, row, end ?? undefined);
      }
    });
  }
}

async function planEnd(tx: Tx, { id }: DowntimeRow, end: UnixMs | undefined): Promise<void> {
  await sql`update downtimes_downtime set next_end_at = ${end ?? null} where id = ${id}`.execute(tx);
}

async function organisationOf(tx: Tx): Promise<string> {
  const { rows } = await sql<{ id: string | null }>`select hinoban_organisation() as id`.execute(tx);
  return rows[0]?.id ?? "";
}

export const openDowntimes = (deps: DowntimesDeps): Downtimes => new Downtimes(deps);
