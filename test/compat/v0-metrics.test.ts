import { beforeAll, describe, expect, test } from "vitest";
import { millis } from "#base/duration";
import { withRig } from "#test/inventory-rig";
import { errorOf, refusal, v0Clients } from "#test/v0-client";

const rig = withRig();
const { v0, reader, prepare } = v0Clients(rig);
const done = { success: true };
let hostId = "";

beforeAll(async () => {
  await prepare();
  hostId = (await v0.post("/hosts", { name: "h", meta: {} })).json.id;
  await v0.post("/services", { name: "Shop", memo: "" });
});

/** The whole minute before now. */
const minute = (): number => Math.floor(rig.now() / 60) * 60 - 60;

describe("POST /tsdb", () => {
  test("takes points of several hosts, overwrites the same minute, and drops what is unknown or a day old", async () => {
    const other = (await v0.post("/hosts", { name: "other", meta: {} })).json.id;
    const time = minute();
    const points = [
      { hostId, name: "custom.a.b", time, value: 1 },
      { hostId: other, name: "custom.a.b", time, value: 2 },
      { hostId: "nobody", name: "custom.a.b", time, value: 3 },
      { hostId, name: "custom.a.old", time: time - 90_000, value: 4 },
    ];
    expect((await v0.post("/tsdb", points)).json).toEqual(done);
    expect((await v0.post("/tsdb", [{ hostId, name: "custom.a.b", time: time + 7, value: 5 }])).json).toEqual(done);
    expect((await v0.get(`/hosts/${hostId}/metrics?name=custom.a.b&from=${time}&to=${time + 59}`)).json.metrics).toEqual([
      { time: time + 7, value: 5 },
    ]);
    expect((await v0.get(`/hosts/${hostId}/metrics?name=custom.a.old&from=${time - 90_060}&to=${time}`)).status).toBe(404);
  });

  test("takes an empty list and Go's null for one, and answers 400 for what is no list", async () => {
    expect((await v0.post("/tsdb", "[]")).json).toEqual(done);
    expect((await v0.post("/tsdb", "null")).json).toEqual(done);
    for (const body of ["{}", "7", "", "[", '"x"']) expect((await v0.post("/tsdb", body)).status, body).toBe(400);
  });

  test("answers 413 above 10,000 points, and says so", async () => {
    const answer = await v0.post(
      "/tsdb",
      `[${Array.from({ length: 10_001 }, () => '{"hostId":"h","name":"a","time":1,"value":1}').join(",")}]`,
    );
    expect(answer.status).toBe(413);
    expect(errorOf(answer)).toContain("10000");
  });

  test("answers 403 to a key that may only read", async () => {
    expect((await reader.post("/tsdb", "[]")).status).toBe(403);
  });
});

describe("GET /hosts/:id/metrics", () => {
  test("answers points in order, both ends included", async () => {
    const time = minute() - 600;
    await v0.post(
      "/tsdb",
      [120, 0, 60].map((after) => ({ hostId, name: "read.me", time: time + after, value: after / 8 })),
    );
    const read = await reader.get(`/hosts/${hostId}/metrics?name=read.me&from=${time}&to=${time + 120}`);
    expect(read.text).toBe(`{"metrics":[{"time":${time},"value":0},{"time":${time + 60},"value":7.5},{"time":${time + 120},"value":15}]}`);
    expect((await v0.get(`/hosts/${hostId}/metrics?name=read.me&from=${time + 1}&to=${time + 59}`)).json).toEqual({ metrics: [] });
  });

  test("answers 404 for an unknown host and metric, 400 without a name or range", async () => {
    expect((await v0.get("/hosts/nobody/metrics?name=a&from=1&to=2")).status).toBe(404);
    expect(refusal(await v0.get(`/hosts/${hostId}/metrics?name=never&from=1&to=2`))).toEqual({
      status: 404,
      message: "There is no metric never.",
    });
    for (const query of [
      "from=1&to=2",
      "name=a&to=2",
      "name=a&from=1",
      "name=a&from=x&to=2",
      "name=a&from=1.5&to=2",
      "name=a&from=3&to=1",
    ]) {
      expect((await v0.get(`/hosts/${hostId}/metrics?${query}`)).status, query).toBe(400);
    }
  });
});

