import { describe, expect, test } from "vitest";
import { graphData, roleData } from "./graph-data.ts";
import { graphTitle, seriesLabel } from "./names.ts";
import { chartColours, seriesColour } from "./palette.ts";

const graph = {
  isStacked: true,
  series: [
    { name: "cpu.user.percentage", label: "user", isStacked: true },
    { name: "cpu.idle.percentage", label: "idle", isStacked: true },
    { name: "limit", label: "limit", isStacked: false, group: "vda" },
  ],
};

describe("graphs", () => {
  test("draw idle pale, lines over layers, and what was never posted as nothing", () => {
    const drawn = graphData(
      graph,
      {
        from: 600,
        step: 60,
        series: [
          { name: "cpu.user.percentage", avg: [1, null], every: 60 },
          { name: "cpu.idle.percentage", avg: [2, 3] },
        ],
      },
      "en",
    );
    expect(drawn).toEqual({
      times: [600, 660],
      series: [
        { key: "cpu.user.percentage", label: "user", values: [1, null], every: 60 },
        { key: "cpu.idle.percentage", label: "idle", values: [2, 3], tone: "idle" },
        { key: "limit", label: "vda limit", values: [], isLine: true },
      ],
    });
  });
  test("of a role show each host, or what they come to together", () => {
    const grid = { from: 0, step: 60 };
    const hosts = { ...grid, hosts: [{ id: "h", label: "web-1", isRetired: true, avg: [1] }] };
    expect(roleData(hosts, false, "en").series).toEqual([{ key: "h", label: "web-1 (retired)", values: [1] }]);
    expect(roleData({ ...hosts, every: 300 }, false, "ja").series).toEqual([
      { key: "h", label: "web-1（退役済み）", values: [1], every: 300 },
    ]);
    const summary = { ...grid, summary: { sum: [6], min: [1], max: [3], avg: [2], count: [3] } };
    expect(roleData(summary, true, "en").series.map((one) => one.label)).toEqual(["Sum"]);
    expect(roleData(summary, false, "en").series.map((one) => one.values[0])).toEqual([3, 2, 1]);
    expect(roleData(grid, false, "en")).toEqual({ times: [], series: [] });
  });
});

describe("names", () => {
  test("of Mackerel's metrics are in the reader's language, all others as they are labelled", () => {
    expect(seriesLabel("cpu.iowait.percentage", "iowait", "ja")).toBe("I/O 待ち");
    expect(seriesLabel("cpu.iowait.percentage", "iowait", "en")).toBe("iowait");
    expect(seriesLabel("interface.eth0.rxBytes.delta", "eth0 in", "ja")).toBe("eth0 受信");
    expect(seriesLabel("filesystem.vda1.size", "vda1 size", "ja")).toBe("vda1 容量");
    expect(seriesLabel("custom.nginx.requests", "requests", "ja")).toBe("requests");
  });
  test("of system graphs too, unless somebody gave an own graph the same name", () => {
    expect(graphTitle({ name: "memory", kind: "system", title: "Memory" }, "ja")).toBe("メモリ");
    expect(graphTitle({ name: "custom.uptime", kind: "custom", title: "Uptime" }, "ja")).toBe("稼働時間");
    expect(graphTitle({ name: "custom.uptime", kind: "custom", title: "Boiler" }, "ja")).toBe("Boiler");
    expect(graphTitle({ name: "memory", kind: "service", title: "memory" }, "ja")).toBe("memory");
  });
});

test("colours beyond the palette are computed, each a colour of its own", () => {
  const colours = Array.from({ length: 60 }, (_, at) => seriesColour(chartColours.dark, at));
  expect(new Set(colours).size).toBe(60);
  for (const colour of colours) expect(colour).toMatch(/^#[0-9a-f]{6}$/u);
  expect(seriesColour(chartColours.light, -1)).toBe(chartColours.light.idle);
});
