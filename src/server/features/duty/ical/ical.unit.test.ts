import ICAL from "ical.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HinobanError } from "#base/errors";
import { unixMs } from "#base/duration";
import { localText, parseLocal } from "#base/wall-time";
import { readOccurrences } from "./read.ts";
import { readRule } from "./read-rule.ts";
import { occurrences } from "./recurrence.ts";
import { writeCalendar } from "./write.ts";

const calendar = (...lines: string[]): string =>
  ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test", ...lines, "END:VCALENDAR", ""].join("\r\n");
const event = (...lines: string[]): string => calendar("BEGIN:VEVENT", "UID:u1", "SUMMARY:Hanako", ...lines, "END:VEVENT");
const window = { from: Date.UTC(2026, 0, 1), to: Date.UTC(2028, 0, 1) };
const read = (text: string, timeZone = "Asia/Tokyo") => readOccurrences(text, { timeZone, window, most: 1000 });
const times = (text: string, timeZone?: string): string[] =>
  read(text, timeZone).map(({ from, to }) => `${new Date(from).toISOString().slice(0, 16)} ${new Date(to).toISOString().slice(0, 16)}`);

function problemOf(text: string): string {
  try {
    read(text);
    return "none";
  } catch (error) {
    if (error instanceof HinobanError && error.code === "invalid-input") return error.message;
    throw error;
  }
}

