import { sql } from "kysely";
import { minutes, seconds, unixMs, type Millis, type UnixMs } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import { releaseIncident } from "#features/incidents";
import { BackOff, installationScope, type Looked } from "#store";
import { advanceRun } from "./advance.ts";
import type { EscalationContext } from "./context.ts";
import { sendReports } from "./self-reports.ts";
import { actor } from "./telling.ts";

/** Runs of one look, and how many of them at a time. */
const mostAtOnce = 200;
const lanes = 4;
/** A wall clock that went this much another way than the monotonic one was set by somebody. */
const noticedJump = seconds(5);
const mostBackOff = minutes(1);

interface Seen {
  readonly wall: UnixMs;
  readonly mono: Millis;
}

interface Failing {
  readonly times: number;
  readonly untilMono: number;
}

/** Does what is due in all organisations. Any number of processes do so at once: a run's row lets one of them through. */
export class Worker {
  readonly #escalation: EscalationContext;
  readonly #failing = new Map<string, Failing>();
  readonly #reportsFailing: BackOff;
  #reporting: Promise<void> | undefined;
  #isReportWanted = false;
  #seen: Seen | undefined;
  #complainedAt = -Infinity;

  constructor(escalation: EscalationContext) {
    this.#escalation = escalation;
    this.#reportsFailing = new BackOff(escalation.clock, (error) => this.complain(error));
  }

  async look(): Promise<Looked> {
    const { db, clock } = this.#escalation;
    await this.#noticeJump();
    this.#report();
    const at = clock.now();
    const { rows } = await db.tx(installationScope, (tx) =>
      sql<{ id: string; organisation_id: string }>`select * from hinoban_due_escalation_runs(${at}, ${mostAtOnce})`.execute(tx),
    );
    const due = rows.filter(({ id }) => (this.#failing.get(id)?.untilMono ?? -Infinity) <= clock.mono());
    const queue = [...due];
    const work = async (): Promise<void> => {
      for (let one = queue.shift(); one; one = queue.shift()) await this.#advance(one.organisation_id, one.id);
    };
    await Promise.all(Array.from({ length: Math.min(lanes, queue.length) }, work));
    const following = await db.tx(installationScope, (tx) =>
      sql<{ next: number | null }>`select hinoban_next_escalation(${at}) as next`.execute(tx),
    );
    const next = rows.length >= mostAtOnce ? at : (following.rows[0]?.next ?? null);
    return { nextAt: next === null ? undefined : unixMs(next) };
  }

  /** Waits until no report about Hinoban itself is on its way. */
  async settled(): Promise<void> {
    while (this.#reporting) await this.#reporting;
  }

  /** Beside the escalations: reports wait for the grouping of alerts, and nobody's escalation waits for them. What comes meanwhile is taken next. */
  #report(): void {
    if (this.#reporting) {
      this.#isReportWanted = true;
      return;
    }
    this.#isReportWanted = false;
    this.#reporting = sendReports(this.#escalation, this.#reportsFailing)
      .catch((error: unknown) => this.complain(error))
      .finally(() => {
        this.#reporting = undefined;
        if (this.#isReportWanted) this.#report();
      });
  }

  /** Not every second of an outage. */
  complain(error: unknown): void {
    const now = this.#escalation.clock.mono();
    if (now - this.#complainedAt < minutes(1)) return;
    this.#complainedAt = now;
    this.#escalation.log.warn({ error: messageOf(error) }, "escalations could not be looked up or gone on with; this is tried again");
  }

  /** One run that cannot be gone on with keeps no other waiting. */
  async #advance(organisationId: string, id: string): Promise<void> {
    const { clock } = this.#escalation;
    try {
      const advanced = await advanceRun(this.#escalation, organisationId, id);
      this.#failing.delete(id);
      if (advanced === "overtaken") await this.#release(organisationId, id);
    } catch (error) {
      const times = (this.#failing.get(id)?.times ?? 0) + 1;
      this.#failing.set(id, { times, untilMono: clock.mono() + Math.min(mostBackOff, seconds(2 ** times)) });
      if (this.#failing.size > 10_000) this.#failing.clear();
      await this.#countFailure(organisationId, id).catch(() => undefined);
      this.complain(error);
    }
  }

  async #countFailure(organisationId: string, id: string): Promise<void> {
    await this.#escalation.db.tx({ organisationId }, (tx) =>
      sql`update escalation_run set failures = failures + 1 where id = ${id} and state <> 'done'`.execute(tx),
    );
  }

  /** The responder gave no sign: nobody has the incident any more, which starts its escalation again. */
  async #release(organisationId: string, runId: string): Promise<void> {
    const { db, incidents } = this.#escalation;
    const run = await db.tx({ organisationId }, (tx) =>
      tx.selectFrom("escalation_run").select("incident_id").where("id", "=", runId).executeTakeFirst(),
    );
    if (!run) return;
    try {
      await releaseIncident(
        incidents,
        { kind: "system", organisationId, name: "escalation" },
        { incidentId: run.incident_id, via: "system" },
      );
    } catch (error) {
      if (!(error instanceof HinobanError) || error.code === "internal") throw error; // somebody gave it back or resolved it meanwhile
    }
  }

  /**
   * A clock that somebody set makes nobody wait an hour longer and tells nobody an hour early: waits keep their length, times of the calendar
   * stay where they are.
   */
  async #noticeJump(): Promise<void> {
    const { clock, db, log } = this.#escalation;
    const before = this.#seen;
    const now: Seen = { wall: clock.now(), mono: clock.mono() };
    this.#seen = now;
    const passed = before ? now.mono - before.mono : 0;
    const moved = before ? now.wall - before.wall - passed : 0;
    const isJump = before !== undefined && Math.abs(moved) > noticedJump;
    const old = before ? before.wall + passed : now.wall;
    await db.tx(installationScope, async (tx) => {
      if (isJump) {
        const [after, until] = moved > 0 ? [-1, old] : [now.wall, Number.MAX_SAFE_INTEGER];
        await sql`select hinoban_shift_escalation_runs(${after}, ${until}, ${Math.round(moved)})`.execute(tx);
      }
      await sql`select hinoban_mend_escalation_runs(${now.wall}, ${noticedJump})`.execute(tx);
    });
    if (isJump)
      log.warn({ seconds: Math.round(moved / 1000), actor }, "this machine's clock was set; what escalates keeps its waiting times");
  }
}
