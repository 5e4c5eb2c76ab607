import { describe, expect, test } from "vitest";
import type { Graph, GraphDefinition } from "#wire/metrics";
import { hostGraphs, roleGraphs, serviceGraphs } from "./graph-model.ts";

const linux = [
  "loadavg1",
  "loadavg5",
  "loadavg15",
  ...["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest"].map((kind) => `cpu.${kind}.percentage`),
  ...["total", "used", "mem_available", "swap_total", "swap_cached", "swap_free"].map((part) => `memory.${part}`),
  "disk.sda.reads.delta",
  "disk.sda.writes.delta",
  "interface.eth0.rxBytes.delta",
  "interface.eth0.txBytes.delta",
  "interface.ens5.rxBytes.delta",
  "filesystem.sda1.size",
  "filesystem.sda1.used",
];

const named = (graphs: readonly Graph[], name: string): Graph | undefined => graphs.find((graph) => graph.name === name);
const labels = (graph: Graph | undefined): string[] => graph?.series.map((one) => one.label) ?? [];

describe("a Linux host's graphs", () => {
  const graphs = hostGraphs(linux, []);

  test("are Mackerel's, in its order", () => {
    expect(graphs.map((graph) => graph.name)).toEqual(["loadavg", "cpu", "memory", "swap", "disk", "interface", "filesystem"]);
    expect(graphs.every((graph) => graph.kind === "system")).toBe(true);
  });

  test("stack the CPU with idle on top", () => {
    const cpu = named(graphs, "cpu");
    expect(labels(cpu)).toEqual(["user", "nice", "system", "irq", "softirq", "iowait", "steal", "guest", "idle"]);
    expect(cpu?.series.every((one) => one.isStacked)).toBe(true);
  });

  test("stack memory up to the total, and speak of available and used swap", () => {
    const memory = named(graphs, "memory");
    expect(memory?.series.map((one) => [one.name, one.isStacked])).toEqual([
      ["memory.used", true],
      ["memory.available", true],
      ["memory.total", false],
    ]);
    expect(named(graphs, "swap")?.series.map((one) => one.name)).toEqual(["memory.swap_used", "memory.swap_cached", "memory.swap_total"]);
  });

  test("put the devices of one kind into one graph", () => {
    expect(labels(named(graphs, "interface"))).toEqual(["ens5 in", "eth0 in", "eth0 out"]);
    expect(labels(named(graphs, "filesystem"))).toEqual(["sda1 used", "sda1 size"]);
  });
});

test("an older kernel's memory stacks used, buffers, cached and free", () => {
  const memory = named(hostGraphs(["memory.total", "memory.used", "memory.buffers", "memory.cached", "memory.free"], []), "memory");
  expect(memory?.series.filter((one) => one.isStacked).map((one) => one.label)).toEqual(["used", "buffers", "cached", "free"]);
});

describe("custom graphs", () => {
  const definitions: GraphDefinition[] = [
    {
      name: "custom.docker.#",
      displayName: "Containers",
      unit: "bytes",
      metrics: [
        { name: "custom.docker.#.rss", displayName: "%1 resident", isStacked: true },
        { name: "custom.docker.#.cache", displayName: "%1 cache", isStacked: true },
      ],
    },
    {
      name: "custom.docker.special",
      displayName: "Special",
      unit: "integer",
      metrics: [{ name: "custom.docker.special.*", isStacked: false }],
    },
  ];

  test("follow their definition: title, unit, stacking, order, and groups by #", () => {
    const posted = ["custom.docker.web.cache", "custom.docker.web.rss", "custom.docker.db.rss", "custom.docker.db.extra"];
    const [graph] = hostGraphs(posted, definitions);
    expect(graph).toEqual({
      name: "custom.docker.#",
      kind: "custom",
      title: "Containers",
      unit: "bytes",
      isStacked: true,
      series: [
        { name: "custom.docker.db.rss", label: "db resident", isStacked: true, group: "db" },
        { name: "custom.docker.db.extra", label: "db extra", isStacked: false, group: "db" },
        { name: "custom.docker.web.rss", label: "web resident", isStacked: true, group: "web" },
        { name: "custom.docker.web.cache", label: "web cache", isStacked: true, group: "web" },
      ],
    });
  });

  test("prefer the definition with their very name", () => {
    expect(hostGraphs(["custom.docker.special.rss"], definitions)[0]).toMatchObject({ name: "custom.docker.special", title: "Special" });
  });

  test("without a definition are grouped by the last dot", () => {
    const graphs = hostGraphs(["custom.nginx.requests.ok", "custom.nginx.requests.failed", "custom.uptime"], []);
    expect(graphs.map((graph) => [graph.name, graph.title, labels(graph)])).toEqual(
      [
        ["custom.nginx.requests", "nginx.requests", ["failed", "ok"]],
        ["custom", "custom", ["uptime"]],
      ].toSorted((a, b) => ((a[1] ?? "") < (b[1] ?? "") ? -1 : 1)),
    );
  });

  test("lose no posted metric: each stands in exactly one graph", () => {
    const posted = [...linux, "custom.docker.web.rss", "custom.a.b.c", "custom.x", "processor_queue_length", "strange.system.thing"];
    const drawn = hostGraphs(posted, definitions).flatMap((graph) => graph.series.map((one) => one.name));
    expect(new Set(drawn).size).toBe(drawn.length);
    const computed = new Set(["memory.mem_available", "memory.swap_free"]);
    for (const name of posted) if (!computed.has(name)) expect(drawn, name).toContain(name);
  });
});

test("a service's metrics are grouped by the last dot", () => {
  expect(serviceGraphs(["access.4xx", "access.5xx", "users"]).map((graph) => [graph.name, labels(graph)])).toEqual([
    ["access", ["4xx", "5xx"]],
    ["users", ["users"]],
  ]);
});

test("a role compares its hosts by the figures that they have, and by every custom metric", () => {
  const graphs = roleGraphs(new Set([...linux, "custom.nginx.requests.ok"]), []);
  expect(graphs.map((graph) => graph.name)).toEqual([
    "loadavg5",
    "cpu%",
    "cpu.user.percentage",
    "cpu.system.percentage",
    "cpu.iowait.percentage",
    "memory%",
    "memory.used",
    "interface.rxBytes.delta",
    "interface.txBytes.delta",
    "disk.reads.delta",
    "disk.writes.delta",
    "disk%",
    "custom.nginx.requests.ok",
  ]);
  expect(roleGraphs(new Set(), [])).toEqual([]);
});
