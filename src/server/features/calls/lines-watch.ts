import { sql } from "kysely";
import { unixMs, type UnixMs } from "#base/duration";
import { phoneNumber } from "#base/phone-number";
import { invalidInput } from "#base/errors";
import type { CodeCalls } from "#features/notify";
import { BackOff, DueWork, installationScope, type Change, type Looked, type Tx } from "#store";
import { placeCode } from "./call-me.ts";
import { demandCallable, readCallSettings } from "./call-settings.ts";
import type { CallsExtension, Dialling } from "./context.ts";
import type { LinesContext } from "./lines-context.ts";
import { countedLine, linesOf } from "./lines-line.ts";
import { lineReportsTopic, sendLineReports } from "./lines-reports.ts";
import { limitsNow, lookAtLimits } from "./lines-usage.ts";
import { makeWeeklyCall, noteWeekly } from "./weekly-call.ts";

const mostAtOnce = 50;

/**
 * What lines need besides their calls: weekly tests that fall due, alerts of lines that fail or have used up their limit, limits that hold
 * no longer since a new month began. Any number of processes may watch.
 */
export class LinesWatch {
  readonly #lines: LinesContext;
  readonly #failing: BackOff;
  readonly #work: DueWork;

  constructor(lines: LinesContext) {
    const onError = (error: unknown): void => lines.log.warn({ err: error }, "lines could not be looked after; they are looked at again");
    this.#lines = lines;
    this.#failing = new BackOff(lines.clock, onError);
    this.#work = new DueWork({ name: "calls.lines", clock: lines.clock, look: () => this.#look(), onError });
  }

  start(): () => Promise<void> {
    this.#work.start();
    return () => this.#work.stop();
  }

  wake(): void {
    this.#work.wake();
  }

  settled(): Promise<void> {
    return this.#work.settled();
  }

  onChange(change: Change | undefined): void {
    if (!change || change.topic === lineReportsTopic) this.wake();
  }

  async #look(): Promise<Looked> {
    const { db, clock } = this.#lines;
    const at = clock.now();
    await this.#limits(at);
    await db.tx(installationScope, (tx) => sql`select hinoban_purge_call_recordings(${at})`.execute(tx));
    await sendLineReports(this.#lines, this.#failing);
    const { rows } = await db.tx(installationScope, (tx) =>
      sql<{ organisation_id: string; person_id: string }>`select * from hinoban_lease_weekly_calls(${at}, ${mostAtOnce})`.execute(tx),
    );
    for (const { organisation_id: organisationId, person_id: personId } of rows) {
      await this.#failing.attempt(`${organisationId}:${personId}`, () => makeWeeklyCall(this.#lines, organisationId, personId));
    }
    const next = await db.tx(installationScope, (tx) => sql<{ at: number | null }>`select hinoban_next_weekly_call() as at`.execute(tx));
    const nextAt = next.rows[0]?.at ?? null;
    return { nextAt: nextAt === null ? undefined : unixMs(nextAt) };
  }

  async #limits(at: UnixMs): Promise<void> {
    const { db } = this.#lines;
    const { rows } = await db.tx(installationScope, (tx) =>
      sql<{ organisation_id: string }>`select * from hinoban_told_line_limits()`.execute(tx),
    );
    for (const { organisation_id: organisationId } of rows) {
      await this.#failing.attempt(`limits:${organisationId}`, () =>
        db.tx({ organisationId }, async (tx) => lookAtLimits(tx, at, (await linesOf(tx)).map(countedLine))),
      );
    }
  }
}

/** What the calls ask of lines: which must not leave for the money they would cost, and what became of weekly tests. */
export const linesExtension: CallsExtension = {
  refuses,
  callEnded: async (tx, _at, outcome) => {
    if (outcome.kind === "weekly") await noteWeekly(tx, outcome);
  },
};

/** At its limit a line calls about critical incidents alone; what was asked for before counts as what is asked for now. */
async function refuses(tx: Tx, at: UnixMs, { kind, severity, line }: Dialling): Promise<string | undefined> {
  if (kind === "incident" && severity === "critical") return undefined;
  const limit = (await limitsNow(tx, at, [{ ...line, name: "" }])).get(line.id);
  return limit === "reached" ? "The line's limit of this month is reached: it calls about critical incidents alone." : undefined;
}

/** Proves telephone numbers by calls that read a code. */
export const codeCallsOf = (lines: LinesContext): CodeCalls => ({
  readNumber: async (tx, typed) => {
    const { countries } = await readCallSettings(tx);
    const read = phoneNumber(typed, countries[0]);
    if (!read.ok) throw invalidInput([{ field: "address", problem: read.problem }]);
    await demandCallable(tx, read.number);
    return read.number;
  },
  place: (tx, at, call) => placeCode(lines, tx, at, call),
});
