import { HinobanError, invalidInput } from "#base/errors";
import { parseDay } from "#base/wall-time";
import type { Tx } from "#store";
import type { Calendar as WireCalendar, CalendarDay } from "#wire/duty";
import { dutyLimits, type CalendarRules } from "#wire/duty-shapes";
import { builtInIds, builtInRules, dayKind, type BuiltInId, type Calendar } from "./calendar/model.ts";
import { dateText } from "#base/wall-time";

const builtInNames: Readonly<Record<BuiltInId, string>> = { weekdays: "平日", "business-days": "営業日" };

const builtIn = (id: BuiltInId): WireCalendar => ({ id, name: builtInNames[id], memo: "", isBuiltIn: true, versions: [builtInRules[id]] });

/** What was written by the verbs of this feature in this shape. */
const versionsOf = (text: string): CalendarRules[] => JSON.parse(text) as CalendarRules[]; // see above

/** The built-in calendars, then those of the organisation by name. */
export async function allCalendars(tx: Tx): Promise<WireCalendar[]> {
  const rows = await tx
    .selectFrom("duty_calendar")
    .select(["id", "name", "memo", "versions"])
    .where("deleted_at", "is", null)
    .orderBy("name")
    .execute();
  return [...builtInIds.map(builtIn), ...rows.map((row) => ({ ...row, isBuiltIn: false, versions: versionsOf(row.versions) }))];
}

/** A calendar of the organisation's own. @throws "not-found", "conflict" for a built-in one, which nobody changes */
export async function findOwnCalendar(tx: Tx, id: string): Promise<WireCalendar> {
  const found = builtInIds.find((known) => known === id);
  if (found)
    throw new HinobanError("conflict", `${builtInNames[found]} comes with Hinoban and stays as it is. Copy it and change the copy.`, {
      id,
    });
  const calendar = (await allCalendars(tx)).find((one) => one.id === id);
  if (!calendar) throw new HinobanError("not-found", `There is no calendar ${id}.`, { id });
  return calendar;
}

/** Each day from one date to another, both included. @throws "invalid-input" */
export function daysOf(calendar: Calendar, from: string, to: string): CalendarDay[] {
  const [first, last] = [parseDay(from), parseDay(to)];
  if (first === undefined) throw invalidInput([{ field: "from", problem: `there is no day ${from}` }]);
  if (last === undefined) throw invalidInput([{ field: "to", problem: `there is no day ${to}` }]);
  if (last < first || last - first > dutyLimits.days) {
    throw invalidInput([{ field: "to", problem: `must lie 0 to ${dutyLimits.days} days after the beginning` }]);
  }
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const { name, ...kind } = dayKind(calendar, first + index);
    return { date: dateText(first + index), ...kind, ...(name ? { name: { en: name.en, ja: name.ja } } : {}) };
  });
}
