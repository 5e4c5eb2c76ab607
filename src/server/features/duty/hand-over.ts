import { sql } from "kysely";
import { days, hours, unixMs, type UnixMs } from "#base/duration";
import { record } from "#features/ledger";
import { DueWork, installationScope, publish, type Change, type Looked, type Tx } from "#store";
import { dutyTopic } from "./act.ts";
import type { Duty, GapAhead } from "./duty.ts";
import { onCall, outlook, sameList, stretchesOf, type Roster } from "./model.ts";
import { lookAgain } from "./schedules.ts";
import type { Known } from "./store.ts";

/** How long before it begins a gap is told. */
const gapsAheadFor = days(7);
/** How far is looked for the end of a gap. */
const gapsUntil = days(35);
/** Gaps come nearer although nothing changes. */
const looksEvery = hours(1);
const mostAtOnce = 50;
const forgetsAfter = days(60);

/**
 * Notices that somebody else is on duty, and that nobody will be; notes each once and tells the listeners in the same transaction. Any
 * number of servers may watch: a schedule is looked at by one of them at a time.
 */
export class HandOverWatch {
  readonly #duty: Duty;
  readonly #work: DueWork;
  /** Organisations whose people joined, left, were suspended or reinstated since the last look. */
  readonly #stale = new Set<string>();

  constructor(duty: Duty, onError: (error: unknown) => void) {
    this.#duty = duty;
    this.#work = new DueWork({ name: "duty.hand-over", clock: duty.clock, look: () => this.#look(onError), onError });
  }

  start(): void {
    this.#work.start();
  }

  stop(): Promise<void> {
    return this.#work.stop();
  }

  wake(): void {
    this.#work.wake();
  }

  settled(): Promise<void> {
    return this.#work.settled();
  }

  /** To be told of every change that any process announced; undefined when some may have been missed. */
  onChange(change: Change | undefined): void {
    if (change?.topic === "people") this.#stale.add(change.organisationId);
    if (!change || change.topic === dutyTopic || change.topic === "people") this.#work.wake();
  }

  async #look(onError: (error: unknown) => void): Promise<Looked> {
    const { db, clock } = this.#duty;
    for (const organisationId of this.#stale) {
      this.#stale.delete(organisationId);
      await db.tx({ organisationId }, (tx) => lookAgain(tx, clock.now()));
    }
    for (;;) {
      const at = clock.now();
      const { rows } = await db.tx(installationScope, (tx) =>
        sql<{ id: string; organisation_id: string }>`select * from hinoban_lease_duty_schedules(${at}, ${mostAtOnce})`.execute(tx),
      );
      for (const { id, organisation_id: organisationId } of rows) {
        // One schedule that cannot be judged keeps nobody from being told about the others; its lease ends in a minute.
        await db.tx({ organisationId }, (tx) => lookAt(this.#duty, tx, id, at)).catch(onError);
      }
      if (rows.length < mostAtOnce) break;
    }
    const { rows } = await db.tx(installationScope, (tx) => sql<{ at: number | null }>`select hinoban_next_duty_look() as at`.execute(tx));
    const next = rows[0]?.at ?? null;
    return { nextAt: next === null ? undefined : unixMs(next) };
  }
}

/** One look at a schedule: what changed since the last one, and what is missing ahead. */
async function lookAt(duty: Duty, tx: Tx, id: string, at: UnixMs): Promise<void> {
  const here = await tx.selectFrom("duty_schedule").select("id").where("id", "=", id).where("deleted_at", "is", null).forUpdate().execute();
  if (here.length === 0) return;
  const known = await duty.known(tx, id, at);
  const people = onCall(known.roster, at);
  const before = known.row.seen_people;
  if (before !== null && !sameList(before, people)) await handOver(duty, tx, known, { at, from: before, to: people });
  for (const gap of gapsAhead(known, at)) await tellGap(duty, tx, known, gap);
  await tx
    .deleteFrom("duty_told")
    .where("schedule_id", "=", id)
    .where("at", "<", at - forgetsAfter)
    .execute();
  await tx
    .updateTable("duty_schedule")
    .set({ seen_people: [...people], due_at: nextLook(known.roster, at), leased_until: 0 })
    .where("id", "=", id)
    .execute();
}

function nextLook(roster: Roster, at: UnixMs): UnixMs {
  const [here, after] = stretchesOf(roster, at, unixMs(at + looksEvery));
  return here && after ? here.to : unixMs(at + looksEvery);
}

async function handOver(
  duty: Duty,
  tx: Tx,
  { row, roster }: Known,
  { at, from, to }: { readonly at: UnixMs; readonly from: readonly string[]; readonly to: readonly string[] },
): Promise<void> {
  await record(tx, {
    at,
    actor: "system:duty",
    verb: "duty.handed-over",
    object: `schedule:${row.id}`,
    outcome: "done",
    detail: { from: [...from], to: [...to] },
  });
  await publish(tx, dutyTopic);
  const { since, until, next } = outlook(roster, at);
  const change = {
    ...addresseesOf(row),
    at: since,
    from,
    to,
    until,
    next,
    tellsPeople: row.tells_people,
    key: `duty:${row.id}:${at}`,
  };
  for (const listener of duty.listeners) await listener.handedOver?.(tx, at, change);
}

const addresseesOf = (row: Known["row"]): Pick<GapAhead, "scheduleId" | "scheduleName" | "timeZone" | "channelId" | "teamId"> => ({
  scheduleId: row.id,
  scheduleName: row.name,
  timeZone: row.time_zone,
  channelId: row.channel_id ?? undefined,
  teamId: row.team_id ?? undefined,
});

function gapsAhead({ row, roster }: Known, at: UnixMs): GapAhead[] {
  const stretches = stretchesOf(roster, at, unixMs(at + gapsUntil));
  return stretches
    .filter((stretch) => stretch.people.length === 0 && stretch.from < at + gapsAheadFor)
    .map((stretch) => {
      const from = stretch.from > at ? stretch.from : outlook(roster, at).since;
      // A schedule that never had anybody has a gap without a beginning.
      const begun = from < at - days(390) ? "ever" : String(from);
      return { ...addresseesOf(row), at, from, to: stretch.to, key: `duty-gap:${row.id}:${begun}` };
    });
}

async function tellGap(duty: Duty, tx: Tx, { row }: Known, gap: GapAhead): Promise<void> {
  const told = await tx
    .insertInto("duty_told")
    .values({ key: gap.key, schedule_id: row.id, at: gap.at })
    .onConflict((on) => on.doNothing())
    .returning("key")
    .executeTakeFirst();
  if (!told) return;
  await record(tx, {
    at: gap.at,
    actor: "system:duty",
    verb: "duty.gap-found",
    object: `schedule:${row.id}`,
    outcome: "done",
    detail: { fromAt: gap.from, toAt: gap.to },
  });
  for (const listener of duty.listeners) await listener.gapAhead?.(tx, gap.at, gap);
}
