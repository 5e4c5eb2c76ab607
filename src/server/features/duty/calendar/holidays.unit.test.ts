import { describe, expect, test } from "vitest";
import { parseDay, wallClock } from "#base/wall-time";
import { unixMs } from "#base/duration";
import { holidaysWith, packagedHolidays } from "../holidays.ts";
import { builtInRules, calendarProblems, dayKind, holds, type Calendar } from "./model.ts";

const holidays = packagedHolidays();
const weekdays: Calendar = { id: "weekdays", versions: [builtInRules.weekdays], holidays };
const business: Calendar = { id: "business-days", versions: [builtInRules["business-days"]], holidays };
const kind = (calendar: Calendar, date: string) => dayKind(calendar, parseDay(date) ?? 0);

/** Equinoxes as the National Astronomical Observatory announces or foresees them: day of March, day of September. */
const equinoxes: Readonly<Record<number, readonly [number, number]>> = {
  2019: [21, 23],
  2020: [20, 22],
  2021: [20, 23],
  2022: [21, 23],
  2023: [21, 23],
  2024: [20, 22],
  2025: [20, 23],
  2026: [20, 23],
  2027: [21, 23],
  2028: [20, 22],
  2029: [20, 23],
  2030: [20, 23],
  2031: [21, 23],
  2032: [20, 22],
  2033: [20, 23],
  2034: [20, 23],
  2035: [21, 23],
};

/** The holidays of a year by the law itself, with what was moved for the enthronement and the Olympic games. */
function byLaw(year: number): string[] {
  const text = (month: number, day: number): string => new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
  const monday = (month: number, nth: number): string => {
    const first = new Date(Date.UTC(year, month - 1, 1)).getUTCDay();
    return text(month, ((8 - first) % 7) + 1 + (nth - 1) * 7);
  };
  const [spring, autumn] = equinoxes[year] ?? [0, 0];
  const days = new Set([
    text(1, 1),
    monday(1, 2),
    text(2, 11),
    text(3, spring),
    text(4, 29),
    text(5, 3),
    text(5, 4),
    text(5, 5),
    monday(9, 3),
    text(9, autumn),
    text(11, 3),
    text(11, 23),
    ...(year >= 2020 ? [text(2, 23)] : [text(5, 1), text(10, 22)]),
    ...({ 2020: [text(7, 23), text(8, 10), text(7, 24)], 2021: [text(7, 22), text(8, 8), text(7, 23)] }[year] ?? [
      monday(7, 3),
      text(8, 11),
      monday(10, 2),
    ]),
  ]);
  for (const day of [...days].sort()) if (weekday(day) === 0) days.add(firstFree(days, day));
  for (const day of [...days].sort()) {
    const between = shifted(day, 1);
    if (days.has(shifted(day, 2)) && !days.has(between) && weekday(between) !== 0) days.add(between);
  }
  return [...days].sort();
}

const weekday = (date: string): number => new Date(`${date}T00:00Z`).getUTCDay();
const shifted = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
const firstFree = (days: ReadonlySet<string>, from: string): string => (days.has(from) ? firstFree(days, shifted(from, 1)) : from);

describe("Japanese holidays", () => {
  test.each(Object.keys(equinoxes).map(Number))("of %i are those of the law", (year) => {
    const found: string[] = [];
    for (let t = Date.UTC(year, 0, 1); t < Date.UTC(year + 1, 0, 1); t += 86_400_000) {
      const date = new Date(t).toISOString().slice(0, 10);
      if (holidays.nameOf(date)) found.push(date);
    }
    expect(found).toEqual(byLaw(year));
  });

  test("know the day between two holidays, 2032-09-21", () => {
    expect(kind(weekdays, "2032-09-21")).toMatchObject({ isWorking: false, isHoliday: true, name: { ja: "休日" } });
  });

  test.each([
    ["UTC", 0],
    ["America/New_York", 240],
    ["Asia/Tokyo", -540],
  ])("are looked up by the local date on a server in %s", (zone, offset) => {
    const before = process.env["TZ"];
    process.env["TZ"] = zone;
    try {
      expect(new Date(2026, 4, 7).getTimezoneOffset()).toBe(offset);
      const clock = wallClock("Asia/Tokyo");
      const isWorking = (text: string): boolean => holds(weekdays, "working-day", clock, unixMs(Date.parse(text)));
      // A working day begins at midnight in Japan, when it is still the 6th, a holiday, in London.
      expect([isWorking("2026-05-06T23:59:59+09:00"), isWorking("2026-05-07T00:00:00+09:00")]).toEqual([false, true]);
      expect([isWorking("2026-05-02T00:00:00+09:00"), isWorking("2026-05-01T23:59:59+09:00")]).toEqual([false, true]);
    } finally {
      if (before === undefined) delete process.env["TZ"];
      else process.env["TZ"] = before;
    }
  });
});

