import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unixMs, type UnixMs } from "#base/duration";
import { lengthOf } from "#base/spans";
import { wallClock, weekdayOf } from "#base/wall-time";
import { availabilityOf, criticalSpans, type AvailabilityFacts, type DownFact } from "./figures/availability.ts";
import { CallTally } from "./figures/call-tally.ts";
import { IncidentTally, worst, type IncidentFact } from "./figures/incident-tally.ts";
import { daysOf, monthOf, nextSending, nightOf, periodBefore, periodRange } from "./figures/period.ts";
import { spreadOf } from "./figures/spread.ts";
import { mostIncidentsKept, type IncidentLine } from "./model.ts";

const hour = 3_600_000;
const utc = (text: string): UnixMs => unixMs(Date.parse(`${text}Z`));

describe("a period", () => {
  test.each([
    ["2026-10", "Asia/Tokyo", 31 * 24],
    ["2026-03", "Europe/Berlin", 31 * 24 - 1],
    ["2026-10", "Europe/Berlin", 31 * 24 + 1],
    ["2028-02", "UTC", 29 * 24],
    ["2026", "America/New_York", 365 * 24],
  ])("%s in %s has %i hours", (period, zone, length) => {
    const { from, to } = periodRange(period, wallClock(zone));
    expect((to - from) / hour).toBe(length);
  });
  test("follows the one before without a gap, wherever clocks change", () => {
    const zones = fc.constantFrom("Asia/Tokyo", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Africa/Casablanca");
    const months = fc.tuple(fc.integer({ min: 1990, max: 2040 }), fc.integer({ min: 1, max: 12 }));
    fc.assert(
      fc.property(zones, months, (zone, [year, month]) => {
        const period = `${year}-${String(month).padStart(2, "0")}`;
        const clock = wallClock(zone);
        const { from, to } = periodRange(period, clock);
        expect(periodRange(periodBefore(period), clock).to).toBe(from);
        expect([monthOf(from, clock), monthOf(unixMs(to - 1), clock)]).toEqual([period, period]);
      }),
    );
  });
  test("has bars for its days, or for the months of a year", () => {
    expect([daysOf("2026-02").length, daysOf("2026").length]).toEqual([28, 12]);
    expect(daysOf("2026-02").filter(({ isWeekend }) => isWeekend)[0]?.date).toBe("2026-02-01");
    expect([periodBefore("2026-01"), periodBefore("2026")]).toEqual(["2025-12", "2025"]);
  });
});

test("a night lasts from 22:00 to 07:00 on the wall, and is called after its evening", () => {
  const tokyo = wallClock("Asia/Tokyo");
  const at = (text: string): string | undefined => nightOf(utc(text), tokyo);
  expect([at("2026-10-03T12:59:59"), at("2026-10-03T13:00:00"), at("2026-10-03T21:59:59"), at("2026-10-03T22:00:00")]).toEqual([
    undefined,
    "2026-10-03",
    "2026-10-03",
    undefined,
  ]);
  // The same moment is day in London.
  expect(nightOf(utc("2026-10-03T14:00:00"), wallClock("Europe/London"))).toBeUndefined();
});

describe("the moment of sending", () => {
  const clock = wallClock("Asia/Tokyo");
  const plan = { day: "first-working-day", time: "09:00", clock, isWorking: (day: number) => ![0, 6].includes(weekdayOf(day)) } as const;
  test.each([
    ["2026-10-15T00:00:00", "2026-11-02T00:00:00"], // the 1st is a Sunday
    ["2026-11-02T00:00:00", "2026-12-01T00:00:00"],
    ["2026-11-01T23:59:59", "2026-11-02T00:00:00"],
    ["2026-12-20T00:00:00", "2027-01-01T00:00:00"],
  ])("after %s is %s", (after, at) => expect(nextSending(plan, utc(after))).toBe(utc(at)));
  test("is the first day when nobody works for weeks, or when the first day is wanted", () => {
    expect(nextSending({ ...plan, isWorking: () => false }, utc("2026-10-15T00:00:00"))).toBe(utc("2026-11-01T00:00:00"));
    expect(nextSending({ ...plan, day: "first-day" }, utc("2026-10-15T00:00:00"))).toBe(utc("2026-11-01T00:00:00"));
  });
});

test("a spread names lengths that really were", () => {
  expect(spreadOf([])).toBeUndefined();
  expect(spreadOf([5])).toEqual({ count: 1, median: 5, p90: 5, worst: 5 });
  expect(spreadOf([10, 1, 2, 3, 4, 5, 6, 7, 8, 9])).toEqual({ count: 10, median: 5, p90: 9, worst: 10 });
});

describe("availability", () => {
  const existed = { from: 0, to: 100 };
  const service = { id: "s", name: "Shop", existed, probes: 1, watchesHosts: true };
  const member = (hostId: string, more = {}) => ({ serviceId: "s", roleId: "web", roleName: "web", hostId, ...existed, ...more });
  const down = (more: Partial<DownFact>): DownFact => ({
    alertId: "a",
    cause: "rule",
    serviceId: undefined,
    hostId: undefined,
    spans: [],
    planned: [],
    ...more,
  });
  const of = (facts: Partial<AvailabilityFacts>) =>
    availabilityOf({ services: [service], members: [], downs: [], planned: new Map(), ...facts })[0];

  test.each<[string, Partial<AvailabilityFacts>, object]>([
    ["nothing down", {}, { down: 0, planned: 0, share: 1 }],
    ["a probe", { downs: [down({ serviceId: "s", spans: [{ from: 10, to: 30 }] })] }, { down: 20, outages: 1, share: 0.8 }],
    [
      "two probes at once",
      { downs: [down({ serviceId: "s", spans: [{ from: 10, to: 30 }] }), down({ serviceId: "s", spans: [{ from: 20, to: 40 }] })] },
      { down: 30, outages: 1 },
    ],
    ["a probe of another service", { downs: [down({ serviceId: "x", spans: [{ from: 10, to: 30 }] })] }, { down: 0 }],
    [
      "one host of two",
      { members: [member("a"), member("b")], downs: [down({ hostId: "a", spans: [{ from: 10, to: 30 }] })] },
      { down: 0, share: 1, hosts: 2 },
    ],
    [
      "both hosts, together from 20 to 30",
      {
        members: [member("a"), member("b")],
        downs: [down({ hostId: "a", spans: [{ from: 10, to: 30 }] }), down({ hostId: "b", spans: [{ from: 20, to: 50 }] })],
      },
      { down: 10, outages: 1 },
    ],
    [
      "a host that left the role while it was down",
      { members: [member("a", { to: 20 }), member("b")], downs: [down({ hostId: "a", spans: [{ from: 10, to: 90 }] })] },
      { down: 0 },
    ],
    [
      "a role without hosts is not down",
      { members: [member("a", { from: 50 })], downs: [down({ hostId: "a", spans: [{ from: 10, to: 60 }] })] },
      { down: 10 },
    ],
    [
      "all of it within a downtime of the service",
      { downs: [down({ serviceId: "s", spans: [{ from: 10, to: 30 }] })], planned: new Map([["s", [{ from: 0, to: 50 }]]]) },
      { down: 0, planned: 50, share: 1 },
    ],
    [
      "a part within a downtime of the rule",
      { downs: [down({ serviceId: "s", spans: [{ from: 10, to: 30 }], planned: [{ from: 20, to: 60 }] })] },
      { down: 10, planned: 10, share: 80 / 90 },
    ],
    ["planned throughout", { planned: new Map([["s", [existed]]]) }, { planned: 100, down: 0 }],
  ])("with %s", (_, facts, expected) => expect(of(facts)).toMatchObject(expected));

  test("is not told where nothing watches", () => {
    expect(of({ services: [{ ...service, probes: 0 }] })).not.toHaveProperty("share");
    expect(of({ planned: new Map([["s", [existed]]]) })).not.toHaveProperty("share");
  });

  test("never exceeds what there was: up, down and planned are the whole, whatever happened", () => {
    const span = fc.tuple(fc.nat(120), fc.nat(60)).map(([from, length]) => ({ from, to: from + length }));
    const spans = fc.array(span, { maxLength: 4 });
    const sorted = spans.map((list) =>
      list.toSorted((a, b) => a.from - b.from).filter((one, index, all) => one.from >= (all[index - 1]?.to ?? -1) && one.to > one.from),
    );
    const fact = fc.record({ spans, planned: sorted, host: fc.constantFrom("a", "b", undefined) });
    fc.assert(
      fc.property(fc.array(fact, { maxLength: 6 }), sorted, (facts, whole) => {
        const downs = facts.map(({ host, ...rest }) => down({ ...rest, hostId: host, serviceId: host === undefined ? "s" : undefined }));
        const found = of({ members: [member("a"), member("b")], downs, planned: new Map([["s", whole]]) });
        const { down: bad = 0, planned = 0, longest = [], share } = found ?? {};
        expect(bad + planned).toBeLessThanOrEqual(100);
        expect(Math.min(bad, planned)).toBeGreaterThanOrEqual(0);
        if (longest.length < 20) expect(lengthOf(longest)).toBe(bad);
        if (share !== undefined) expect(share).toBeCloseTo((100 - planned - bad) / (100 - planned));
      }),
    );
  });

  test("an alert counts while it was critical, as its log tells", () => {
    const log = [
      { at: 10, isCritical: false },
      { at: 20, isCritical: true },
      { at: 30, isCritical: false },
      { at: 40, isCritical: true },
    ];
    expect(criticalSpans(log, 55, { from: 0, to: 100 })).toEqual([
      { from: 20, to: 30 },
      { from: 40, to: 55 },
    ]);
    expect(criticalSpans(log, undefined, { from: 25, to: 100 })).toEqual([
      { from: 25, to: 30 },
      { from: 40, to: 100 },
    ]);
  });
});

describe("adding up", () => {
  const line = (number: number, more: Partial<IncidentLine> = {}): IncidentLine => ({
    id: `i${number}`,
    number,
    title: "t",
    severity: "warning",
    openedAt: number * 1000,
    services: [],
    ...more,
  });
  const fact = (one: IncidentLine, more: Partial<IncidentFact> = {}): IncidentFact => ({
    line: one,
    takerId: undefined,
    services: [],
    held: [],
    declinedBy: [],
    told: [],
    steps: [],
    ...more,
  });

  test("incidents that nobody took or that are open are counted apart, not as zero", () => {
    const tally = new IncidentTally(() => "d");
    tally.add(
      fact(line(1, { takenAt: 3000, resolvedAt: 9000 }), {
        takerId: "p",
        told: ["q", "p"],
        held: [{ personId: "p", at: 3000, until: 9000 }],
      }),
    );
    tally.add(fact(line(2, { resolvedAt: 4000 })));
    tally.add(fact(line(3, { severity: "critical" }), { declinedBy: ["q"] }));
    const { times, positions } = tally.result();
    expect(times.map(({ severity, incidents, neverTaken, open, take }) => [severity, incidents, neverTaken, open, take?.count])).toEqual([
      ["all", 3, 1, 1, 1],
      ["critical", 1, 0, 1, undefined],
      ["warning", 2, 1, 0, 1],
    ]);
    expect(positions).toEqual([0, 1, 0, 0]);
    expect(tally.people.get("p")).toMatchObject({ taken: 1, held: 6000, takes: [2000] });
    expect(tally.people.get("q")).toMatchObject({ taken: 0, declined: 1 });
  });

  test("a step counts as answered only when somebody whom it told took the incident", () => {
    const tally = new IncidentTally(() => "d");
    const step = { policyId: "p", policyName: "night", step: 0, personIds: ["a"] };
    tally.add(fact(line(1, { takenAt: 2000 }), { takerId: "b", steps: [step, { ...step, step: 1, personIds: ["b"] }] }));
    expect(tally.steps.map(({ step: number, told, taken }) => [number, told, taken])).toEqual([
      [0, 1, 0],
      [1, 1, 1],
    ]);
  });

  test("of more incidents than are kept the worst stay, in the order of time", () => {
    const tally = new IncidentTally(() => "d");
    const count = 2 * mostIncidentsKept + 10;
    for (let number = 1; number <= count; number += 1)
      tally.add(fact(line(number, { severity: number % 3 === 0 ? "critical" : "information", resolvedAt: number * 1000 + 1 })));
    const { incidents } = tally.result();
    expect(incidents).toHaveLength(mostIncidentsKept);
    expect(incidents.filter(({ severity }) => severity === "critical")).toHaveLength(Math.floor(count / 3));
    expect(incidents.every((one, index) => index === 0 || one.number > (incidents[index - 1]?.number ?? 0))).toBe(true);
    expect(tally.total).toBe(count);
  });

  test("what is open is worse than what was over soon", () => {
    expect(
      worst([line(1, { resolvedAt: 2000 }), line(2), line(3, { severity: "critical", resolvedAt: 3001 })], 2).map(({ number }) => number),
    ).toEqual([3, 2]);
  });

  test("calls at night go by the clock of whoever was called", () => {
    const zones = new Map([
      ["a", "Asia/Tokyo"],
      ["b", "Europe/London"],
    ]);
    const tally = new CallTally(
      (id) => wallClock(zones.get(id ?? "") ?? "UTC"),
      () => "d",
    );
    const at = utc("2026-10-03T14:00:00"); // 23:00 in Tokyo, 15:00 in London
    for (const personId of ["a", "b", undefined])
      tally.add({ personId, rangAt: undefined, answeredAt: at, hasTaken: personId === "a", hasFailed: false });
    expect(tally.result()).toEqual({ requested: 3, rang: 3, answered: 3, taken: 1, failed: 0, nightCalls: 1 });
    expect([tally.people.get("a")?.nights.size, tally.people.get("b")?.nights.size, tally.nightCallsOn("d")]).toEqual([1, 0, 1]);
  });
});
