import { sql } from "kysely";
import type { Timer } from "#base/clock";
import { hours, millis, minutes, unixMs, type Millis, type UnixMs, type UnixSeconds } from "#base/duration";
import type { Deps } from "#store";
import type { Visitor } from "./access.ts";
import { itemNumbers } from "./items.ts";
import { formatSamples, noKnowledge, parseKnowledge, parseSamples, type Knowledge, type Sample } from "./knowledge.ts";
import { Sessions } from "./sessions.ts";

export type AgentKind = "agent" | "agent2" | "sender";

interface AskedItems {
  readonly byId: ReadonlyMap<number, string>;
  readonly all: ReadonlySet<string>;
}

/** A host as this process knows it. Changed by the one post at a time that holds it, see {@link HostStates.with}. */
export class HostState {
  readonly organisationId: string;
  readonly name: string;
  readonly id: string;
  readonly samples: Map<string, Sample>;
  readonly readAt = new Map<string, UnixSeconds>();
  readonly sessions = new Sessions();
  agent: AgentKind = "sender";
  version: string | undefined;
  metadata: string | undefined;
  address = "";
  pskIdentity: string | undefined;
  seenAt: UnixMs;
  dataAt: UnixMs | undefined;
  clockOffset: number | undefined;
  heartbeatAt: UnixMs | undefined;
  heartbeatEvery: Millis | undefined;
  textValues = 0;
  lateValues = 0;
  #knowledge: Knowledge;
  #keys: AskedItems | undefined;

  constructor(organisationId: string, name: string, id: string, row: HostRow | undefined, now: UnixMs) {
    this.organisationId = organisationId;
    this.name = name;
    this.id = id;
    this.#knowledge = row ? parseKnowledge(row.knowledge) : noKnowledge;
    this.samples = row ? parseSamples(row.samples) : new Map();
    this.seenAt = row ? unixMs(row.seen_at) : now;
    if (!row) return;
    this.agent = row.agent;
    this.version = row.version ?? undefined;
    this.metadata = row.metadata ?? undefined;
    this.address = row.address;
    this.pskIdentity = row.psk_identity ?? undefined;
    this.dataAt = row.data_at === null ? undefined : unixMs(row.data_at);
    this.clockOffset = row.clock_offset ?? undefined;
    this.heartbeatAt = row.heartbeat_at === null ? undefined : unixMs(row.heartbeat_at);
    this.heartbeatEvery = row.heartbeat_every === null ? undefined : millis(row.heartbeat_every * 1000);
    this.textValues = row.text_values;
    this.lateValues = row.late_values;
  }

  get knowledge(): Knowledge {
    return this.#knowledge;
  }

  set knowledge(knowledge: Knowledge) {
    if (knowledge === this.#knowledge) return;
    this.#knowledge = knowledge;
    this.#keys = undefined;
  }

  /** The key of an item that was given this number. */
  keyOf(id: number): string | undefined {
    return this.#known().byId.get(id);
  }

  /** Whether the host's agent may have been asked for the item. */
  isAskedFor(key: string): boolean {
    return this.#known().all.has(key);
  }

  #known(): AskedItems {
    if (!this.#keys) {
      const byId = itemNumbers(this.name, this.#knowledge);
      this.#keys = { byId, all: new Set(byId.values()) };
    }
    return this.#keys;
  }

  /** Counters that nobody told of for a day: their interface or disk is gone. */
  forgetOldSamples(): void {
    const newest = Math.max(...[...this.samples.values()].map(({ at }) => at));
    for (const [name, { at }] of this.samples) if (newest - at > hours(24)) this.samples.delete(name);
  }

  /** Notes that the host was heard of. */
  greet(now: UnixMs, visitor: Visitor): void {
    this.seenAt = now;
    this.address = visitor.address;
    this.pskIdentity = visitor.psk?.identity;
  }
}

interface HostRow {
  readonly agent: AgentKind;
  readonly version: string | null;
  readonly metadata: string | null;
  readonly address: string;
  readonly psk_identity: string | null;
  readonly seen_at: number;
  readonly data_at: number | null;
  readonly clock_offset: number | null;
  readonly heartbeat_at: number | null;
  readonly heartbeat_every: number | null;
  readonly knowledge: string;
  readonly samples: string;
  readonly text_values: number;
  readonly late_values: number;
}

const flushEvery = minutes(1);
const keptFor = hours(25);
const mostAtOnce = 1000;

interface Slot {
  readonly state: Promise<HostState>;
  /** The post that has the host now, or had it last. */
  last: Promise<unknown>;
}

/**
 * What this process knows about the hosts that report. Written once a minute: the newest counters, too, so that the first values after a
 * restart of the server have something to be compared with and no minute is lost.
 */
export class HostStates {
  readonly #deps: Deps;
  readonly #onProblem: (error: unknown) => void;
  readonly #slots = new Map<string, Slot>();
  readonly #changed = new Set<HostState>();
  #timer: Timer | undefined;

  constructor(deps: Deps, onProblem: (error: unknown) => void) {
    this.#deps = deps;
    this.#onProblem = onProblem;
  }