describe("a file of holidays", () => {
  const read = (text: string) => holidaysWith(new TextEncoder().encode(text), holidays);

  test("in the form of the Cabinet Office replaces the years it names, and no others", () => {
    const own = read("国民の祝日・休日月日,国民の祝日・休日名称\r\n2027/1/1,元日\r\n2027/6/10,新しい祝日\r\n");
    expect(own.nameOf("2027-06-10")).toEqual({ ja: "新しい祝日", en: "新しい祝日" });
    expect(own.nameOf("2027-01-01")).toEqual({ ja: "元日", en: "New Year's Day" });
    expect(own.nameOf("2027-05-03")).toBeUndefined();
    expect(own.nameOf("2026-05-03")?.ja).toBe("憲法記念日");
  });

  test("may be in Shift_JIS", () => {
    const bytes = new Uint8Array([
      0x8c,
      0x8e,
      0x2c,
      0x96,
      0xbc,
      0x0a,
      ...new TextEncoder().encode("2027/1/1,"),
      0x8c,
      0xb3,
      0x93,
      0xfa,
      0x0a,
    ]);
    expect(holidaysWith(bytes, holidays).nameOf("2027-01-01")?.ja).toBe("元日");
  });

  test("may be JSON, with names in one language or two", () => {
    const own = read(`{"2027-01-01": "元日", "2027-06-10": {"ja": "新", "en": "New"}, "2027-06-11": {"name": "祝", "name_en": "Day"}}`);
    expect([own.nameOf("2027-01-01"), own.nameOf("2027-06-10"), own.nameOf("2027-06-11")]).toEqual([
      { ja: "元日", en: "New Year's Day" },
      { ja: "新", en: "New" },
      { ja: "祝", en: "Day" },
    ]);
  });

  test.each([
    ["", "names no holiday"],
    ["2027/1/1,元日\n2027/2/30,x", "line 2"],
    ["2027/1/1,元日\n2027/2/3,", "line 2"],
    ["{", "no JSON"],
    ['{"2027-02-30": "x"}', "2027-02-30"],
    ['{"2027-02-03": 1}', "2027-02-03"],
  ])("%j is refused with a reason", (text, reason) => {
    expect(() => read(text)).toThrow(reason);
  });
});

describe("a calendar", () => {
  test("closes at the end of the year, over it, each year; 平日 does not", () => {
    const days = ["2026-12-28", "2026-12-29", "2026-12-31", "2027-01-02", "2027-01-03", "2027-01-04"];
    expect(days.map((date) => kind(business, date).isWorking)).toEqual([true, false, false, false, false, true]);
    expect(kind(weekdays, "2026-12-29").isWorking).toBe(true);
    expect(kind(business, "2027-01-01").name?.ja).toBe("元日");
    expect(kind(business, "2026-12-30").name?.ja).toBe("年末年始");
  });

  test("has closed days of its own, working Saturdays, and other rules from a date on", () => {
    const rules = {
      ...builtInRules.weekdays,
      closed: [{ from: "2026-08-13", to: "2026-08-15", name: "お盆", isYearly: false }],
      working: [
        { date: "2026-11-21", name: "出勤日" },
        { date: "2026-11-23", name: "" },
      ],
    };
    const later = { ...builtInRules.weekdays, from: "2027-04-01", workdays: [1, 2, 3, 4] };
    const own: Calendar = { id: "own", versions: [rules, later], holidays };
    expect(kind(own, "2026-08-14")).toEqual({ isWorking: false, isHoliday: false, name: { en: "お盆", ja: "お盆" } });
    expect(kind(own, "2027-08-13").isWorking).toBe(false);
    expect(kind(own, "2026-11-21")).toMatchObject({ isWorking: true, name: { ja: "出勤日" } });
    expect(kind(own, "2026-11-23")).toMatchObject({ isWorking: true, isHoliday: true, name: { ja: "勤労感謝の日" } });
    expect([kind(own, "2027-03-26").isWorking, kind(own, "2027-04-02").isWorking]).toEqual([true, false]);
  });

  test("says what is wrong with its rules", () => {
    const rules = builtInRules.weekdays;
    const fields = (versions: Parameters<typeof calendarProblems>[0]): string[] =>
      calendarProblems(versions).map((problem) => problem.field);
    expect(fields([rules])).toEqual([]);
    expect(fields([{ ...rules, from: "2026-01-01" }])).toEqual(["versions/0/from"]);
    expect(fields([rules, { ...rules, from: "2026-02-30" }])).toEqual(["versions/1/from"]);
    expect(fields([rules, { ...rules, from: "2026-03-01" }, { ...rules, from: "2026-02-01" }])).toEqual(["versions"]);
    expect(fields([{ ...rules, closed: [{ from: "2026-03-02", to: "2026-03-01", name: "x", isYearly: false }] }])).toEqual([
      "versions/0/closed",
    ]);
    expect(fields([{ ...rules, working: [{ date: "2026-13-01", name: "" }] }])).toEqual(["versions/0/working"]);
  });
});
