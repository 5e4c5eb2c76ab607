import { sql } from "kysely";
import type { Timer } from "#base/clock";
import { minutes, seconds, unixMs, type UnixMs } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import { reportChecks } from "#features/inventory";
import type { Actor } from "#http";
import { installationScope, publish } from "#store";
import { targetTopic, type Prometheus } from "./prometheus.ts";
import { hostOfTarget, readPage, readSamples } from "./scrape.ts";
import { labelsOf, type TargetRow } from "./store.ts";
import { takeSamples } from "./taking.ts";

const looksEvery = seconds(1);
/** Scrapes of one server at a time: what is due besides waits its turn. */
const mostAtOnce = 20;
const longestError = 1000;

interface Outcome {
  readonly error: string | undefined;
  readonly samples: number | undefined;
  readonly millis: number;
  readonly hostId: string | undefined;
}

/**
 * Scrapes what is due. Any number of servers may do so: a target is leased to one of them at a time, in the row itself, and a server
 * that ends in the middle keeps others away no longer than its lease.
 */
export class Scraper {
  readonly #deps: Prometheus;
  readonly #running = new Set<Promise<void>>();
  #timer: Timer | undefined;
  #isLooking = false;
  #complainedAt = -Infinity;

  constructor(deps: Prometheus) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer ??= this.#deps.clock.every("prometheus.scraper", looksEvery, () => void this.look());
  }

  /** Ends looking for targets and waits for the scrapes that run. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    await Promise.all(this.#running);
  }

  /** Takes on what is due, as far as there is room, and begins to scrape it. */
  async look(): Promise<void> {
    const room = mostAtOnce - this.#running.size;
    if (this.#isLooking || room <= 0) return;
    this.#isLooking = true;
    try {
      const { db, clock } = this.#deps;
      const { rows } = await db.tx(installationScope, (tx) =>
        sql<{ id: string; organisation_id: string }>`select * from hinoban_lease_prometheus_targets(${clock.now()}, ${room})`.execute(tx),
      );
      for (const { id, organisation_id: organisationId } of rows) this.#begin(id, organisationId);
    } catch (error) {
      this.#complain(error);
    } finally {
      this.#isLooking = false;
    }
  }

  /** Waits until nothing runs. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  #begin(id: string, organisationId: string): void {
    const running = this.#scrape(id, organisationId)
      .catch((error: unknown) => this.#complain(error))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #scrape(id: string, organisationId: string): Promise<void> {
    const { db, clock } = this.#deps;
    const actor: Actor = { kind: "system", organisationId, name: "scraper" };
    const target = await db.tx({ organisationId }, (tx) =>
      tx.selectFrom("prometheus_target").selectAll().where("id", "=", id).executeTakeFirst(),
    );
    if (!target) return; // deleted meanwhile
    const at = clock.now();
    const outcome = await this.#take(actor, target, at);
    await this.#keep(organisationId, target, at, outcome);
    if (outcome.hostId !== undefined) await this.#report(actor, target, outcome.hostId, at, outcome);
  }

  async #take(actor: Actor, target: TargetRow, at: UnixMs): Promise<Outcome> {
    const { clock, reader, receivers } = this.#deps;
    const began = clock.mono();
    const input = inputOf(target);
    const reporter = { kind: "scrape", name: hostOfTarget(input), mayRegister: false } as const;
    let samples: number | undefined;
    let error: string | undefined;
    try {
      const secret = target.secret === null ? undefined : this.#deps.seal.open(target.secret, target.id);
      const page = await readPage(reader, { input, secret });
      const plans = await this.#deps.plansOf(actor);
      const scraped = readSamples(page, plans, input, at);
      samples = scraped.count;
      const { registerHosts, seriesPerHost } = plans.mapping.settings;
      await takeSamples(this.#deps, { actor, kind: "scrape", samples: scraped.samples, mayRegister: registerHosts, seriesPerHost });
    } catch (thrown) {
      if (!(thrown instanceof HinobanError)) throw thrown;
      error = messageOf(thrown).slice(0, longestError);
    }
    const millis = Math.round(clock.mono() - began);
    return { error, samples, millis, hostId: await receivers.hostOf(actor, reporter) };
  }

  async #keep(organisationId: string, target: TargetRow, at: UnixMs, { error, samples, millis, hostId }: Outcome): Promise<void> {
    const hasTurned = target.last_at === null || (target.last_error === null) !== (error === undefined);
    await this.#deps.db.tx({ organisationId }, async (tx) => {
      // What a server measured is an observation, no act: the history does not hear of it.
      await sql`update prometheus_target
        set last_at = ${at}, last_error = ${error ?? null}, last_samples = ${samples ?? null}, last_millis = ${millis}, host_id = ${hostId ?? null}, leased_until = 0
        where id = ${target.id} and url = ${target.url}`.execute(tx);
      if (hasTurned) await publish(tx, targetTopic);
    });
  }

  /** Whether the target answers, as a check of its host: a monitor may watch it like every other check. */
  async #report(actor: Actor, target: TargetRow, hostId: string, at: UnixMs, { error, samples, millis }: Outcome): Promise<void> {
    await reportChecks(this.#deps.inventory, actor, [
      {
        hostId,
        name: `scrape ${target.url}`.slice(0, 255),
        status: error === undefined ? "OK" : "CRITICAL",
        message: error ?? `${samples ?? 0} samples in ${millis} ms`,
        occurredAt: unixMs(at),
        notificationInterval: null,
        maxCheckAttempts: 1,
      },
    ]);
  }

  /** Not every second of an outage. */
  #complain(error: unknown): void {
    const now = this.#deps.clock.mono();
    if (now - this.#complainedAt < minutes(1)) return;
    this.#complainedAt = now;
    this.#deps.log.warn({ error: messageOf(error) }, "scrape targets could not be looked up or written down");
  }
}

/** A target's row as somebody typed it. */
export function inputOf(row: TargetRow) {
  return {
    url: row.url,
    isEnabled: row.is_enabled,
    intervalSeconds: row.interval_seconds,
    timeoutSeconds: row.timeout_seconds,
    hostName: row.host_name,
    auth: row.auth,
    userName: row.user_name,
    verifiesTls: row.verifies_tls,
    labels: labelsOf(row),
  };
}
