import { beforeAll, describe, expect, test } from "vitest";
import { hours, minutes } from "#base/duration";
import { withRig, type Answer } from "#test/inventory-rig";
import type { Somebody } from "#test/people";

const rig = withRig();
let id = "";
let theirs: Somebody;
let theirKey = "";
const org = "/api/v1/orgs/first";

beforeAll(async () => {
  id = await register("web1", ["Shop:web"]);
  theirs = await rig.people.another("theirs");
  theirKey = await rig.newKey(theirs, "read-write");
});

async function register(name: string, roleFullnames: readonly string[] = []): Promise<string> {
  return (await rig.ask("POST", "/api/v0/hosts?", { body: { name, meta: {}, roleFullnames } })).json.id;
}
const post = (hostId: string, values: Readonly<Record<string, number>>, time = rig.now()): Promise<Answer> =>
  rig.ask("POST", "/api/v0/tsdb?", { body: Object.entries(values).map(([name, value]) => ({ hostId, name, time, value })) });
const get = (path: string, key = rig.key): Promise<Answer> => rig.ask("GET", `${org}${path}`, { key });

describe("a host's graphs", () => {
  test("show what was posted, drawn as the definitions say", async () => {
    await post(id, { loadavg5: 1, "cpu.user.percentage": 50, "cpu.idle.percentage": 150, "custom.docker.web.rss": 7 });
    const definition = {
      name: "custom.docker.#",
      displayName: "Containers",
      unit: "bytes",
      metrics: [{ name: "custom.docker.#.rss", displayName: "%1", isStacked: true }],
    };
    await rig.ask("POST", "/api/v0/graph-defs/create?", { body: [definition] });
    const { json } = await get(`/hosts/${id}/graphs`);
    expect(json.graphs.map((graph: { name: string }) => graph.name)).toEqual(["loadavg", "cpu", "custom.docker.#"]);
    expect(json.graphs[2]).toEqual({
      name: "custom.docker.#",
      kind: "custom",
      title: "Containers",
      unit: "bytes",
      isStacked: true,
      series: [{ name: "custom.docker.web.rss", label: "web", isStacked: true, group: "web" }],
    });
    expect((await get("/graph-definitions")).json).toEqual({ definitions: [definition] });
  });

  test("definitions are recorded once, deleted with an entry, and refused to a viewer's key", async () => {
    await rig.people.acts();
    const definition = { name: "custom.once", unit: "float", metrics: [] };
    await rig.ask("POST", "/api/v0/graph-defs/create?", { body: [definition] });
    await rig.ask("POST", "/api/v0/graph-defs/create?", { body: [definition] });
    await rig.ask("DELETE", `${org}/graph-definitions/custom.once`);
    expect((await rig.people.acts()).map((act) => act.verb)).toEqual(["graph-definition.changed", "graph-definition.deleted"]);
    const readKey = await rig.newKey(rig.people.first, "read");
    expect((await rig.ask("DELETE", `${org}/graph-definitions/custom.once`, { key: readKey })).status).toBe(403);
    expect((await rig.ask("DELETE", `${org}/graph-definitions/custom.once`)).status).toBe(404);
  });

  test("of another organisation do not exist", async () => {
    for (const path of ["graphs", "metrics/names", "series?name=loadavg5&from=0&to=60"]) {
      expect((await rig.ask("GET", `/api/v1/orgs/theirs/hosts/${id}/${path}`, { key: theirKey })).status, path).toBe(404);
    }
    expect((await rig.ask("GET", "/api/v1/orgs/theirs/graph-definitions", { key: theirKey })).json).toEqual({ definitions: [] });
    expect((await get(`/hosts/${id}/graphs`, theirKey)).status).toBe(404);
  });
});

describe("a host's series", () => {
  test("stand in equal buckets, with null where nothing was posted", async () => {
    const host = await register("series");
    const start = Math.floor(rig.now() / 3600) * 3600;
    await post(host, { loadavg5: 1 }, start);
    await post(host, { loadavg5: 3 }, start + 120);
    const { json } = await get(`/hosts/${host}/series?name=loadavg5&name=never&from=${start}&to=${start + 300}`);
    expect(json).toEqual({
      from: start,
      step: 60,
      series: [
        { name: "loadavg5", avg: [1, null, 3, null, null] },
        { name: "never", avg: [null, null, null, null, null] },
      ],
    });
    const coarse = await get(`/hosts/${host}/series?name=loadavg5&from=${start}&to=${start + 3600}&buckets=1&extremes=true`);
    expect(coarse.json).toEqual({ from: start, step: 3600, series: [{ name: "loadavg5", avg: [2], min: [1], max: [3] }] });
  });

  test("can be asked for under the names that people know, and as rates", async () => {
    const host = await register("rates");
    const time = Math.floor(rig.now() / 60) * 60;
    await post(
      host,
      {
        "memory.used": 30,
        "memory.total": 120,
        "memory.mem_available": 90,
        "memory.swap_total": 8,
        "memory.swap_free": 2,
        "cpu.user.percentage": 100,
        "cpu.idle.percentage": 300,
        "filesystem.a.used": 1,
        "filesystem.a.size": 4,
        "filesystem.b.used": 3,
        "filesystem.b.size": 4,
      },
      time,
    );
    const names = ["memory.available", "memory.swap_used", "cpu%", "memory%", "swap%", "disk%"];
    const query = names.map((name) => `name=${encodeURIComponent(name)}`).join("&");
    const { json } = await get(`/hosts/${host}/series?${query}&from=${time}&to=${time + 60}`);
    expect(json.series.map((one: { avg: number[] }) => one.avg)).toEqual([[90], [6], [25], [25], [75], [75]]);
  });

  test("refuse ranges that are none, too many buckets and too many names", async () => {
    for (const query of [
      "name=a&from=9&to=9",
      "name=a&from=9",
      "from=1&to=2",
      "name=a&from=0&to=60&buckets=5000",
      "name=a&from=-1&to=60",
      `${"name=a&".repeat(101)}from=0&to=60`,
    ]) {
      expect((await get(`/hosts/${id}/series?${query}`)).status, query.slice(0, 40)).toBe(400);
    }
  });
});

