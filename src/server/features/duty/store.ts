import type { Selectable } from "kysely";
import { unixMs, type UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { standingOf, type Standing } from "#features/identity";
import type { Tx } from "#store";
import type { CalendarRules, Layer } from "#wire/duty-shapes";
import { builtInIds, builtInRules, type Calendar, type Holidays } from "./calendar/model.ts";
import { rosterOf, type Absence, type Override, type Roster } from "./model.ts";
import type { DutyOverrideTable, DutyScheduleTable } from "./tables.ts";

export type ScheduleRow = Selectable<DutyScheduleTable>;
export type OverrideRow = Selectable<DutyOverrideTable>;

/** Every question looks no further back or ahead than this, so that old overrides need not be read. */
export const farthest = 500 * 86_400_000;

/** What was written by the verbs of this feature in this shape. */
export const layersOf = (row: Pick<ScheduleRow, "layers">): Layer[] => JSON.parse(row.layers) as Layer[]; // see above

const versionsOf = (text: string): CalendarRules[] => JSON.parse(text) as CalendarRules[]; // see above

/** @throws "not-found" */
export async function findSchedule(tx: Tx, id: string): Promise<ScheduleRow> {
  const row = await tx.selectFrom("duty_schedule").selectAll().where("id", "=", id).where("deleted_at", "is", null).executeTakeFirst();
  if (!row) throw new HinobanError("not-found", `There is no schedule ${id}.`, { id });
  return row;
}

/** Schedules by name. */
export const allSchedules = (tx: Tx): Promise<ScheduleRow[]> =>
  tx.selectFrom("duty_schedule").selectAll().where("deleted_at", "is", null).orderBy("name").orderBy("id").execute();

/** The organisation's calendars and the built-in ones, by id. */
export async function readCalendars(tx: Tx, holidays: Holidays): Promise<Map<string, Calendar>> {
  const calendars = new Map<string, Calendar>(builtInIds.map((id) => [id, { id, versions: [builtInRules[id]], holidays }]));
  const rows = await tx.selectFrom("duty_calendar").select(["id", "versions"]).where("deleted_at", "is", null).execute();
  for (const { id, versions } of rows) calendars.set(id, { id, versions: versionsOf(versions), holidays });
  return calendars;
}

/** Everybody whom a schedule may name. */
export const peopleOf = (layers: readonly Layer[], overrides: readonly Pick<OverrideRow, "person_id">[]): string[] => [
  ...new Set([
    ...layers.flatMap((layer) => (layer.kind === "rotation" ? layer.people : layer.shifts.map((shift) => shift.personId))),
    ...overrides.map((override) => override.person_id),
  ]),
];

/** A schedule with what it takes to answer for it: computed rosters and how its people stand. */
export interface Known {
  readonly row: ScheduleRow;
  readonly layers: readonly Layer[];
  readonly roster: Roster;
  readonly standings: ReadonlyMap<string, Standing>;
  readonly overrides: readonly OverrideRow[];
}

/** Makes schedules ready for questions about times around `at`; four statements, however many they are. */
export async function knownSchedules(tx: Tx, rows: readonly ScheduleRow[], holidays: Holidays, at: UnixMs): Promise<Known[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const overrides = await tx
    .selectFrom("duty_override")
    .selectAll()
    .where("schedule_id", "in", ids)
    .where("to_at", ">", at - farthest)
    .where("from_at", "<", at + farthest)
    .orderBy("num")
    .execute();
  const calendars = await readCalendars(tx, holidays);
  const layers = new Map(rows.map((row) => [row.id, layersOf(row)]));
  const people = peopleOf([...layers.values()].flat(), overrides);
  const standings = await standingOf(tx, people);
  const absences = await absencesOf(tx, people, standings, at);
  return rows.map((row) => {
    const own = overrides.filter((override) => override.schedule_id === row.id);
    const schedule = { timeZone: row.time_zone, layers: layers.get(row.id) ?? [], overrides: own.map(toOverride), calendars, absences };
    return { row, layers: schedule.layers, roster: rosterOf(schedule), standings, overrides: own };
  });
}

/** When people cannot be on duty. Who is suspended or gone cannot from `at` on; nobody knows until when. */
export async function absencesOf(
  tx: Tx,
  people: readonly string[],
  standings: ReadonlyMap<string, Standing>,
  at: UnixMs,
): Promise<Absence[]> {
  if (people.length === 0) return [];
  const rows = await tx
    .selectFrom("duty_absence")
    .select(["person_id", "from_at", "to_at"])
    .where("person_id", "in", people)
    .where("to_at", ">", at - farthest)
    .where("from_at", "<", at + farthest)
    .execute();
  const gone = people.filter((personId) => standings.get(personId)?.state !== "active");
  return [
    ...rows.map((row) => ({ personId: row.person_id, from: row.from_at, to: row.to_at })),
    ...gone.map((personId) => ({ personId, from: at, to: Infinity })),
  ];
}

export function toOverride(row: OverrideRow): Override {
  const common = { id: row.id, from: unixMs(row.from_at), to: unixMs(row.to_at), personId: row.person_id };
  return row.kind === "replace" ? { ...common, kind: "replace", insteadOf: row.instead_of ?? undefined } : { ...common, kind: row.kind };
}