describe("events of a file", () => {
  test("may be in UTC, in a known zone, without a zone, or whole days", () => {
    expect(times(event("DTSTART:20261122T000000Z", "DTEND:20261122T090000Z"))).toEqual(["2026-11-22T00:00 2026-11-22T09:00"]);
    expect(times(event("DTSTART;TZID=America/New_York:20261122T090000", "DURATION:PT8H"))).toEqual(["2026-11-22T14:00 2026-11-22T22:00"]);
    expect(times(event("DTSTART;TZID=/vendor/Asia/Tokyo:20261122T090000", "DURATION:PT1H"))).toEqual(["2026-11-22T00:00 2026-11-22T01:00"]);
    expect(times(event("DTSTART:20261122T090000", "DTEND:20261122T180000"))).toEqual(["2026-11-22T00:00 2026-11-22T09:00"]);
    expect(times(event("DTSTART;VALUE=DATE:20261122"))).toEqual(["2026-11-21T15:00 2026-11-22T15:00"]);
    expect(times(event("DTSTART;VALUE=DATE:20261122", "DTEND;VALUE=DATE:20261124"), "UTC")).toEqual(["2026-11-22T00:00 2026-11-24T00:00"]);
    expect(times(event("DTSTART:20261122T000000Z"))).toEqual([]);
  });

  test("keep their time of day over a change of clocks, also at their end", () => {
    expect(
      times(
        event("DTSTART;TZID=America/New_York:20260307T220000", "DTEND;TZID=America/New_York:20260308T060000", "RRULE:FREQ=DAILY;COUNT=2"),
      ),
    ).toEqual(["2026-03-08T03:00 2026-03-08T10:00", "2026-03-09T02:00 2026-03-09T10:00"]);
  });

  test("may describe their own zone", () => {
    const zone = [
      "BEGIN:VTIMEZONE",
      "TZID:Our Time",
      "BEGIN:STANDARD",
      "DTSTART:16011028T030000",
      "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
      "TZOFFSETFROM:+0200",
      "TZOFFSETTO:+0100",
      "END:STANDARD",
      "BEGIN:DAYLIGHT",
      "DTSTART:16010325T020000",
      "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
      "TZOFFSETFROM:+0100",
      "TZOFFSETTO:+0200",
      "END:DAYLIGHT",
      "END:VTIMEZONE",
    ];
    const of = (tzid: string): string[] =>
      times(
        calendar(
          ...zone,
          "BEGIN:VEVENT",
          "UID:z",
          `DTSTART;TZID=${tzid}:20260328T013000`,
          "DURATION:PT2H",
          "RRULE:FREQ=DAILY;COUNT=3",
          "END:VEVENT",
          "BEGIN:VEVENT",
          "UID:y",
          `DTSTART;TZID=${tzid}:20261024T023000`,
          "DURATION:PT30M",
          "RRULE:FREQ=DAILY;COUNT=3",
          "END:VEVENT",
        ),
      );
    expect(of("Our Time")).toEqual(of("Europe/Berlin"));
    expect(of("Our Time")[1]).toBe("2026-03-29T00:30 2026-03-29T01:30");
  });

  test("are left out by EXDATE, added by RDATE, moved or cancelled one by one", () => {
    const text = calendar(
      "BEGIN:VEVENT",
      "UID:m",
      "SUMMARY:Hanako",
      "DTSTART;TZID=Asia/Tokyo:20261102T090000",
      "DTEND;TZID=Asia/Tokyo:20261102T180000",
      "RRULE:FREQ=DAILY;COUNT=6",
      "EXDATE;TZID=Asia/Tokyo:20261103T090000",
      "EXDATE:20261104T000000Z",
      "EXDATE;VALUE=DATE:20261105",
      "RDATE;TZID=Asia/Tokyo:20261120T090000",
      "END:VEVENT",
      "BEGIN:VEVENT",
      "UID:m",
      "SUMMARY:Taro",
      "RECURRENCE-ID;TZID=Asia/Tokyo:20261106T090000",
      "DTSTART;TZID=Asia/Tokyo:20261106T120000",
      "DTEND;TZID=Asia/Tokyo:20261106T130000",
      "END:VEVENT",
      "BEGIN:VEVENT",
      "UID:m",
      "STATUS:CANCELLED",
      "RECURRENCE-ID:20261107T000000Z",
      "DTSTART:20261107T000000Z",
      "END:VEVENT",
    );
    expect(read(text).map((one) => `${one.summary} ${new Date(one.from).toISOString().slice(0, 13)}`)).toEqual([
      "Hanako 2026-11-02T00",
      "Taro 2026-11-06T03",
      "Hanako 2026-11-20T00",
    ]);
  });

  test("name whom they are for", () => {
    const [one] = read(
      event("DTSTART:20261122T000000Z", "DURATION:PT1H", "ATTENDEE;CN=山田 花子:mailto:hana@example.jp", "ATTENDEE:mailto:x@example.jp"),
    );
    expect(one?.attendees).toEqual(["山田 花子", "hana@example.jp", "x@example.jp"]);
  });

  test.each([
    ["no calendar at all", "is no iCalendar file"],
    ["", "is no iCalendar file"],
    ["BEGIN:VCARD\r\nEND:VCARD", "has no VCALENDAR"],
    ["BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "is no iCalendar file"],
    [event(), "“Hanako” (u1): it has no beginning"],
    [event("DTSTART;TZID=Asia/Edo:20261122T090000", "DURATION:PT1H"), "“Hanako” 2026-11-22T09:00:00 (u1): it names the time zone Asia/Edo"],
    [event("DTSTART:20261122T000000Z", "DTEND:20261121T000000Z"), "it ends before it begins"],
    [event("DTSTART:20261122T000000Z", "DURATION:PT1H", "RRULE:FREQ=HOURLY"), "it repeats HOURLY"],
    [event("DTSTART:20261122T000000Z", "DURATION:PT1H", "RRULE:FREQ=SECONDLY"), "it repeats SECONDLY"],
    [
      event("DTSTART:20261122T000000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;BYHOUR=0,1,2,3;BYMINUTE=0,5,10,15,20,25,30,35,40,45,50,55,59"),
      "52 times a day",
    ],
    [event("DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=DAILY;BYHOUR=1,2,3,4,5"), "more than 1000 times"],
    [event("DTSTART:20269922T000000Z", "DURATION:PT1H"), "its DTSTART is no time"],
    [
      calendar(
        "BEGIN:VEVENT",
        "UID:u1",
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20261122T000000Z",
        "DTSTART:20261122T000000Z",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "UID:u1",
        "DTSTART:20261121T000000Z",
        "DURATION:PT1H",
        "RRULE:FREQ=DAILY",
        "END:VEVENT",
      ),
      "it moves all later times",
    ],
  ])("%j is refused: %s", (text, problem) => {
    expect(problemOf(text)).toContain(problem);
  });

  test("that never come give none, and take no time", () => {
    for (const rule of [
      "YEARLY;BYMONTH=2;BYMONTHDAY=30",
      "MONTHLY;BYMONTHDAY=31;BYMONTH=2",
      "DAILY;BYMONTH=2;BYMONTHDAY=31",
      "MONTHLY;BYDAY=6MO",
      "MONTHLY;BYSETPOS=9;BYDAY=MO",
    ]) {
      expect(times(event("DTSTART:20260131T000000Z", "DURATION:PT1H", `RRULE:FREQ=${rule}`)).length).toBeLessThanOrEqual(1);
    }
  });

  test("are never answered by anything but times or a clear refusal, whatever the file holds", () => {
    const pieces = [
      "BEGIN:VEVENT",
      "END:VEVENT",
      "UID:u",
      "SUMMARY:x",
      "DTSTART:20261122T000000Z",
      "DTSTART;VALUE=DATE:20261122",
      "DTEND:20261123T000000Z",
      "RRULE:FREQ=WEEKLY;BYDAY=MO,-1TU",
      "RRULE:FREQ=MONTHLY;BYSETPOS=-1;BYDAY=FR",
      "RRULE:FREQ=YEARLY;BYWEEKNO=53",
      "RRULE:FREQ=DAILY;INTERVAL=0",
      "RRULE:",
      "RRULE:FREQ=DAILY;UNTIL=x",
      "EXDATE:x",
      "EXDATE;TZID=Nowhere:20261122T000000",
      "RDATE;VALUE=PERIOD:20261122T000000Z/PT1H",
      "DURATION:P",
      "DURATION:-PT1H",
      "RECURRENCE-ID:20261122T000000Z",
      "BEGIN:VTIMEZONE",
      "END:VTIMEZONE",
      "TZID:Own",
      "BEGIN:STANDARD",
      "END:STANDARD",
      "TZOFFSETTO:+9999",
      "DTSTART;TZID=Own:20261122T000000",
      "ATTENDEE;CN=",
      "STATUS:CANCELLED",
      ":",
      ";",
      "X",
    ];
    const files = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string()), { maxLength: 20 });
    fc.assert(
      fc.property(files, (lines) => {
        const text = calendar("BEGIN:VEVENT", ...lines, "END:VEVENT");
        let found: readonly { from: number; to: number }[] = [];
        try {
          found = read(text);
        } catch (error) {
          if (!(error instanceof HinobanError) || error.code !== "invalid-input") throw error;
        }
        for (const one of found) expect(one.to).toBeGreaterThan(one.from);
      }),
      { numRuns: 1500 },
    );
  });

  test("of random bytes are refused", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        expect(problemOf(text)).not.toBe("none");
      }),
    );
  });
});