describe("the list of hosts", () => {
  test("carries the newest load, CPU and memory, and nothing that is old", async () => {
    const host = await register("figures");
    await post(host, { loadavg5: 0.5, "cpu.idle.percentage": 380, "cpu.user.percentage": 20, "memory.used": 1, "memory.total": 4 });
    const row = async (): Promise<Record<string, unknown>> => (await get("/hosts?text=figures")).json.hosts[0];
    expect(await row()).toMatchObject({ lastSeenAt: rig.people.clock.now(), latest: { loadavg5: 0.5, cpuPercent: 5, memoryPercent: 25 } });
    await rig.people.clock.advance(minutes(20));
    expect((await row())["latest"]).toEqual({ loadavg5: null, cpuPercent: null, memoryPercent: null });
  });
});

describe("a role's series", () => {
  test("show each host only while it belonged, past and retired ones too", async () => {
    const [one, two] = [await register("r1", ["Group:app"]), await register("r2")];
    const start = Math.floor(rig.now() / 60) * 60 + 60;
    await rig.people.clock.advance(hours(1));
    await rig.ask("PUT", `/api/v0/hosts/${two}/role-fullnames`, { body: { roleFullnames: ["Group:app"] } });
    const joined = rig.now();
    for (let i = 0; i < 110; i++)
      for (const [host, value] of [
        [one, 1],
        [two, 10],
      ] as const)
        await post(host, { loadavg5: value }, start + i * 60);
    await rig.people.clock.advance(hours(1));
    await rig.ask("POST", `/api/v0/hosts/${one}/retire`, { body: "null" });
    const { json } = await get(`/services/Group/roles/app/series?name=loadavg5&from=${start}&to=${start + 7200}`);
    expect(json.members).toBe(2);
    const rows = Object.fromEntries(json.hosts.map((row: { id: string; avg: unknown[] }) => [row.id, row]));
    expect(rows[one]).toMatchObject({ label: "r1", isRetired: true });
    expect(rows[one].avg.filter((value: unknown) => value === 1)).toHaveLength(110);
    const twoFrom = rows[two].avg.findIndex((value: unknown) => value !== null);
    expect(json.from + twoFrom * json.step).toBeGreaterThanOrEqual(joined);
    const summary = (await get(`/services/Group/roles/app/series?name=loadavg5&from=${start}&to=${start + 7200}&show=summary`)).json
      .summary;
    expect([summary.sum[0], summary.avg[0], summary.count[0]]).toEqual([1, 1, 1]);
    expect([summary.sum[100], summary.min[100], summary.max[100], summary.avg[100], summary.count[100]]).toEqual([11, 1, 10, 5.5, 2]);
  });

  test("add up devices, compute rates, and are simplified above thirty hosts", async () => {
    const hosts = await Promise.all(Array.from({ length: 31 }, (_, i) => register(`many${i}`, ["Many:app"])));
    await rig.people.clock.advance(minutes(2));
    const time = Math.floor(rig.now() / 60) * 60;
    await Promise.all(
      hosts.map((host, i) =>
        post(
          host,
          {
            [`interface.eth${i % 3}.rxBytes.delta`]: 10,
            "interface.lo.rxBytes.delta": 1,
            "cpu.idle.percentage": 90,
            "cpu.user.percentage": 10,
          },
          time,
        ),
      ),
    );
    const graphs = (await get("/services/Many/roles/app/graphs")).json.graphs.map((graph: { name: string }) => graph.name);
    expect(graphs).toEqual(["cpu%", "cpu.user.percentage", "interface.rxBytes.delta"]);
    const ask = async (name: string, show: string): Promise<Answer["json"]> =>
      (await get(`/services/Many/roles/app/series?name=${encodeURIComponent(name)}&from=${time}&to=${time + 60}&show=${show}`)).json;
    expect(await ask("interface.rxBytes.delta", "auto")).toMatchObject({
      members: 31,
      summary: { sum: [341], min: [11], max: [11], avg: [11], count: [31] },
    });
    const all = await ask("cpu%", "all");
    expect(all.hosts).toHaveLength(31);
    expect(all.hosts[0].avg[0]).toBeCloseTo(10, 9);
    expect((await ask("cpu.user.percentage", "auto")).summary).toEqual({ sum: [310], min: [10], max: [10], avg: [10], count: [31] });
  });

  test("of a role that does not exist are not found", async () => {
    expect((await get("/services/Group/roles/none/series?name=a&from=0&to=60")).status).toBe(404);
    expect((await get("/services/None/roles/app/graphs")).status).toBe(404);
  });
});

test("a service's metrics are listed, drawn and read", async () => {
  const time = Math.floor(rig.now() / 60) * 60;
  await rig.ask("POST", "/api/v0/services/Shop/tsdb", { body: [{ name: "sales.books", time, value: 4 }] });
  expect((await get("/services/Shop/metrics/names")).json).toEqual({ names: ["sales.books"] });
  expect((await get("/services/Shop/graphs")).json.graphs).toMatchObject([
    { name: "sales", kind: "service", series: [{ name: "sales.books", label: "books" }] },
  ]);
  expect((await get(`/services/Shop/series?name=sales.books&from=${time}&to=${time + 60}`)).json.series[0].avg).toEqual([4]);
});
