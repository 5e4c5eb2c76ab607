import { dayLength, localDay, weekdayOf, type LocalMs } from "#base/wall-time";

/** A recurrence rule of RFC 5545 (3.3.10), its texts read. Times are those of the clock on the wall. */
export interface Rule {
  readonly freq: "DAILY" | "WEEKLY" | "MONTHLY" | "YEARLY";
  readonly interval: number;
  readonly count: number | undefined;
  /** The last moment that may still be one. */
  readonly until: LocalMs | undefined;
  /** 0 = Sunday; `nth` 0: each of them, 1: the first, -1: the last of the month or year. */
  readonly byDay: readonly { readonly weekday: number; readonly nth: number }[];
  readonly byMonthDay: readonly number[];
  readonly byMonth: readonly number[];
  readonly byYearDay: readonly number[];
  readonly byWeekNo: readonly number[];
  readonly bySetPos: readonly number[];
  /** Times of day in milliseconds, ascending; empty: that of the start. */
  readonly times: readonly number[];
  /** 0 = Sunday. */
  readonly weekStart: number;
}

/** Days that may still be looked at; shared by all rules of a file, so that no file takes long. */
export interface Budget {
  days: number;
}

/** A rule asks for more than the budget allows. */
export class BudgetSpent extends Error {}

interface Period {
  /** First day, and the day after the last one. */
  readonly from: number;
  readonly to: number;
}

/**
 * The beginnings of a recurring event within [from, to), ascending. Bounded by the window and the budget whatever the rule says: rules
 * without any day, such as 30 February, simply give none.
 * @throws BudgetSpent
 */
export function occurrences(
  start: LocalMs,
  rule: Rule,
  window: { readonly from: LocalMs; readonly to: LocalMs },
  budget: Budget,
): LocalMs[] {
  const end = Math.min(window.to, rule.until === undefined ? Infinity : rule.until + 1);
  const found: LocalMs[] = [];
  let left = rule.count ?? Infinity;
  for (const local of endless(start, rule, window.from, end, budget)) {
    if (local >= end || left <= 0) break;
    left -= 1;
    if (local >= window.from) found.push(local);
  }
  return found;
}

/** What the rule gives from the start on, until a period begins at `end` or later. */
function* endless(start: LocalMs, rule: Rule, from: LocalMs, end: LocalMs, budget: Budget): Generator<LocalMs> {
  const startDay = localDay(start);
  const times = rule.times.length > 0 ? rule.times : [start - startDay * dayLength];
  const matches = dayFilter(rule, startDay);
  // What is counted must be walked from the start; anything else may begin where the window does.
  let index = rule.count === undefined ? firstPeriod(rule, startDay, localDay(from)) : 0;
  for (let period = periodAt(rule, startDay, index); period.from * dayLength < end; period = periodAt(rule, startDay, index)) {
    budget.days -= period.to - period.from;
    if (budget.days < 0) throw new BudgetSpent();
    for (const local of chosenIn(period, matches, times, rule.bySetPos)) if (local >= start) yield local;
    index += 1;
  }
}

function chosenIn(period: Period, matches: (day: number) => boolean, times: readonly number[], bySetPos: readonly number[]): LocalMs[] {
  const all: LocalMs[] = [];
  for (let day = period.from; day < period.to; day += 1) {
    if (matches(day)) for (const time of times) all.push(day * dayLength + time);
  }
  if (bySetPos.length === 0) return all;
  const chosen = new Set(bySetPos.map((position) => all.at(position > 0 ? position - 1 : position)));
  return all.filter((local) => chosen.has(local));
}

function periodAt(rule: Rule, startDay: number, index: number): Period {
  const steps = index * rule.interval;
  switch (rule.freq) {
    case "DAILY":
      return { from: startDay + steps, to: startDay + steps + 1 };
    case "WEEKLY": {
      const from = weekBegin(startDay, rule.weekStart) + steps * 7;
      return { from, to: from + 7 };
    }
    case "MONTHLY": {
      const { year, month } = dateOf(startDay);
      const months = year * 12 + month - 1 + steps;
      return { from: monthBegin(months), to: monthBegin(months + 1) };
    }
    case "YEARLY": {
      const year = dateOf(startDay).year + steps;
      return { from: monthBegin(year * 12), to: monthBegin((year + 1) * 12) };
    }
  }
}

