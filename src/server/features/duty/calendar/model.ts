import { unixMs, type UnixMs } from "#base/duration";
import { complement, covers, intersected, joined, type Span } from "#base/spans";
import { dateText, dayLength, localDay, minuteLength, parseDay, parseTimeOfDay, weekdayOf, type WallClock } from "#base/wall-time";
import type { CalendarCondition, CalendarRules, Hours } from "#wire/duty-shapes";

/** Names of public holidays by local date, `2026-11-23`: never by instant, since a date has no zone. */
export interface Holidays {
  nameOf(date: string): HolidayName | undefined;
}

export interface HolidayName {
  readonly en: string;
  readonly ja: string;
}

/** A calendar with the holidays that it follows. */
export interface Calendar {
  readonly id: string;
  readonly versions: readonly CalendarRules[];
  readonly holidays: Holidays;
}

/** What a day is: worked or not, and the name that says why, when it has one. */
export interface DayKind {
  readonly isWorking: boolean;
  readonly isHoliday: boolean;
  readonly name: HolidayName | undefined;
}

/** The rules that hold on a day: the latest version that begins no later. */
export function rulesOn(versions: readonly CalendarRules[], date: string): CalendarRules | undefined {
  let found: CalendarRules | undefined;
  for (const version of versions) {
    if ((version.from ?? "") <= date && (found?.from ?? "") <= (version.from ?? "")) found = version;
  }
  return found;
}

/** A working date beats closed days, those beat holidays, those the day of the week. */
export function dayKind(calendar: Calendar, day: number): DayKind {
  const date = dateText(day);
  const rules = rulesOn(calendar.versions, date);
  if (!rules) return { isWorking: false, isHoliday: false, name: undefined };
  const holiday = rules.holidays === "jp" ? calendar.holidays.nameOf(date) : undefined;
  const working = rules.working.find((entry) => entry.date === date);
  if (working) return { isWorking: true, isHoliday: holiday !== undefined, name: named(working.name) ?? holiday };
  const closed = rules.closed.find((days) => isWithin(days, date));
  if (closed) return { isWorking: false, isHoliday: holiday !== undefined, name: holiday ?? named(closed.name) };
  if (holiday) return { isWorking: false, isHoliday: true, name: holiday };
  return { isWorking: rules.workdays.includes(weekdayOf(day)), isHoliday: false, name: undefined };
}

const named = (name: string): HolidayName | undefined => (name === "" ? undefined : { en: name, ja: name });

function isWithin({ from, to, isYearly }: { from: string; to: string; isYearly: boolean }, date: string): boolean {
  if (!isYearly) return from <= date && date <= to;
  const [first, last, day] = [from.slice(5), to.slice(5), date.slice(5)];
  return first <= last ? first <= day && day <= last : day >= first || day <= last; // 12-29 to 01-03 goes over the end of the year
}

/** Whether the condition holds at an instant. A calendar that has no rules for the day has no working time then. */
export function holds(calendar: Calendar, when: CalendarCondition, clock: WallClock, at: UnixMs): boolean {
  const day = localDay(clock.toLocal(at));
  // The hours of yesterday may reach over midnight.
  if (when !== "outside-working-time") return spansOfDays(calendar, when, clock, [day - 1, day]).some((span) => covers(span, at));
  return !holds(calendar, "working-time", clock, at);
}

/** The times within [from, to) at which the condition holds. */
export function holdingSpans(calendar: Calendar, when: CalendarCondition, clock: WallClock, within: Span): Span[] {
  if (when === "outside-working-time") return complement(holdingSpans(calendar, "working-time", clock, within), within);
  const first = localDay(clock.toLocal(unixMs(within.from))) - 1;
  const last = localDay(clock.toLocal(unixMs(within.to)));
  const days = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return intersected(joined(spansOfDays(calendar, when, clock, days)), [within]);
}

function spansOfDays(
  calendar: Calendar,
  when: Exclude<CalendarCondition, "outside-working-time">,
  clock: WallClock,
  days: readonly number[],
): Span[] {
  return days.flatMap((day) => {
    const { isWorking } = dayKind(calendar, day);
    if (when === "day-off") return isWorking ? [] : [wholeDay(clock, day)];
    if (!isWorking) return [];
    if (when === "working-day") return [wholeDay(clock, day)];
    return (rulesOn(calendar.versions, dateText(day))?.hours ?? []).map((hours) => hoursOn(clock, day, hours));
  });
}

const wholeDay = (clock: WallClock, day: number): Span => ({
  from: clock.toInstant(day * dayLength),
  to: clock.toInstant((day + 1) * dayLength),
});

/** The hours that begin on a day; over midnight when they end no later than they begin. */
export function hoursOn(clock: WallClock, day: number, hours: Hours): Span {
  const from = parseTimeOfDay(hours.from) ?? 0;
  const to = parseTimeOfDay(hours.to) ?? 0;
  const end = to <= from ? to + 1440 : to;
  return { from: clock.toInstant(day * dayLength + from * minuteLength), to: clock.toInstant(day * dayLength + end * minuteLength) };
}

/** Ids of the calendars that everybody has. They are copied to be changed. */
export const builtInIds = ["weekdays", "business-days"] as const;
export type BuiltInId = (typeof builtInIds)[number];

const usual = { workdays: [1, 2, 3, 4, 5], holidays: "jp", hours: [{ from: "09:00", to: "18:00" }], working: [] } as const;

/** 平日: Monday to Friday but public holidays. 営業日: those, but for the end of the year, as public offices have it. */
export const builtInRules: Readonly<Record<BuiltInId, CalendarRules>> = {
  weekdays: { ...usual, workdays: [...usual.workdays], hours: [...usual.hours], working: [], closed: [] },
  "business-days": {
    ...usual,
    workdays: [...usual.workdays],
    hours: [...usual.hours],
    working: [],
    closed: [{ from: "2000-12-29", to: "2001-01-03", name: "年末年始", isYearly: true }],
  },
};

/** What is wrong with the rules of a calendar, with the field that it is about. */
export function calendarProblems(versions: readonly CalendarRules[]): { field: string; problem: string }[] {
  const problems: { field: string; problem: string }[] = [];
  const say = (field: string, problem: string): void => void problems.push({ field, problem });
  const froms = versions.map((version) => version.from ?? "");
  if (froms[0] !== "") say("versions/0/from", "the first version holds from the beginning and takes no date");
  if (froms.some((from, index) => index > 0 && from <= (froms[index - 1] ?? ""))) {
    say("versions", "versions must be in the order of their dates, each with another one");
  }
  versions.forEach((version, index) => {
    const at = `versions/${index}`;
    if (version.from !== undefined && parseDay(version.from) === undefined) say(`${at}/from`, "there is no such day");
    for (const { date } of version.working) if (parseDay(date) === undefined) say(`${at}/working`, `there is no day ${date}`);
    for (const days of version.closed) {
      if (parseDay(days.from) === undefined || parseDay(days.to) === undefined)
        say(`${at}/closed`, `there is no day ${days.from} or ${days.to}`);
      else if (!days.isYearly && days.to < days.from) say(`${at}/closed`, `${days.name} ends before it begins`);
    }
  });
  return problems;
}