describe("GET /hosts/:id/metric-names", () => {
  test("lists what was posted", async () => {
    await v0.post("/tsdb", [{ hostId, name: "named.a", time: minute(), value: 1 }]);
    const { json } = await reader.get(`/hosts/${hostId}/metric-names`);
    expect(Object.keys(json)).toEqual(["names"]);
    expect(json.names).toContain("named.a");
    expect((await v0.get("/hosts/nobody/metric-names")).status).toBe(404);
  });
});

describe("GET /tsdb/latest", () => {
  test("answers the newest point of each, null for what was never posted; a hundred hosts at once", async () => {
    const time = minute();
    await v0.post("/tsdb", [{ hostId, name: "newest", time, value: 9 }]);
    const hosts = Array.from({ length: 100 }, (_, i) => `hostId=none${i}`).join("&");
    expect((await reader.get(`/tsdb/latest?hostId=${hostId}&${hosts}&name=newest&name=never`)).json).toEqual({
      tsdbLatest: { [hostId]: { newest: { time, value: 9 }, never: null } },
    });
    expect((await v0.get("/tsdb/latest?name=a")).status).toBe(400);
    expect((await v0.get(`/tsdb/latest?hostId=${hostId}`)).status).toBe(400);
  });
});

describe("POST /graph-defs/create", () => {
  test("takes definitions, replaces those of the same name, and Go's null for an empty list", async () => {
    const definition = {
      name: "custom.web.#",
      displayName: "Web",
      unit: "milliseconds",
      metrics: [{ name: "custom.web.#.p99", displayName: "%1 p99", isStacked: false }],
    };
    expect((await v0.post("/graph-defs/create", [definition])).json).toEqual(done);
    expect((await v0.post("/graph-defs/create", [{ ...definition, unit: "bytes/sec", displayName: null }])).json).toEqual(done);
    const { rows } = await rig.people.owner.query("select unit, display_name from metrics_graph_definition where name = 'custom.web.#'");
    expect(rows).toEqual([{ unit: "bytes/sec", display_name: "" }]);
    expect((await v0.post("/graph-defs/create", "null")).json).toEqual(done);
  });

  test.each([
    ["no custom name", { name: "web", unit: "float", metrics: [] }],
    ["an unknown unit", { name: "custom.a", unit: "apples", metrics: [] }],
    ["a metric of another graph", { name: "custom.a", unit: "float", metrics: [{ name: "custom.b.c" }] }],
    ["two number signs", { name: "custom.#.#", unit: "float", metrics: [] }],
  ])("answers 400 when there is nothing but %s", async (_name, definition) => {
    expect((await v0.post("/graph-defs/create", [definition])).status).toBe(400);
    expect((await reader.post("/graph-defs/create", [])).status).toBe(403);
  });
});

describe("DELETE /graph-defs", () => {
  test("has a body, and answers 400 for an unknown graph", async () => {
    await v0.post("/graph-defs/create", [{ name: "custom.gone", unit: "float", metrics: [] }]);
    expect((await reader.del("/graph-defs", { name: "custom.gone" })).status).toBe(403);
    expect((await v0.del("/graph-defs", { name: "custom.gone" })).json).toEqual(done);
    expect((await v0.del("/graph-defs", { name: "custom.gone" })).status).toBe(400);
    expect((await v0.del("/graph-defs")).status).toBe(400);
  });
});