/** The index of a period that lies before `day`, or of the first one. */
function firstPeriod(rule: Rule, startDay: number, day: number): number {
  const most = { DAILY: 1, WEEKLY: 7, MONTHLY: 31, YEARLY: 366 }[rule.freq];
  return Math.max(0, Math.floor((day - startDay) / (most * rule.interval)) - 1);
}

interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

function dateOf(day: number): DateParts {
  const date = new Date(day * dayLength);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** The first day of a month, counted from January of the year 0. */
const monthBegin = (months: number): number => {
  const year = Math.floor(months / 12);
  return Math.floor(new Date(0).setUTCFullYear(year, months - year * 12, 1) / dayLength);
};

const weekBegin = (day: number, weekStart: number): number => day - ((weekdayOf(day) - weekStart + 7) % 7);

/** What a rule leaves open is as the start has it. */
function completed(rule: Rule, startDay: number): Rule {
  const start = dateOf(startDay);
  const { freq, byDay, byMonthDay, byMonth, byYearDay, byWeekNo } = rule;
  if (byDay.length + byMonthDay.length + byYearDay.length > 0 || freq === "DAILY") return rule;
  if (freq === "WEEKLY" || (freq === "YEARLY" && byWeekNo.length > 0))
    return { ...rule, byDay: [{ weekday: weekdayOf(startDay), nth: 0 }] };
  const isOpenYear = freq === "YEARLY" && byMonth.length === 0;
  return { ...rule, byMonthDay: [start.day], byMonth: isOpenYear ? [start.month] : byMonth };
}

/** Which days a rule names. */
function dayFilter(rule: Rule, startDay: number): (day: number) => boolean {
  const { byDay, byMonthDay, byMonth, byYearDay, byWeekNo } = completed(rule, startDay);
  return (day) => {
    const date = dateOf(day);
    return (
      (byMonth.length === 0 || byMonth.includes(date.month)) &&
      (byMonthDay.length === 0 || isMonthDay(byMonthDay, day, date)) &&
      (byYearDay.length === 0 || isYearDay(byYearDay, day, date)) &&
      (byWeekNo.length === 0 || isWeekNo(byWeekNo, day, rule.weekStart)) &&
      (byDay.length === 0 || byDay.some((one) => isWeekday(one, day, date, rule)))
    );
  };
}

function isMonthDay(list: readonly number[], day: number, { year, month, day: inMonth }: DateParts): boolean {
  if (list.includes(inMonth)) return true;
  const toEnd = monthBegin(year * 12 + month) - day;
  return list.includes(-toEnd);
}

function isYearDay(list: readonly number[], day: number, { year }: DateParts): boolean {
  return list.includes(day - monthBegin(year * 12) + 1) || list.includes(day - monthBegin((year + 1) * 12));
}

/** Week 1 is the first with four days in the year. Weeks of the year that a day belongs to by its week, not by its date. */
function isWeekNo(list: readonly number[], day: number, weekStart: number): boolean {
  const middle = weekBegin(day, weekStart) + 3;
  const { year } = dateOf(middle);
  if (year !== dateOf(day).year) return false;
  const number = Math.floor((middle - monthBegin(year * 12)) / 7) + 1;
  const last = Math.floor((lastMiddle(year, weekStart) - monthBegin(year * 12)) / 7) + 1;
  return list.includes(number) || list.includes(number - last - 1);
}

function lastMiddle(year: number, weekStart: number): number {
  const end = monthBegin((year + 1) * 12) - 1;
  const middle = weekBegin(end, weekStart) + 3;
  return middle > end ? middle - 7 : middle;
}

function isWeekday(
  { weekday, nth }: { readonly weekday: number; readonly nth: number },
  day: number,
  { year, month }: DateParts,
  rule: Rule,
): boolean {
  if (weekdayOf(day) !== weekday) return false;
  if (nth === 0 || rule.freq === "DAILY" || rule.freq === "WEEKLY") return true;
  const inMonth = rule.freq === "MONTHLY" || rule.byMonth.length > 0;
  const from = inMonth ? monthBegin(year * 12 + month - 1) : monthBegin(year * 12);
  const to = inMonth ? monthBegin(year * 12 + month) : monthBegin((year + 1) * 12);
  return nth > 0 ? Math.floor((day - from) / 7) + 1 === nth : Math.floor((to - 1 - day) / 7) + 1 === -nth;
}
