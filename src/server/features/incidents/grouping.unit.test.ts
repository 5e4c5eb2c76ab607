import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultGrouping } from "#wire/alerts";
import { group, type GroupingInput, type Joiner, type Live } from "./grouping.ts";
import { topologyOf } from "./topology.ts";

const joiner = (alertId: string, change: Partial<Joiner> = {}): Joiner => ({
  alertId,
  origin: { kind: "monitor", id: "m" },
  group: undefined,
  hostId: undefined,
  roleIds: [],
  serviceIds: [],
  severity: "warning",
  meansDown: false,
  returnsTo: undefined,
  ...change,
});

const live = (id: string, change: Partial<Live> = {}): Live => ({
  id,
  isOpen: true,
  hostIds: [],
  roleIds: [],
  serviceIds: [],
  groups: [],
  openHostIds: [],
  hasHostless: false,
  ...change,
});

function grouped(joiners: readonly Joiner[], change: Partial<GroupingInput> = {}) {
  let made = 0;
  return group({
    joiners,
    live: [],
    down: new Map(),
    topology: topologyOf([]),
    settings: defaultGrouping,
    newId: () => `new${(made += 1)}`,
    ...change,
  });
}

const placesOf = (result: ReturnType<typeof grouped>) =>
  Object.fromEntries(
    result.placements.map(({ joiner: { alertId }, incidentId, why, inhibitedBy }) => [
      alertId,
      [incidentId, why, ...(inhibitedBy ? [inhibitedBy] : [])],
    ]),
  );

describe("in order", () => {
  test("what comes back goes where it was, before anything else", () => {
    const result = grouped([joiner("a", { hostId: "h", returnsTo: "old" })], { live: [live("other", { hostIds: ["h"] })] });
    expect(placesOf(result)).toEqual({ a: ["old", "again"] });
  });

  test("the origin's group, then the host, then dependencies, then roles, then services", () => {
    const others = [
      live("by-service", { serviceIds: ["s"] }),
      live("by-role", { roleIds: ["r"] }),
      live("by-dependency", { hostIds: ["up"] }),
      live("by-host", { hostIds: ["h"] }),
      live("by-group", { groups: ["monitor m g"] }),
    ];
    const topology = topologyOf([{ hostId: "h", dependsOnId: "up" }]);
    const settings = { ...defaultGrouping, byService: true };
    const one = joiner("a", { hostId: "h", roleIds: ["r"], serviceIds: ["s"], group: "g" });
    const order = ["by-group", "by-host", "by-dependency", "by-role", "by-service", "new1"];
    for (let dropped = 0; dropped < order.length; dropped += 1) {
      const left = others.filter(({ id }) => !order.slice(0, dropped).includes(id));
      expect(placesOf(grouped([one], { live: left, topology, settings }))["a"]?.[0]).toBe(order[dropped]);
    }
  });

  test("the oldest of several incidents is joined", () => {
    const result = grouped([joiner("a", { roleIds: ["r2", "r1"] })], {
      live: [live("old", { roleIds: ["r1"] }), live("young", { roleIds: ["r2"] })],
    });
    expect(placesOf(result)).toEqual({ a: ["old", "role"] });
  });

  test("each kind can be turned off", () => {
    const others = [live("x", { hostIds: ["h", "up"], roleIds: ["r"], serviceIds: ["s"] })];
    const topology = topologyOf([{ hostId: "h", dependsOnId: "up" }]);
    const one = joiner("a", { hostId: "h", roleIds: ["r"], serviceIds: ["s"] });
    const settings = { ...defaultGrouping, byHost: false, byRole: false, byDependency: false, byService: false };
    expect(placesOf(grouped([one], { live: others, topology, settings }))).toEqual({ a: ["new1", "first"] });
    expect(placesOf(grouped([one], { live: others, topology, settings: { ...defaultGrouping, windowMinutes: 0 } }))).toEqual({
      a: ["new1", "first"],
    });
  });
});