  /** Works with one host. Posts of one host wait for each other: their counters are compared with those of the post before. */
  async with<T>(organisationId: string, name: string, hostId: string, work: (state: HostState) => Promise<T>): Promise<T> {
    const slot = this.#slot(organisationId, name, hostId);
    const result = slot.last.then(async () => {
      const state = await slot.state;
      const done = await work(state);
      this.#changed.add(state);
      this.#timer ??= this.#deps.clock.after("zabbix.hosts", flushEvery, () => void this.flush().catch(this.#onProblem));
      return done;
    });
    slot.last = result.catch(() => undefined);
    return result;
  }

  /** A host as this process knows it; undefined when it has not heard of it. */
  async peek(organisationId: string, name: string): Promise<HostState | undefined> {
    const slot = this.#slots.get(JSON.stringify([organisationId, name]));
    return slot?.state.catch(() => undefined);
  }

  /** Writes what changed. @throws what the database throws; nothing is lost then */
  async flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    const changed = [...this.#changed];
    this.#changed.clear();
    try {
      for (const organisationId of new Set(changed.map((state) => state.organisationId))) {
        const states = changed.filter((state) => state.organisationId === organisationId).toSorted((a, b) => (a.name < b.name ? -1 : 1));
        for (let from = 0; from < states.length; from += mostAtOnce)
          await this.#write(organisationId, states.slice(from, from + mostAtOnce));
      }
    } catch (error) {
      for (const state of changed) this.#changed.add(state);
      throw error;
    }
    this.#forget();
  }

  /** Hosts that were silent for a day are read again when they come back. */
  #forget(): void {
    const now = this.#deps.clock.now();
    for (const [key, slot] of this.#slots) {
      void slot.state.then(
        (state) => now - state.seenAt > keptFor && !this.#changed.has(state) && this.#slots.delete(key),
        () => undefined,
      );
    }
  }

  #slot(organisationId: string, name: string, hostId: string): Slot {
    const key = JSON.stringify([organisationId, name]);
    const known = this.#slots.get(key);
    if (known) {
      const { state } = known;
      // Bound to another host meanwhile: the former one was retired.
      const checked = state.then((one) => (one.id === hostId ? one : this.#read(organisationId, name, hostId)));
      const slot: Slot = { state: checked, last: known.last };
      return this.#keep(key, slot);
    }
    return this.#keep(key, { state: this.#read(organisationId, name, hostId), last: Promise.resolve() });
  }

  #keep(key: string, slot: Slot): Slot {
    this.#slots.set(key, slot);
    slot.state.catch(() => this.#slots.get(key) === slot && this.#slots.delete(key));
    return slot;
  }

  async #read(organisationId: string, name: string, hostId: string): Promise<HostState> {
    const { db, clock } = this.#deps;
    const row = await db.tx({ organisationId }, (tx) =>
      tx.selectFrom("zabbix_host").selectAll().where("name", "=", name).where("host_id", "=", hostId).executeTakeFirst(),
    );
    return new HostState(organisationId, name, hostId, row, clock.now());
  }

  /** Observations, not acts: the ledger does not hear of them. */
  async #write(organisationId: string, states: readonly HostState[]): Promise<void> {
    for (const state of states) state.forgetOldSamples();
    const rows = states.map((state) => ({
      name: state.name,
      host_id: state.id,
      agent: state.agent,
      version: state.version ?? null,
      metadata: state.metadata ?? null,
      address: state.address,
      psk_identity: state.pskIdentity ?? null,
      seen_at: state.seenAt,
      data_at: state.dataAt ?? null,
      clock_offset: state.clockOffset ?? null,
      heartbeat_at: state.heartbeatAt ?? null,
      heartbeat_every: state.heartbeatEvery === undefined ? null : Math.round(state.heartbeatEvery / 1000),
      knowledge: JSON.stringify(state.knowledge),
      samples: formatSamples(state.samples),
      text_values: state.textValues,
      late_values: state.lateValues,
    }));
    await this.#deps.db.tx({ organisationId }, (tx) =>
      sql`insert into zabbix_host (name, host_id, agent, version, metadata, address, psk_identity, first_at, seen_at, data_at, clock_offset,
            heartbeat_at, heartbeat_every, knowledge, samples, text_values, late_values)
          select name, host_id, agent, version, metadata, address, psk_identity, seen_at, seen_at, data_at, clock_offset,
            heartbeat_at, heartbeat_every, knowledge, samples, text_values, late_values
          from json_to_recordset(${JSON.stringify(rows)}::json) as s (name text, host_id text, agent text, version text, metadata text, address text,
            psk_identity text, seen_at bigint, data_at bigint, clock_offset bigint, heartbeat_at bigint, heartbeat_every integer,
            knowledge text, samples text, text_values bigint, late_values bigint)
          on conflict (organisation_id, name) do update set host_id = excluded.host_id, agent = excluded.agent, version = excluded.version,
            metadata = excluded.metadata, address = excluded.address, psk_identity = excluded.psk_identity, seen_at = excluded.seen_at,
            data_at = excluded.data_at, clock_offset = excluded.clock_offset, heartbeat_at = excluded.heartbeat_at,
            heartbeat_every = excluded.heartbeat_every, knowledge = excluded.knowledge, samples = excluded.samples,
            text_values = excluded.text_values, late_values = excluded.late_values
          where zabbix_host.seen_at <= excluded.seen_at`.execute(tx),
    );
  }
}
