import { unixMs, type UnixMs } from "#base/duration";
import { addMonths, dateText, dayLength, localDay, parseDay, wallClock, weekdayOf } from "#base/wall-time";
import type { CalendarDay, Plan } from "#wire/duty";
import { choiceParam, textParam } from "#kit/search";

export const views = ["month", "week"] as const;
export type View = (typeof views)[number];

/** What the address of a schedule's page says. */
export interface ScheduleSearch {
  readonly view?: View | undefined;
  /** A day of the month or week that is shown; absent: today. */
  readonly day?: string | undefined;
}

export function parseScheduleSearch(search: Readonly<Record<string, unknown>>): ScheduleSearch {
  const day = textParam(search["day"], 10);
  return { view: choiceParam(search["view"], views), day: day !== undefined && parseDay(day) !== undefined ? day : undefined };
}

export interface Range {
  readonly from: UnixMs;
  readonly to: UnixMs;
}

/** The month, or the week from Monday, that holds a day, on the clock of the zone. */
export function rangeOf(view: View, day: number, timeZone: string): Range {
  const clock = wallClock(timeZone);
  const first = firstDay(view, day);
  const last = view === "month" ? addMonths(first, 1) : first + 7;
  return { from: clock.toInstant(first * dayLength), to: clock.toInstant(last * dayLength) };
}

function firstDay(view: View, day: number): number {
  if (view === "week") return day - ((weekdayOf(day) + 6) % 7);
  return parseDay(`${dateText(day).slice(0, 7)}-01`) ?? day;
}

/** A day of the month or week before or after. */
export const stepped = (view: View, day: number, steps: number): string =>
  dateText(view === "month" ? addMonths(firstDay(view, day), steps) : firstDay(view, day) + 7 * steps);

export const dayAt = (at: UnixMs, timeZone: string): number => localDay(wallClock(timeZone).toLocal(at));

/** Where something stands in a row, in percent of its width. */
export interface Place {
  readonly left: number;
  readonly width: number;
}

export function placeOf(span: { readonly from: number; readonly to: number }, range: Range): Place {
  const length = range.to - range.from;
  const left = Math.max(0, span.from - range.from);
  const right = Math.min(length, span.to - range.from);
  return { left: (left / length) * 100, width: (Math.max(0, right - left) / length) * 100 };
}

export interface DayColumn extends Range {
  readonly day: CalendarDay;
  /** 0 = Sunday. */
  readonly weekday: number;
  readonly number: number;
}

/** The days of a plan with their beginnings and ends; on the day of a clock change one is longer or shorter. */
export function columnsOf(plan: Plan): DayColumn[] {
  const clock = wallClock(plan.timeZone);
  return plan.days.map((day) => {
    const index = parseDay(day.date) ?? 0;
    return {
      day,
      weekday: weekdayOf(index),
      number: Number(day.date.slice(8)),
      from: clock.toInstant(index * dayLength),
      to: clock.toInstant((index + 1) * dayLength),
    };
  });
}

const step = 30 * 60_000;

/** The time under the pointer, on the half hour of the clock on the wall. `fraction` of the row's width, from 0 to 1. */
export function timeAt(fraction: number, range: Range, timeZone: string): UnixMs {
  const clock = wallClock(timeZone);
  const at = range.from + Math.min(1, Math.max(0, fraction)) * (range.to - range.from);
  return clock.toInstant(Math.round(clock.toLocal(unixMs(at)) / step) * step);
}

/** What was dragged over, at least half an hour and in the right order. */
export function draggedSpan(a: number, b: number, range: Range, timeZone: string): Range {
  const [from, to] = [timeAt(Math.min(a, b), range, timeZone), timeAt(Math.max(a, b), range, timeZone)];
  return { from, to: to > from ? to : unixMs(from + step) };
}

/** A line of the list of days for narrow screens. */
export interface AgendaLine extends Range {
  readonly people: readonly string[];
}

export interface AgendaDay {
  readonly column: DayColumn;
  readonly lines: readonly AgendaLine[];
}

/** By day, who is on duty from when to when; gaps are lines without people. */
export function agendaOf(plan: Plan): AgendaDay[] {
  const all: AgendaLine[] = [
    ...plan.shifts.map(({ from, to, people }) => ({ from: unixMs(from), to: unixMs(to), people })),
    ...plan.gaps.map(({ from, to }) => ({ from: unixMs(from), to: unixMs(to), people: [] })),
  ].sort((a, b) => a.from - b.from);
  return columnsOf(plan).map((column) => ({
    column,
    lines: all
      .filter((line) => line.from < column.to && line.to > column.from)
      .map((line) => ({
        people: line.people,
        from: unixMs(Math.max(line.from, column.from)),
        to: unixMs(Math.min(line.to, column.to)),
      })),
  }));
}