describe("hosts that are down", () => {
  const topology = topologyOf([
    { hostId: "web1", dependsOnId: "switch" },
    { hostId: "web2", dependsOnId: "switch" },
    { hostId: "switch", dependsOnId: "router" },
  ]);
  const down = (alertId: string, hostId: string) => joiner(alertId, { hostId, meansDown: true, severity: "critical" });

  test("of a chain in one batch the root names the incident, the rest are its consequences, in whatever order they come", () => {
    const all = [down("w1", "web1"), joiner("cpu", { hostId: "web2" }), down("s", "switch"), down("r", "router")];
    for (const order of [all, all.toReversed()]) {
      expect(placesOf(grouped(order, { topology }))).toEqual({
        r: ["new1", "first"],
        s: ["new1", "dependency", "router"],
        w1: ["new1", "dependency", "router"],
        cpu: ["new1", "dependency", "router"],
      });
    }
  });

  test("a known outage takes what is behind it, its own alerts stay its own", () => {
    const result = grouped([joiner("cpu", { hostId: "web1" }), joiner("fan", { hostId: "router" })], {
      topology,
      down: new Map([["router", "outage"]]),
      live: [live("outage", { hostIds: ["router"] })],
    });
    expect(placesOf(result)).toEqual({ cpu: ["outage", "dependency", "router"], fan: ["outage", "host"] });
  });

  test("an outage absorbs what nobody has and what it explains entirely", () => {
    const result = grouped([down("r", "router")], {
      topology,
      live: [
        live("web", { hostIds: ["web1"], openHostIds: ["web1"] }),
        live("web-2", { hostIds: ["web2"], openHostIds: ["web2"] }),
        live("taken", { hostIds: ["web1"], openHostIds: ["web1"], isOpen: false }),
        live("mixed", { hostIds: ["web2", "db"], openHostIds: ["web2", "db"] }),
        live("hostless", { hostIds: ["web2"], openHostIds: ["web2"], hasHostless: true }),
      ],
    });
    expect(placesOf(result)).toEqual({ r: ["web", "dependency"] });
    expect([...result.absorbed]).toEqual([["web-2", "web"]]);
  });

  test("a circle of dependencies, should there be one, ends nowhere in a loop", () => {
    const circle = topologyOf([
      { hostId: "a", dependsOnId: "b" },
      { hostId: "b", dependsOnId: "a" },
    ]);
    expect(circle.upstream("a")).toEqual(["b"]);
    expect(grouped([down("a", "a"), down("b", "b")], { topology: circle }).placements.length).toBe(2);
  });
});

test("every alert is placed exactly once, in whatever world", () => {
  const hosts = ["h0", "h1", "h2", "h3", "h4"];
  const edges = fc
    .array(fc.tuple(fc.nat(4), fc.nat(4)), { maxLength: 8 })
    .map((pairs) => pairs.filter(([a, b]) => a > b).map(([a, b]) => ({ hostId: hosts[a] ?? "", dependsOnId: hosts[b] ?? "" })));
  const joiners = fc.array(
    fc.record({
      hostId: fc.option(fc.constantFrom(...hosts), { nil: undefined }),
      roleIds: fc.subarray(["r1", "r2"]),
      meansDown: fc.boolean(),
      group: fc.option(fc.constantFrom("g"), { nil: undefined }),
      severity: fc.constantFrom("warning" as const, "critical" as const),
    }),
    { maxLength: 10 },
  );
  const lives = fc.array(fc.record({ hostIds: fc.subarray(hosts), isOpen: fc.boolean() }), { maxLength: 4 });
  fc.assert(
    fc.property(edges, joiners, lives, fc.boolean(), (drawn, given, existing, byDependency) => {
      const all = given.map((one, i) => joiner(`a${i}`, one));
      const incidents = existing.map((one, i) => live(`i${i}`, { ...one, openHostIds: one.hostIds }));
      const topology = topologyOf(drawn);
      const down = new Map(incidents.flatMap((one) => (one.hostIds[0] === undefined ? [] : [[one.hostIds[0], one.id] as const])));
      const { placements, absorbed } = grouped(all, { live: incidents, topology, down, settings: { ...defaultGrouping, byDependency } });
      expect(placements.map((one) => one.joiner.alertId).sort()).toEqual(all.map((one) => one.alertId).sort());
      for (const [from, into] of absorbed) {
        expect(from).not.toBe(into);
        expect(absorbed.has(into)).toBe(false);
        expect(incidents.find((one) => one.id === from)?.isOpen).toBe(true);
      }
      for (const { joiner: one, inhibitedBy } of placements) {
        if (inhibitedBy === undefined) continue;
        expect(topology.upstream(one.hostId ?? "")).toContain(inhibitedBy);
      }
    }),
    { numRuns: 2000 },
  );
});
