import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { collected, mostLines, nothing } from "./collection.ts";
import {
  hearsAlert,
  noPace,
  paced,
  passesLevel,
  summedUp,
  waysOf,
  type Group,
  type Heard,
  type Pace,
  type RoutedChannel,
} from "./model.ts";

const group = (id: string, more: Partial<Group> = {}): Group => ({
  id,
  name: id,
  isDefault: false,
  level: "all",
  channelIds: [],
  groupIds: [],
  monitors: new Map(),
  serviceIds: new Set(),
  ...more,
});
const everything = group("default", { isDefault: true, channelIds: ["mail"] });
const heard = (more: Partial<Heard> = {}): Heard => ({
  monitorId: "m1",
  serviceIds: ["shop"],
  status: "WARNING",
  wasCritical: false,
  ...more,
});
const channelsOf = (groups: readonly Group[], of: Heard = heard()): string[] => waysOf(groups, of).ways.map(({ channelId }) => channelId);

describe("where an alert goes", () => {
  test("the default group hears of everything", () => {
    expect(channelsOf([everything])).toEqual(["mail"]);
    expect(channelsOf([everything], heard({ monitorId: undefined, serviceIds: [] }))).toEqual(["mail"]);
  });

  test("a group hears of its monitors and of its services, and of nothing else", () => {
    const ofMonitor = group("a", { channelIds: ["chat"], monitors: new Map([["m1", { skipDefault: false }]]) });
    const ofService = group("b", { channelIds: ["hook"], serviceIds: new Set(["shop"]) });
    const other = group("c", { channelIds: ["never"], monitors: new Map([["m2", { skipDefault: false }]]), serviceIds: new Set(["blog"]) });
    expect(channelsOf([everything, ofMonitor, ofService, other])).toEqual(["mail", "chat", "hook"]);
  });

  test("a monitor that a group keeps to itself does not go to the default group", () => {
    const own = group("a", { channelIds: ["chat"], monitors: new Map([["m1", { skipDefault: true }]]) });
    expect(channelsOf([everything, own])).toEqual(["chat"]);
    expect(channelsOf([everything, own], heard({ monitorId: "m2" }))).toEqual(["mail"]);
  });

  test("the default group still hears of a kept monitor when it is named by it, or by its service", () => {
    const own = group("a", { channelIds: ["chat"], monitors: new Map([["m1", { skipDefault: true }]]) });
    const named = { ...everything, serviceIds: new Set(["shop"]) };
    expect(channelsOf([named, own])).toEqual(["mail", "chat"]);
  });

  test("groups hand on to the groups within them, and a channel that is reached twice is told once", () => {
    const inner = group("inner", { channelIds: ["mail", "chat"] });
    const outer = { ...everything, groupIds: ["inner"] };
    expect(waysOf([outer, inner], heard()).ways).toEqual([
      { channelId: "mail", groupIds: ["default"] },
      { channelId: "chat", groupIds: ["default", "inner"] },
    ]);
  });

  test("groups that contain each other do not go round for ever", () => {
    const a = group("a", { isDefault: true, channelIds: ["x"], groupIds: ["b"] });
    const b = group("b", { channelIds: ["y"], groupIds: ["a"] });
    expect(channelsOf([a, b])).toEqual(["x", "y"]);
  });

  test("a group for critical alerts holds back everything else, also for the groups within it", () => {
    const inner = group("inner", { channelIds: ["pager"] });
    const outer = { ...everything, level: "critical" as const, groupIds: ["inner"] };
    expect(waysOf([outer, inner], heard())).toEqual({ ways: [], silences: [{ groupId: "default", because: "level" }] });
    expect(channelsOf([outer, inner], heard({ status: "CRITICAL" }))).toEqual(["mail", "pager"]);
  });
});

test.each([
  ["WARNING", false, false],
  ["WARNING", true, false],
  ["CRITICAL", true, true],
  ["UNKNOWN", false, true],
  ["OK", false, false],
  ["OK", true, true],
] as const)("critical only: %s of an alert that was critical (%s) passes: %s", (status, wasCritical, expected) => {
  expect(passesLevel("critical", { status, wasCritical })).toBe(expected);
  expect(passesLevel("all", { status, wasCritical })).toBe(true);
});

