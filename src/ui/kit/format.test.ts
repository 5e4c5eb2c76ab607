import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unixMs } from "#base/duration";
import { makeFormat, timeZones, type Format } from "#kit/format";

const at = unixMs(Date.UTC(2026, 10, 22, 4, 5, 9));
const en = makeFormat("en", "Asia/Tokyo");
const ja = makeFormat("ja", "Asia/Tokyo");

describe("times", () => {
  test("are written in the zone, with 24 hours, in both languages", () => {
    expect([en.dateTime(at), ja.dateTime(at)]).toEqual(["Nov 22, 2026, 13:05", "2026年11月22日 13:05"]);
    expect([en.exactDateTime(at), ja.exactDateTime(at)]).toEqual(["Nov 22, 2026, 13:05:09", "2026年11月22日 13:05:09"]);
    expect([en.date(at), en.monthDay(at), en.time(at), en.exactTime(at)]).toEqual(["Nov 22, 2026", "Nov 22", "13:05", "13:05:09"]);
    expect([ja.date(at), ja.monthDay(at), ja.time(at)]).toEqual(["2026年11月22日", "11月22日", "13:05"]);
  });
  test("call midnight 00:00 and not 24:00", () => {
    expect(en.time(unixMs(Date.UTC(2026, 10, 21, 15, 0)))).toBe("00:00");
  });
  test("that a datetime-local input holds are read in the zone", () => {
    expect(en.localInput(at)).toBe("2026-11-22T13:05");
    expect(en.parseLocalInput("2026-11-22T13:05")).toBe(Date.UTC(2026, 10, 22, 4, 5));
    expect(en.parseLocalInput("")).toBeUndefined();
    expect(en.parseLocalInput("2026-13-01T00:00")).toBeUndefined();
  });
  test("survive the way into an input and back, in zones with and without clock changes", () => {
    const zones = ["UTC", "Asia/Tokyo", "Asia/Kathmandu", "Pacific/Chatham"].map((zone) => makeFormat("en", zone));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 68_000_000 }), fc.constantFrom(...zones), (minute, format: Format) => {
        // In the hour that a clock change repeats two instants have one local time, so local times are compared.
        const local = format.localInput(unixMs(minute * 60_000));
        const back = format.parseLocalInput(local);
        expect(back === undefined ? undefined : format.localInput(back)).toBe(local);
      }),
      { numRuns: 300 },
    );
  });
  test("of a summer time are read with the offset of that day", () => {
    const berlin = makeFormat("en", "Europe/Berlin");
    expect(berlin.parseLocalInput("2026-07-01T12:00")).toBe(Date.UTC(2026, 6, 1, 10));
    expect(berlin.parseLocalInput("2026-01-01T12:00")).toBe(Date.UTC(2026, 0, 1, 11));
  });
  test("ago and ahead are told in the largest unit that fits", () => {
    const later = (milliseconds: number) => unixMs(at + milliseconds);
    expect(en.ago(at, later(190_000))).toBe("3 minutes ago");
    expect(en.ago(later(2 * 86_400_000), at)).toBe("in 2 days");
    expect(en.ago(at, later(500))).toBe("now");
    expect(ja.ago(at, later(7_200_000))).toBe("2 時間前");
  });
});

describe("numbers", () => {
  test("carry binary prefixes for bytes and decimal ones for bits", () => {
    expect([en.bytes(0), en.bytes(1023), en.bytes(1_610_612_736)]).toEqual(["0 B", "1,023 B", "1.5 GiB"]);
    expect(en.bytesPerSecond(1_572_864)).toBe("1.5 MiB/s");
    expect(en.bitsPerSecond(12_300_000)).toBe("12.3 Mbit/s");
  });
  test("never print a thousand of one prefix where one of the next is meant", () => {
    expect(en.si(999_999)).toBe("1 M");
    expect(en.bytes(1_048_575)).toBe("1 MiB");
  });
  test("keep small values readable", () => {
    expect([en.si(0.0123), en.si(1500), en.percent(93.44), en.percent(0.05), en.decimal(0.5)]).toEqual([
      "0.0123",
      "1.5 k",
      "93.4 %",
      "0.05 %",
      "0.50",
    ]);
  });
  test("of every unit come with that unit", () => {
    expect(en.value(0.25, "seconds")).toBe("250 ms");
    expect(en.value(90, "seconds")).toBe("1 min 30 s");
    expect(en.value(12, "iops")).toBe("12 IOPS");
    expect(en.value(5, "percentage")).toBe("5 %");
    expect(ja.value(93_600, "seconds")).toBe("1日 2時間");
  });
  test("of durations leave out what does not matter at their length", () => {
    expect([en.duration(0), en.duration(300), en.duration(61_000), en.duration(3_720_000), en.duration(-5000)]).toEqual([
      "0 s",
      "300 ms",
      "1 min 1 s",
      "1 h 2 min",
      "-5 s",
    ]);
  });
});

test("UTC heads the list of zones", () => {
  expect(timeZones()[0]).toBe("UTC");
  expect(timeZones()).toContain("Asia/Tokyo");
});
