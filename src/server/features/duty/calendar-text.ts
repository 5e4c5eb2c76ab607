import { unixMs, type UnixMs } from "#base/duration";
import { joined, type Span } from "#base/spans";
import { standingOf } from "#features/identity";
import type { Tx } from "#store";
import type { Duty } from "./duty.ts";
import { writeCalendar, type CalendarEvent } from "./ical/write.ts";
import { planOf, type Plan } from "./model.ts";
import { allSchedules, findSchedule, knownSchedules, type Known } from "./store.ts";

const month = 31 * 86_400_000;

/**
 * The shifts of a schedule, or of one person over all schedules, as iCalendar text: from the month before last to about half a year ahead.
 * The range begins where a month does, so that a shift that began before it has the same beginning, and the same UID, for weeks.
 * @throws "not-found" for a schedule that is deleted
 */
export async function calendarText(
  duty: Duty,
  tx: Tx,
  of: { readonly scheduleId: string } | { readonly personId: string },
): Promise<string> {
  const at = duty.clock.now();
  const range = { from: monthBegin(at - month), to: monthBegin(at + 7 * month) };
  const rows = "scheduleId" in of ? [await findSchedule(tx, of.scheduleId)] : await allSchedules(tx);
  const known = await knownSchedules(tx, rows, duty.holidays, at);
  const person = "personId" in of ? of.personId : undefined;
  const people = new Map<string, string>();
  for (const one of known) for (const [id, { name }] of one.standings) people.set(id, name);
  if (person !== undefined) for (const [id, { name }] of await standingOf(tx, [person])) people.set(id, name);
  const events = known.flatMap((one) => eventsOf(one, range, people, person));
  const title = person === undefined ? (rows[0]?.name ?? "") : (people.get(person) ?? "");
  return writeCalendar(
    title,
    at,
    events.sort((a, b) => a.from - b.from),
  );
}

function monthBegin(at: number): UnixMs {
  const date = new Date(at);
  return unixMs(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1));
}

function eventsOf(
  { row, roster }: Known,
  range: { readonly from: UnixMs; readonly to: UnixMs },
  people: ReadonlyMap<string, string>,
  only: string | undefined,
): CalendarEvent[] {
  const plan = planOf(roster, range.from, range.to);
  const named = only === undefined ? [...new Set(plan.shifts.flatMap((shift) => shift.people))] : [only];
  return named.flatMap((personId) =>
    turnsOf(plan, personId).map(({ from, to }) => ({
      uid: `${row.id}-${personId}-${from}@duty.hinoban`,
      from,
      to,
      summary: only === undefined ? (people.get(personId) ?? personId) : row.name,
      description: only === undefined ? row.name : "",
    })),
  );
}

/** When a person is on duty, a span for each turn: joined where only somebody else changed, cut where a turn ends. */
function turnsOf(plan: Plan, personId: string): Span[] {
  const ends = new Set(plan.layers.flatMap((layer) => layer.filter((shift) => shift.personId === personId).map((shift) => shift.to)));
  const turns: Span[] = [];
  let open: Span[] = [];
  const close = (): void => {
    turns.push(...joined(open));
    open = [];
  };
  for (const shift of plan.shifts) {
    if (!shift.people.includes(personId)) continue;
    open.push(shift);
    if (ends.has(shift.to)) close();
  }
  close();
  return turns;
}