describe("POST /services/:service/tsdb", () => {
  test("takes points, and Go's null for an empty list", async () => {
    const time = minute();
    expect((await v0.post("/services/Shop/tsdb", [{ name: "access.2xx", time, value: 10 }])).json).toEqual(done);
    expect((await v0.post("/services/Shop/tsdb", "null")).json).toEqual(done);
    expect((await v0.post("/services/Nope/tsdb", [{ name: "a", time, value: 1 }])).status).toBe(404);
    expect((await v0.post("/services/Shop/tsdb", [{ name: "a..b", time, value: 1 }])).status).toBe(400);
    expect((await reader.post("/services/Shop/tsdb", "[]")).status).toBe(403);
  });

  test("answers 429 to more than sixty posts a minute, says when to come again, and then takes them", async () => {
    await v0.post("/services", { name: "Busy", memo: "" });
    const post = async () => v0.post("/services/Busy/tsdb", [{ name: "a.b", time: minute(), value: 1 }]);
    for (let at = 0; at < 60; at += 1) expect((await post()).status).toBe(200);
    const refused = await post();
    expect(refusal(refused)).toEqual({ status: 429, message: "Metrics of the service Busy may be posted 60 times a minute." });
    expect(refused.headers["retry-after"]).toBe("1");
    expect((await v0.post("/services/Shop/tsdb", "[]")).status).toBe(200);
    await rig.people.clock.advance(millis(1000));
    expect((await post()).status).toBe(200);
    expect((await post()).status).toBe(429);
    await rig.people.clock.advance(millis(60_000));
    for (let at = 0; at < 60; at += 1) expect((await post()).status).toBe(200);
  });
});

describe("GET /services/:service/metrics", () => {
  test("answers as for a host", async () => {
    const time = minute();
    await v0.post("/services/Shop/tsdb", [{ name: "read.me", time, value: 0.25 }]);
    expect((await reader.get(`/services/Shop/metrics?name=read.me&from=${time}&to=${time}`)).json).toEqual({
      metrics: [{ time, value: 0.25 }],
    });
    expect((await v0.get("/services/Shop/metrics?name=never&from=1&to=2")).status).toBe(404);
    expect((await v0.get("/services/Nope/metrics?name=a&from=1&to=2")).status).toBe(404);
    expect((await v0.get("/services/Shop/metrics?name=a&from=1")).status).toBe(400);
  });
});

describe("GET /services/:service/metric-names", () => {
  test("lists what was posted", async () => {
    await v0.post("/services/Shop/tsdb", [{ name: "named", time: minute(), value: 1 }]);
    expect((await reader.get("/services/Shop/metric-names")).json.names).toContain("named");
    expect((await v0.get("/services/Nope/metric-names")).status).toBe(404);
  });
});

describe("DELETE /services/:service/graph-defs/:graph", () => {
  const names = async (): Promise<string[]> => (await reader.get("/services/Logs/metric-names")).json.names;
  const post = async (name: string, time: number) => v0.post("/services/Logs/tsdb", [{ name, time, value: 1 }]);

  test("takes a graph away until one of its metrics is posted again, with all its points", async () => {
    await v0.post("/services", { name: "Logs", memo: "" });
    const time = minute();
    for (const name of ["log.2xx", "log.5xx", "log.deep.er", "logs", "other.a"]) await post(name, time);
    expect((await reader.del("/services/Logs/graph-defs/log.*")).status).toBe(403);
    await rig.people.acts();
    expect((await v0.del("/services/Logs/graph-defs/log.*")).json).toEqual(done);
    expect((await rig.people.acts()).map((act) => act.verb)).toEqual(["graph-definition.deleted"]);
    expect(await names()).toEqual(["log.deep.er", "logs", "other.a"]);
    expect((await v0.get(`/services/Logs/metrics?name=log.2xx&from=${time}&to=${time}`)).json.metrics).toEqual([{ time, value: 1 }]);
    expect((await v0.del("/services/Logs/graph-defs/log.*")).status).toBe(404);
    await post("other.b", time);
    expect(await names()).not.toContain("log.2xx");
    await post("log.2xx", time - 3600);
    expect(await names()).toEqual(["log.2xx", "log.5xx", "log.deep.er", "logs", "other.a", "other.b"]);
  });

  test("answers 404 for an unknown service or graph, 400 for a name without a star at its end", async () => {
    expect((await v0.del("/services/Nope/graph-defs/log.*")).status).toBe(404);
    expect((await v0.del("/services/Logs/graph-defs/never.*")).status).toBe(404);
    expect((await v0.del("/services/Logs/graph-defs/log")).status).toBe(400);
    expect((await v0.del("/services/Logs/graph-defs/*.*")).status).toBe(400);
  });
});