test.each([
  [["alert"], false, true],
  [["alert"], true, true],
  [["alert", "alertGroup"], false, true],
  [["alert", "alertGroup"], true, false],
  [["alertGroup"], false, false],
  [["alertGroup"], true, false],
] as const)("a channel that hears of %j is told of an alert in a group (%s): %s", (events, isGrouped, expected) => {
  const channel: RoutedChannel = { id: "c", name: "c", type: "slack", events: new Set(events), hasPictures: true, isSuspended: false };
  expect(hearsAlert(channel, isGrouped)).toBe(expected);
});

test("each channel is told once, whatever groups there are, and only by groups that hear of the alert", () => {
  const ids = fc.constantFrom("g0", "g1", "g2", "g3", "g4");
  const groups = fc.uniqueArray(
    fc.record({
      id: ids,
      level: fc.constantFrom("all" as const, "critical" as const),
      channelIds: fc.uniqueArray(fc.constantFrom("c0", "c1", "c2")),
      groupIds: fc.uniqueArray(ids),
      keeps: fc.option(fc.boolean(), { nil: undefined }),
    }),
    { selector: ({ id }) => id, minLength: 1 },
  );
  fc.assert(
    fc.property(groups, fc.constantFrom("OK" as const, "WARNING" as const, "CRITICAL" as const), (some, status) => {
      const all = some.map(({ keeps, ...one }, index) =>
        group(one.id, {
          ...one,
          isDefault: index === 0,
          monitors: keeps === undefined ? new Map() : new Map([["m1", { skipDefault: keeps }]]),
        }),
      );
      const { ways } = waysOf(all, heard({ status }));
      const told = ways.map(({ channelId }) => channelId);
      expect(new Set(told).size).toBe(told.length);
      for (const { channelId, groupIds } of ways) {
        const path = groupIds.map((id) => all.find((one) => one.id === id));
        expect(path.every((one) => one && passesLevel(one.level, { status, wasCritical: false }))).toBe(true);
        expect(path.at(-1)?.channelIds).toContain(channelId);
      }
    }),
  );
});

describe("too many messages at once", () => {
  const rule = { most: 3, within: 30_000 };

  test("are summed up from the first one that is too many, for a few seconds", () => {
    const first = paced(noPace, rule, 100_000, 3);
    expect(first.isCollected).toBe(false);
    const second = paced(first.pace, rule, 101_000, 1);
    expect(second).toMatchObject({ isCollected: true, pace: { collectingUntil: 106_000 } });
    expect(paced(second.pace, rule, 105_000, 5)).toMatchObject({ isCollected: true, pace: { collectingUntil: 106_000 } });
  });

  test("of one moment are all summed up: none goes alone before them", () => {
    expect(paced(noPace, rule, 100_000, 10_000)).toMatchObject({ isCollected: true });
  });

  test("are collected longer the longer the storm lasts, and go alone again after it", () => {
    let pace: Pace = noPace;
    let at = 1_000_000;
    const waits: number[] = [];
    for (let n = 0; n < 6; n += 1) {
      const step = paced(pace, rule, at, 50);
      const until = step.pace.collectingUntil ?? at;
      waits.push(until - at);
      pace = summedUp(step.pace, until);
      at = until + 1;
    }
    expect(waits).toEqual([5000, 10_000, 20_000, 40_000, 60_000, 60_000]);
    expect(paced(pace, rule, at + rule.within, 1)).toMatchObject({ isCollected: false, pace: { count: 1, summaries: 0 } });
  });

  test("are all counted, and the worst are shown first", () => {
    const lines = Array.from({ length: 1000 }, (_, n) => ({
      kind: "opened" as const,
      status: n === 999 ? ("CRITICAL" as const) : ("WARNING" as const),
      name: `m${n}`,
      text: "",
    }));
    const all = collected(collected(nothing, lines.slice(0, 400)), lines.slice(400));
    expect(all).toMatchObject({ total: 1000, worst: "CRITICAL", counts: { opened: 1000, closed: 0 } });
    expect(all.lines).toHaveLength(mostLines);
    expect(all.lines[0]?.name).toBe("m999");
  });
});
