import { sql } from "kysely";
import type { Timer } from "#base/clock";
import { millis, minutes, seconds, type UnixMs } from "#base/duration";
import { messageOf } from "#base/errors";
import { placesOfHosts } from "#features/inventory";
import type { Figure } from "#http";
import { installationScope, repeated } from "#store";
import type { ProbeOutcome } from "#wire/probe-outcomes";
import type { ProbeSpec } from "#wire/probe-specs";
import { defaultProbeTimeout, hostOfVantage, serverVantage } from "#wire/probe-words";
import type { ProbesContext } from "./context.ts";
import { cannotProbe, type ProbePlan } from "./model.ts";
import { keepResponseTimes } from "./response-times.ts";
import { takeResult } from "./take-results.ts";

const looksEvery = seconds(1);
const silenceEvery = seconds(15);
/** Probes of one server at a time. Each waits at most its own timeout, so silent targets hold up nobody else for long. */
const mostAtOnce = 200;
const mostSilent = 500;
/** A probe keeps its own time; whoever does not is given up this much later. */
const grace = seconds(5);

interface Leased {
  readonly organisation_id: string;
  readonly monitor_id: string;
  readonly version: number;
  readonly plan: string;
  readonly due_at: number;
}

/**
 * Probes what is due, from the server. Any number of servers may do so: a task is leased to one of them at a time, in the row itself.
 * A task is never probed twice at once, whatever its interval.
 */
export class Scheduler {
  readonly #deps: ProbesContext;
  readonly #running = new Set<Promise<void>>();
  #timers: Timer[] = [];
  #isLooking = false;
  #complainedAt = -Infinity;
  #done = 0;
  #lateMillis = 0;

  constructor(deps: ProbesContext) {
    this.#deps = deps;
  }

  start(): void {
    if (this.#timers.length > 0) return;
    const { clock } = this.#deps;
    this.#timers = [
      clock.every("probes.scheduler", looksEvery, () => void this.look()),
      clock.every("probes.silence", silenceEvery, () => void this.judgeSilence().catch((error: unknown) => this.#complain(error))),
    ];
  }

  /** Ends looking for what is due and waits for the probes that run. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
    await this.settled();
  }

  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  figures(): Figure[] {
    return [
      { name: "hinoban_probes_total", type: "counter", help: "Probes that this server made for monitors.", value: () => this.#done },
      { name: "hinoban_probes_running", type: "gauge", help: "Probes that run now.", value: () => this.#running.size },
      {
        name: "hinoban_probe_lateness_seconds",
        type: "gauge",
        help: "How late the newest probe began: more than a few seconds means that there are more probes than the server can make.",
        value: () => this.#lateMillis / 1000,
      },
    ];
  }

  /** Takes on what is due, as far as there is room, and begins to probe it. */
  async look(): Promise<void> {
    const room = mostAtOnce - this.#running.size;
    if (this.#isLooking || room <= 0) return;
    this.#isLooking = true;
    try {
      const { db, clock } = this.#deps;
      const at = clock.now();
      const { rows } = await db.tx(installationScope, (tx) =>
        sql<Leased>`select * from hinoban_lease_probe_tasks(${at}, ${room})`.execute(tx),
      );
      for (const leased of rows) this.#begin(leased, at);
    } catch (error) {
      this.#complain(error);
    } finally {
      this.#isLooking = false;
    }
  }

  /** Tells the monitors of places from where nothing comes any more: who watches must be watched, too. */
  async judgeSilence(): Promise<void> {
    const { db, clock } = this.#deps;
    const at = clock.now();
    const { rows } = await db.tx(installationScope, (tx) =>
      sql<Leased & { vantage: string }>`select * from hinoban_silent_probe_tasks(${at}, ${mostSilent})`.execute(tx),
    );
    for (const row of rows) await this.#judgeSilent(row.organisation_id, row.monitor_id, row.vantage, at);
  }

  #begin(leased: Leased, at: UnixMs): void {
    this.#lateMillis = Math.max(at - leased.due_at, 0);
    const running = this.#probe(leased, at)
      .catch((error: unknown) => this.#complain(error))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #probe(leased: Leased, at: UnixMs): Promise<void> {
    const { db } = this.#deps;
    const { organisation_id: organisationId, monitor_id: monitorId, version } = leased;
    const { spec } = JSON.parse(leased.plan) as ProbePlan; // written by syncTasks in this shape
    const outcome = await this.#outcomeOf(spec);
    this.#done += 1;
    const { response } = await repeated(db).tx({ organisationId }, async (tx) => {
      const taken = await takeResult(this.#deps, tx, { monitorId, version, vantage: serverVantage, at, outcome });
      await sql`update probes_task set leased_until = 0 where monitor_id = ${monitorId} and vantage = ${serverVantage}`.execute(tx);
      return taken;
    });
    if (response) await keepResponseTimes(this.#deps, organisationId, [response]);
  }

  /** Whatever happens, an outcome: a probe that does not keep its time is one, too. */
  async #outcomeOf(spec: ProbeSpec): Promise<ProbeOutcome> {
    const { prober, clock } = this.#deps;
    const limit = millis(seconds(spec.timeoutSeconds ?? defaultProbeTimeout) + grace);
    const end = new AbortController();
    let timer: Timer | undefined;
    const overrun = new Promise<ProbeOutcome>((resolve) => {
      timer = clock.after("probes.overrun", limit, () => {
        end.abort();
        resolve(cannotProbe("the probe did not keep its time", limit));
      });
    });
    try {
      return await Promise.race([prober.probe(spec, { signal: end.signal }), overrun]);
    } catch (error) {
      return cannotProbe(messageOf(error), 0);
    } finally {
      timer?.cancel();
    }
  }

  async #judgeSilent(organisationId: string, monitorId: string, vantage: string, at: UnixMs): Promise<void> {
    const { db, monitors } = this.#deps;
    const hostId = hostOfVantage(vantage) ?? "";
    await repeated(db).tx({ organisationId }, async (tx) => {
      const host = (await placesOfHosts(tx, [hostId])).get(hostId);
      const isWatching = host !== undefined && (host.status === "working" || host.status === "standby");
      const said = isWatching
        ? ({ status: "failed", message: "cannot probe: the agent reports nothing", diagnosis: "cannot-probe" } as const)
        : ({ status: "ok", message: "the host is not at work" } as const);
      await monitors.judge(tx, at, monitorId, { vantage, ...said });
    });
  }

  /** Not every second of an outage. */
  #complain(error: unknown): void {
    const now = this.#deps.clock.mono();
    if (now - this.#complainedAt < minutes(1)) return;
    this.#complainedAt = now;
    this.#deps.log.warn({ error: messageOf(error) }, "probes could not be looked up or written down");
  }
}
