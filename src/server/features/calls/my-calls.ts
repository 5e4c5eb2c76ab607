import type { Selectable } from "kysely";
import type { UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { demand, standInFor } from "#features/identity";
import { record } from "#features/ledger";
import { personOf } from "#features/notify";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Tx } from "#store";
import type { MyCalls, MyCallSettings } from "#wire/calls";
import { pinDigest } from "./call-preferences.ts";
import type { LinesContext } from "./lines-context.ts";
import { lineReportsTopic } from "./lines-reports.ts";
import type { CallsPersonTable, CallsWeeklyTable } from "./lines-tables.ts";
import { nextWeekly } from "./weekly-time.ts";

const noWeekly: MyCallSettings["weekly"] = { isOn: false, weekday: 1, time: "10:00" };

/** How somebody is called. @throws "not-found" for somebody who is no member */
export async function readMyCalls(tx: Tx, personId: string): Promise<MyCalls> {
  const who = await standInFor(tx, personId, undefined);
  if (who?.actor.role === undefined) throw new HinobanError("not-found", "You are no member of this organisation.");
  const row = await tx.selectFrom("calls_person").selectAll().where("person_id", "=", personId).executeTakeFirst();
  const weekly = await tx.selectFrom("calls_weekly").selectAll().where("person_id", "=", personId).executeTakeFirst();
  return {
    ...(row ? wishesOf(row) : { hasRandomDigit: false, hasPin: false }),
    timeZone: who.timeZone,
    ...(weekly ? weeklyOf(weekly) : { weekly: noWeekly }),
  };
}

type PersonRow = Selectable<CallsPersonTable>;
type WeeklyRow = Selectable<CallsWeeklyTable>;

const wishesOf = ({ language, ring_seconds: ring, has_random_digit: hasRandomDigit, pin_length: pin }: PersonRow) => ({
  ...(language === null ? {} : { language }),
  ...(ring === null ? {} : { ringSeconds: ring }),
  hasRandomDigit,
  hasPin: pin !== null,
});

const weeklyOf = (row: WeeklyRow): Pick<MyCalls, "weekly" | "nextWeekly" | "lastWeekly"> => ({
  weekly: { isOn: row.is_on, weekday: row.weekday, time: row.time },
  ...(row.due_at === null ? {} : { nextWeekly: row.due_at }),
  ...lastOf(row),
});

function lastOf({
  last_at: at,
  last_call_id: callId,
  last_outcome: outcome,
  last_problem: problem,
}: WeeklyRow): Pick<MyCalls, "lastWeekly"> {
  if (at === null || outcome === null) return {};
  return { lastWeekly: { at, outcome, ...(callId === null ? {} : { callId }), ...(problem === null ? {} : { problem }) } };
}

/** Changes how one is called oneself. Nothing is recorded when nothing differs. @throws "forbidden" */
export function changeMyCalls({ db, clock }: LinesContext, actor: Actor, input: MyCallSettings): Promise<MyCalls> {
  const personId = personOf(actor);
  return db.tx(scopeOf(actor), async (tx) => {
    const at = clock.now();
    demand(actor, "organisation.view", `person:${personId}`, at);
    const before = await readMyCalls(tx, personId);
    const fields = (["language", "ringSeconds", "hasRandomDigit"] as const).filter((field) => before[field] !== input[field]);
    const hasOtherWeekly = JSON.stringify(before.weekly) !== JSON.stringify(input.weekly);
    if (fields.length === 0 && !hasOtherWeekly) return before;
    if (fields.length > 0) await keepPreferences(tx, personId, input);
    if (hasOtherWeekly) await keepWeekly(tx, personId, input, nextWeekly(at, input.weekly, before.timeZone));
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "call-preferences.changed",
      object: `person:${personId}`,
      outcome: "done",
      detail: { fields: [...fields, ...(hasOtherWeekly ? ["weekly"] : [])] },
    });
    await publish(tx, lineReportsTopic);
    return readMyCalls(tx, personId);
  });
}

async function keepPreferences(tx: Tx, personId: string, { language, ringSeconds, hasRandomDigit }: MyCallSettings): Promise<void> {
  const set = { language: language ?? null, ring_seconds: ringSeconds ?? null, has_random_digit: hasRandomDigit };
  await tx
    .insertInto("calls_person")
    .values({ person_id: personId, ...set, pin_digest: null, pin_length: null })
    .onConflict((of) => of.columns(["organisation_id", "person_id"]).doUpdateSet(set))
    .execute();
}

async function keepWeekly(tx: Tx, personId: string, { weekly }: MyCallSettings, dueAt: UnixMs): Promise<void> {
  const set = { is_on: weekly.isOn, weekday: weekly.weekday, time: weekly.time, due_at: weekly.isOn ? dueAt : null, leased_until: 0 };
  await tx
    .insertInto("calls_weekly")
    .values({ person_id: personId, ...set, last_at: null, last_call_id: null, last_outcome: null, last_problem: null })
    .onConflict((of) => of.columns(["organisation_id", "person_id"]).doUpdateSet(set))
    .execute();
}

/** Sets or removes the PIN that calls to oneself ask for. @param pin 4-8 digits; null: none @throws "forbidden" */
export function changePin({ db, clock, serverKey }: LinesContext, actor: Actor, pin: string | null): Promise<MyCalls> {
  const personId = personOf(actor);
  return db.tx(scopeOf(actor), async (tx) => {
    const at = clock.now();
    demand(actor, "organisation.view", `person:${personId}`, at);
    const set = {
      pin_digest: pin === null ? null : pinDigest(serverKey, actor.organisationId, personId, pin),
      pin_length: pin === null ? null : pin.length,
    };
    await tx
      .insertInto("calls_person")
      .values({ person_id: personId, language: null, ring_seconds: null, ...set })
      .onConflict((of) => of.columns(["organisation_id", "person_id"]).doUpdateSet(set))
      .execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "call-pin.changed",
      object: `person:${personId}`,
      outcome: "done",
      detail: { isSet: pin !== null },
    });
    return readMyCalls(tx, personId);
  });
}