describe("rules of repetition", () => {
  const start = parseLocal("2026-01-15T09:00") ?? 0;
  const own = (rule: string, from = start): string[] =>
    occurrences(
      from,
      readRule(ICAL.Recur.fromString(rule).toJSON(), from % 86_400_000, (text) => parseLocal(text.slice(0, 16)) ?? 0),
      { from: 0, to: Date.UTC(2045, 0, 1) },
      { days: 1e6 },
    )
      .slice(0, 30)
      .map(localText);

  test.each([
    ["FREQ=MONTHLY;BYDAY=1FR;COUNT=3", ["2026-02-06T09:00", "2026-03-06T09:00", "2026-04-03T09:00"]],
    ["FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2", ["2026-01-30T09:00", "2026-02-27T09:00"]],
    ["FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", ["2026-01-31T09:00", "2026-02-28T09:00", "2026-03-31T09:00"]],
    ["FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=31;COUNT=3", ["2026-01-31T09:00", "2026-03-31T09:00", "2026-05-31T09:00"]],
    [
      "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO;COUNT=4",
      ["2026-01-18T09:00", "2026-01-27T09:00", "2026-02-01T09:00", "2026-02-10T09:00"],
    ],
    [
      "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU;COUNT=4",
      ["2026-01-25T09:00", "2026-01-27T09:00", "2026-02-08T09:00", "2026-02-10T09:00"],
    ],
    ["FREQ=YEARLY;BYDAY=20MO;COUNT=2", ["2026-05-18T09:00", "2027-05-17T09:00"]],
    ["FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;COUNT=2", ["2026-05-11T09:00", "2027-05-17T09:00"]],
    ["FREQ=YEARLY;BYMONTH=3;BYDAY=TH;COUNT=2", ["2026-03-05T09:00", "2026-03-12T09:00"]],
    ["FREQ=YEARLY;BYYEARDAY=1,100,-1;COUNT=3", ["2026-04-10T09:00", "2026-12-31T09:00", "2027-01-01T09:00"]],
    ["FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=2", ["2026-02-13T09:00", "2026-03-13T09:00"]],
    ["FREQ=DAILY;BYHOUR=9,21;COUNT=3", ["2026-01-15T09:00", "2026-01-15T21:00", "2026-01-16T09:00"]],
    ["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=2", ["2028-02-29T09:00", "2032-02-29T09:00"]],
    ["FREQ=DAILY;UNTIL=20260117T090000", ["2026-01-15T09:00", "2026-01-16T09:00", "2026-01-17T09:00"]],
  ])("%s", (rule, expected) => {
    expect(own(rule)).toEqual(expected);
  });

  test("give what ical.js gives, for rules that it can walk", () => {
    const weekday = fc.constantFrom("MO", "TU", "WE", "TH", "FR", "SA", "SU");
    const rules = fc.oneof(
      fc.record({ interval: fc.integer({ min: 1, max: 5 }) }).map(({ interval }) => `FREQ=DAILY;INTERVAL=${interval}`),
      fc
        .record({ interval: fc.integer({ min: 1, max: 4 }), days: fc.uniqueArray(weekday, { minLength: 1, maxLength: 4 }) })
        .map(({ interval, days }) => `FREQ=WEEKLY;INTERVAL=${interval};BYDAY=${days.join(",")}`),
      fc
        .record({ interval: fc.integer({ min: 1, max: 3 }), nth: fc.constantFrom(1, 2, 3, 4, -1), day: weekday })
        .map(({ interval, nth, day }) => `FREQ=MONTHLY;INTERVAL=${interval};BYDAY=${nth}${day}`),
      fc
        .uniqueArray(fc.integer({ min: 1, max: 28 }), { minLength: 1, maxLength: 3 })
        .map((days) => `FREQ=MONTHLY;BYMONTHDAY=${days.sort((a, b) => a - b).join(",")}`),
    );
    const starts = fc.integer({ min: 0, max: 900 }).map((days) => start + days * 86_400_000);
    fc.assert(
      fc.property(rules, starts, (rule, from) => {
        const walk = ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromDateTimeString(`${localText(from)}:00`));
        const theirs: string[] = [];
        for (let next = walk.next(); next && theirs.length < 15; next = walk.next()) theirs.push(next.toString().slice(0, 16));
        expect(own(rule, from).slice(0, 15)).toEqual(theirs);
      }),
    );
  });

  test("begin where the window does and give what a walk from the start gives", () => {
    const rule = readRule(ICAL.Recur.fromString("FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR").toJSON(), 0, () => 0);
    const from = parseLocal("1999-01-15T09:00") ?? 0;
    const all = occurrences(from, rule, { from: 0, to: window.to }, { days: 1e6 });
    const some = occurrences(from, rule, window, { days: 2000 });
    expect(some).toEqual(all.filter((one) => one >= window.from));
    expect(some.length).toBeGreaterThan(3);
  });
});

