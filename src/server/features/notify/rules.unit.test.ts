import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hours, unixMs, type UnixMs } from "#base/duration";
import { localText, wallClock } from "#base/wall-time";
import { defaultRules, type NotificationRules } from "#wire/notify";
import { quietUntil, reach } from "./rules.ts";

const rules = (quiet: Partial<NotificationRules["quiet"]>, media: Partial<NotificationRules["media"]> = {}): NotificationRules => ({
  quiet: { ...defaultRules.quiet, isOn: true, ...quiet },
  media: { ...defaultRules.media, ...media },
});
const at = (text: string): UnixMs => unixMs(Date.parse(text));
const local = (zone: string, instant: UnixMs | undefined): string | undefined =>
  instant === undefined ? undefined : localText(wallClock(zone).toLocal(instant));

describe("quiet hours", () => {
  test.each([
    ["before midnight", "Asia/Tokyo", "2026-01-05T23:30+09:00", "2026-01-06T07:00"],
    ["after midnight", "Asia/Tokyo", "2026-01-06T06:59:59+09:00", "2026-01-06T07:00"],
    ["at their very end", "Asia/Tokyo", "2026-01-06T07:00+09:00", undefined],
    ["at their very beginning", "Asia/Tokyo", "2026-01-06T22:00+09:00", "2026-01-07T07:00"],
    ["by day", "Asia/Tokyo", "2026-01-06T12:00+09:00", undefined],
    ["in the night when clocks go forward", "Europe/Berlin", "2026-03-29T01:30+01:00", "2026-03-29T07:00"],
    ["in the hour after they went forward", "Europe/Berlin", "2026-03-29T03:30+02:00", "2026-03-29T07:00"],
    ["in the night when clocks go back", "America/New_York", "2026-11-01T01:30-04:00", "2026-11-01T07:00"],
    ["in the hour that comes twice", "America/New_York", "2026-11-01T01:30-05:00", "2026-11-01T07:00"],
  ])("%s", (_when, zone, moment, until) => {
    expect(local(zone, quietUntil(rules({}), zone, at(moment)))).toBe(until);
  });

  test("that end in an hour which is left out end when the clocks are changed", () => {
    const end = quietUntil(rules({ from: "22:00", until: "02:30" }), "Europe/Berlin", at("2026-03-29T00:00+01:00"));
    expect(end).toBe(at("2026-03-29T03:00+02:00"));
  });

  test("begin only on the days that were chosen; the morning after belongs to them", () => {
    const weekend = rules({ weekdays: [6] }); // the night from Saturday to Sunday
    expect(local("Asia/Tokyo", quietUntil(weekend, "Asia/Tokyo", at("2026-01-11T06:00+09:00")))).toBe("2026-01-11T07:00");
    expect(quietUntil(weekend, "Asia/Tokyo", at("2026-01-11T23:00+09:00"))).toBeUndefined();
  });

  test("of a whole day follow each other up to a week", () => {
    const always = rules({ from: "09:00", until: "09:00" });
    expect(local("UTC", quietUntil(always, "UTC", at("2026-01-05T12:00Z")))).toBe("2026-01-13T09:00");
    const weekend = rules({ from: "00:00", until: "00:00", weekdays: [6, 0] });
    expect(local("UTC", quietUntil(weekend, "UTC", at("2026-01-10T12:00Z")))).toBe("2026-01-12T00:00");
  });

  test("may have a time zone of their own", () => {
    const own = { ...rules({}), timeZone: "America/New_York" };
    expect(quietUntil(own, "Asia/Tokyo", at("2026-01-05T23:30+09:00"))).toBeUndefined();
    expect(quietUntil(own, "Asia/Tokyo", at("2026-01-05T23:30-05:00"))).toBeDefined();
  });

  test("always end, outside of any, within nine days", () => {
    const time = fc
      .integer({ min: 0, max: 1439 })
      .map((of) => `${String(Math.floor(of / 60)).padStart(2, "0")}:${String(of % 60).padStart(2, "0")}`);
    const weekdays = fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { maxLength: 6 });
    const zone = fc.constantFrom("Asia/Tokyo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC");
    const moment = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) });
    fc.assert(
      fc.property(time, time, weekdays, zone, moment, (from, until, days, name, ms) => {
        const some = rules({ from, until, weekdays: days });
        const end = quietUntil(some, name, unixMs(ms));
        if (end === undefined) return;
        expect(end).toBeGreaterThan(ms);
        expect(end - ms).toBeLessThan(hours(24 * 9));
        expect(quietUntil(some, name, end)).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });
});

describe("a message", () => {
  const night = at("2026-01-05T23:30+09:00");
  const told = { severity: "warning", medium: "mail", isUrgent: false } as const;

  test("is held until quiet hours end, told by day, and off when it is not bad enough for its medium", () => {
    const some = rules({}, { mail: "warning", phone: "critical", chat: "never" });
    expect(reach(some, "Asia/Tokyo", told, night)).toEqual({ kind: "held", until: at("2026-01-06T07:00+09:00") });
    expect(reach(some, "Asia/Tokyo", told, at("2026-01-05T12:00+09:00"))).toEqual({ kind: "now" });
    expect(reach(some, "Asia/Tokyo", { ...told, severity: "information" }, night)).toEqual({ kind: "off" });
    expect(reach(some, "Asia/Tokyo", { ...told, severity: "critical", medium: "chat" }, night)).toEqual({ kind: "off" });
    expect(reach(some, "Asia/Tokyo", { ...told, severity: "error", medium: "phone" }, night)).toEqual({ kind: "off" });
  });

  test("that is urgent breaks through everything", () => {
    const some = rules({}, { mail: "never" });
    expect(reach(some, "Asia/Tokyo", { ...told, severity: "information", isUrgent: true }, night)).toEqual({ kind: "now" });
  });
});
