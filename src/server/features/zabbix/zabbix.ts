import { sql } from "kysely";
import type { Clock } from "#base/clock";
import { minutes, seconds, type UnixMs } from "#base/duration";
import { messageOf } from "#base/errors";
import type { Secret } from "#base/secret";
import type { Receivers } from "#features/receivers";
import { Seal, type Change, type Db, type Deps } from "#store";
import { Access } from "./access.ts";
import { HostPages } from "./host-pages.ts";
import { HostStates } from "./host-states.ts";
import { usualDelays, type Delays } from "./items.ts";
import { Listener, type Limits } from "./listener.ts";
import { answer } from "./receive.ts";
import { Refusals } from "./refusals.ts";

/** What the feature tells the person on duty. */
export interface ZabbixLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

export interface ZabbixDeps extends Deps {
  readonly receivers: Receivers;
  /** Keys are sealed under it. */
  readonly serverKey: Secret;
  readonly log: ZabbixLog;
  /** Shorter in tests. */
  readonly delays?: Delays;
  readonly limits?: Partial<Limits>;
}

const flushEvery = minutes(1);
const tryAgainAfter = seconds(30);

/** Zabbix agents and senders report here. A process has one. */
export class Zabbix {
  readonly db: Db;
  readonly clock: Clock;
  readonly seal: Seal;
  readonly access: Access;
  readonly states: HostStates;
  readonly refusals: Refusals;
  readonly delays: Delays;
  readonly #deps: ZabbixDeps;
  readonly #usedPsks = new Map<string, UnixMs>();
  #listener: Listener | undefined;
  #port = 0;
  #problem: string | undefined;

  constructor(deps: ZabbixDeps) {
    const { db, clock, log } = deps;
    this.#deps = deps;
    this.db = db;
    this.clock = clock;
    this.delays = deps.delays ?? usualDelays;
    this.seal = new Seal(deps.serverKey, "hinoban zabbix psk", "A sealed key cannot be opened with this server key.");
    this.access = new Access(db, this.seal, (error) => log.warn({ problem: messageOf(error) }, "keys of Zabbix agents could not be read"));
    this.states = new HostStates({ db, clock }, (error) =>
      log.warn({ problem: messageOf(error) }, "what is known of Zabbix agents could not be written; trying again"),
    );
    this.refusals = new Refusals(clock, (facts) => log.warn(facts, "a Zabbix agent or sender was refused"));
  }

  /** Where agents find the server; 0 while it does not listen. */
  get port(): number {
    return this.#port;
  }

  /** Why it does not listen though it should. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Connections at this moment. */
  get connections(): number {
    return this.#listener?.connections ?? 0;
  }

  /** Bytes of packets that are being read at this moment. */
  get bytes(): number {
    return this.#listener?.bytes ?? 0;
  }

  /**
   * Begins to listen. A port that cannot be had is no reason for the rest not to start: it is said loudly, shown on the page, and tried again.
   * @param port 0: any free one
   * @returns what ends it
   */
  async start(host: string, port: number): Promise<() => Promise<void>> {
    await this.access.load();
    const upkeep = this.clock.every("zabbix.upkeep", flushEvery, () => void this.flush().catch(() => undefined)); // what could not be written waits
    const retry = this.clock.every("zabbix.listen", tryAgainAfter, () => {
      if (this.#problem !== undefined) void this.#listen(host, port);
    });
    await this.#listen(host, port);
    return async () => {
      retry.cancel();
      upkeep.cancel();
      this.#port = 0;
      await this.#listener?.close();
      await this.flush();
    };
  }

  /** Writes what is known of hosts and keys. @throws what the database throws; nothing is lost then */
  async flush(): Promise<void> {
    await this.states.flush();
    const used = [...this.#usedPsks];
    if (used.length === 0) return;
    this.#usedPsks.clear();
    const byOrganisation = new Map<string, string[]>();
    for (const [id] of used) {
      const organisation = [...this.access.psks].find((psk) => psk.id === id)?.organisationId;
      if (organisation !== undefined) byOrganisation.set(organisation, [...(byOrganisation.get(organisation) ?? []), id]);
    }
    const times = new Map(used);
    for (const [organisationId, ids] of byOrganisation) {
      const at = ids.map((id) => times.get(id) ?? 0);
      await this.db.tx({ organisationId }, (tx) =>
        sql`update zabbix_psk k set last_used_at = s.at from unnest(${ids}::text[], ${at}::bigint[]) as s (id, at)
            where k.id = s.id and (k.last_used_at is null or k.last_used_at < s.at)`.execute(tx),
      );
    }
  }

  /** Another process, or this one, changed something; undefined: it may have. */
  onChange(change: Change | undefined): void {
    this.access.onChange(change);
  }

  async #listen(host: string, port: number): Promise<void> {
    const { clock, log, limits, receivers, db } = this.#deps;
    const pages = new HostPages({ db, clock }, (name, problem) => log.warn({ name, problem }, "a host's page could not be written"));
    const receiving = {
      clock,
      receivers,
      access: this.access,
      states: this.states,
      refusals: this.refusals,
      pages,
      delays: this.delays,
    };
    const listener = new Listener({
      clock,
      access: this.access,
      refusals: this.refusals,
      answer: (visitor, message) => answer(receiving, visitor, message),
      onPsk: (id) => this.#usedPsks.set(id, clock.now()),
      onProblem: (what, error) => log.warn({ problem: messageOf(error) }, what),
      ...(limits ? { limits } : {}),
    });
    try {
      this.#port = await listener.listen(host, port);
      this.#listener = listener;
      this.#problem = undefined;
      log.info({ port: this.#port }, "Zabbix agents may report here");
    } catch (error) {
      if (this.#problem === undefined) {
        log.warn(
          { port, problem: messageOf(error) },
          "ZABBIX AGENTS CANNOT REPORT: their port cannot be had; trying again. Is another Zabbix server here?",
        );
      }
      this.#problem = messageOf(error);
    }
  }
}

/** The feature over one database; asks it nothing and starts nothing. */
export const openZabbix = (deps: ZabbixDeps): Zabbix => new Zabbix(deps);