describe("a calendar that is written", () => {
  const texts = fc.string({ unit: "grapheme", maxLength: 120 }).map((text) => text.replaceAll(/[\u0000-\u001f\u007f]/gu, ""));

  test("is read again by others as it was meant, in lines of at most 75 octets", () => {
    fc.assert(
      fc.property(texts, texts, fc.integer({ min: 0, max: 1e9 }), (name, summary, shift) => {
        const from = window.from + shift * 1000 - ((window.from + shift * 1000) % 1000);
        const text = writeCalendar(name, unixMs(from), [
          { uid: "u-1@duty", from, to: from + 3_600_000, summary, description: `${name}\n;,\\` },
        ]);
        for (const line of text.split("\r\n")) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
        expect(text.endsWith("END:VCALENDAR\r\n")).toBe(true);
        const component = new ICAL.Component(ICAL.parse(text));
        const one = new ICAL.Event(component.getFirstSubcomponent("vevent") ?? undefined);
        expect(one.summary).toBe(summary);
        expect(one.description).toBe(`${name}\n;,\\`);
        expect(one.startDate.toUnixTime() * 1000).toBe(from);
      }),
    );
  });

  test("is read again by ourselves", () => {
    const from = Date.UTC(2026, 10, 22);
    const text = writeCalendar("x", unixMs(from), [{ uid: "a", from, to: from + 1000, summary: '山田, 花子; \\ "x"', description: "" }]);
    expect(read(text)).toEqual([{ from, to: from + 1000, summary: '山田, 花子; \\ "x"', attendees: [] }]);
  });
});
