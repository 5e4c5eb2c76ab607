import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { minutes, unixMs } from "#base/duration";
import { allowedSilence, connectivityOf, heardSince, type Deafness } from "./connectivity.ts";

const t = (minute: number) => unixMs(1_800_000_000_000 + minute * 60_000);
const gap = (from: number, to: number): Deafness => ({ from: t(from), to: t(to) });
const host = { status: "working", isRetired: false, lastSeenAt: t(0), allowed: minutes(10) } as const;

describe("a host's connectivity", () => {
  test("is reporting up to the allowed silence and silent after it", () => {
    expect(connectivityOf(host, [], t(10))).toBe("reporting");
    expect(connectivityOf(host, [], unixMs(t(10) + 1))).toBe("silent");
  });

  test("tells hosts that never sent anything from those that stopped", () => {
    expect(connectivityOf({ ...host, lastSeenAt: undefined }, [], t(100))).toBe("never");
  });

  test.each(["maintenance", "poweroff"] as const)("is not watched in %s", (status) => {
    expect(connectivityOf({ ...host, status }, [], t(100))).toBe("unwatched");
  });

  test("does not count the time in which no server listened", () => {
    const outage = [gap(1, 61)];
    expect(connectivityOf(host, outage, t(62)), "just restarted").toBe("reporting");
    expect(connectivityOf(host, outage, t(70))).toBe("reporting");
    expect(connectivityOf(host, outage, t(71))).toBe("silent");
  });

  test("stays silent over a restart when it was silent before", () => {
    expect(connectivityOf(host, [gap(20, 30)], t(31))).toBe("silent");
  });

  test("adds up what was heard between several outages", () => {
    const outages = [gap(2, 12), gap(14, 24)];
    expect(connectivityOf(host, outages, t(30))).toBe("reporting");
    expect(connectivityOf(host, outages, t(31))).toBe("silent");
  });
});

test("the shortest silence that a role allows counts, else the organisation's", () => {
  expect(allowedSilence([null, 30, 15], 10)).toBe(minutes(15));
  expect(allowedSilence([null], 10)).toBe(minutes(10));
  expect(allowedSilence([], 10)).toBe(minutes(10));
});

test("since the found moment exactly the asked time was heard, whatever the outages", () => {
  const gaps = fc.array(fc.tuple(fc.nat(500), fc.integer({ min: 1, max: 60 })), { maxLength: 12 });
  fc.assert(
    fc.property(gaps, fc.integer({ min: 1, max: 200 }), (pairs, length) => {
      const deaf = pairs.map(([from, long]) => gap(from, from + long));
      const since = heardSince(minutes(length), deaf, t(600));
      let heard = 0;
      for (let minute = Math.floor((since - t(0)) / 60_000); minute < 600; minute++) {
        if (!deaf.some((one) => one.from <= t(minute) && t(minute) < one.to)) heard += 1;
      }
      expect(heard).toBe(length);
    }),
    { numRuns: 2000 },
  );
});
