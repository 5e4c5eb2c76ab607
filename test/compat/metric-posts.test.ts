import { once } from "node:events";
import { connect, type AddressInfo } from "node:net";
import { beforeAll, describe, expect, test } from "vitest";
import { hours, minutes } from "#base/duration";
import type { Somebody } from "#test/people";
import { withRig, type Answer } from "#test/inventory-rig";
import { createKey } from "../../src/server/features/identity/create-key.ts";

const rig = withRig();
let id = "";
let theirs: Somebody;
let theirKey = "";
let theirHost = "";

beforeAll(async () => {
  id = (await rig.ask("POST", "/api/v0/hosts?", { body: { name: "ours", meta: {} } })).json.id;
  theirs = await rig.people.another("theirs");
  theirKey = await rig.newKey(theirs, "read-write");
  theirHost = (await rig.ask("POST", "/api/v0/hosts?", { key: theirKey, body: { name: "theirs", meta: {} } })).json.id;
});

const post = (body: string | Buffer | object, key = rig.key): Promise<Answer> => rig.ask("POST", "/api/v0/tsdb?", { body, key });
const point = (name: string, value: number, time = rig.now(), hostId = id): object => ({ hostId, name, time, value });
const metrics = async (): Promise<string> => {
  const figures = rig.metrics.figures();
  return JSON.stringify(figures.find((one) => one.name === "hinoban_metric_points_dropped_total")?.value());
};

describe("a post of metrics", () => {
  test("overwrites the same minute, in any order of minutes", async () => {
    const time = Math.floor(rig.now() / 60) * 60;
    await post([point("dup", 2, time), point("dup", 1, time - 60), point("dup", 5, time - 3600)]);
    await post([point("dup", 3, time)]);
    expect(rig.store.pointsOf(id, "dup").map((one) => one.value)).toEqual([5, 1, 3]);
  });

  test("drops points that are more than a day away without an error, and counts them", async () => {
    const answer = await post([point("age", 1), point("age", 2, rig.now() - 86_400 - 120), point("age", 3, rig.now() + 86_400 + 120)]);
    expect(answer.json).toEqual({ success: true });
    expect(rig.store.pointsOf(id, "age").map((one) => one.value)).toEqual([1]);
    expect(await metrics()).toContain('{"reason":"too-old"},"value":1');
    expect(await metrics()).toContain('{"reason":"too-new"},"value":1');
  });

  test("drops points of unknown, retired and other organisations' hosts, takes the others and answers 200", async () => {
    const retired = (await rig.ask("POST", "/api/v0/hosts?", { body: { name: "retired", meta: {} } })).json.id;
    await post([point("before", 1, rig.now(), retired)]);
    await rig.ask("POST", `/api/v0/hosts/${retired}/retire?`, { body: "null" });
    rig.inventory.directory.onChange(undefined);
    const answer = await post([
      point("mix", 1),
      point("mix", 2, rig.now(), retired),
      point("mix", 3, rig.now(), "nobody"),
      point("mix", 4, rig.now(), theirHost),
    ]);
    expect(answer.json).toEqual({ success: true });
    expect(rig.store.pointsOf(id, "mix")).toHaveLength(1);
    expect(rig.store.pointsOf(retired, "mix")).toEqual([]);
    expect(rig.store.pointsOf(theirHost, "mix")).toEqual([]);
    expect((await rig.ask("GET", `/api/v0/hosts/${retired}/metrics?name=before&from=0&to=${rig.now()}`)).json.metrics).toHaveLength(1);
  });

  test("reaches a host that was registered a moment ago", async () => {
    const fresh = (await rig.ask("POST", "/api/v0/hosts?", { body: { name: "fresh", meta: {} } })).json.id;
    await post([point("first", 1, rig.now(), fresh)]);
    expect(rig.store.pointsOf(fresh, "first")).toHaveLength(1);
  });

  test("with one bad point stores the good ones and names the bad one", async () => {
    const answer = await post(
      `[${JSON.stringify(point("good.one", 1))},{"hostId":"${id}","name":"bad..name","time":${rig.now()},"value":1},${JSON.stringify(point("good.two", 2))}]`,
    );
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ success: true, rejected: [{ index: 1, field: "name" }] });
    expect(rig.store.pointsOf(id, "good.one")).toHaveLength(1);
    expect(rig.store.pointsOf(id, "good.two")).toHaveLength(1);
  });

  test("with nothing but bad points is refused", async () => {
    const answer = await post([{ hostId: id, name: "x y", time: 1, value: 1 }, { hostId: id }]);
    expect(answer.status).toBe(400);
    expect(answer.json.error.message).toContain("0.name");
  });

  test.each([
    ["NaN", '[{"hostId":"H","name":"a","time":1,"value":NaN}]', 400],
    ["Infinity", '[{"hostId":"H","name":"a","time":1,"value":Infinity}]', 400],
    ["half a body", '[{"hostId":"H"', 400],
    ["nothing", "", 400],
    ["an object", "{}", 400],
    ["a text", '"hello"', 400],
    ["bytes that are no text", Buffer.from([0xff, 0xfe, 0x00, 0x80]), 400],
    ["deep nesting", "[".repeat(100_000), 400],
  ])("of %s is a clear error in Mackerel's shape", async (_name, body, status) => {
    const before = rig.store.status().pointsReceived;
    const answer = await post(body);
    expect(answer.status).toBe(status);
    expect(typeof answer.json.error.message).toBe("string");
    expect(rig.store.status().pointsReceived).toBe(before);
  });

  test("of more than 10,000 points or 1 MB is refused with the limit", async () => {
    const many = await post(Array.from({ length: 10_001 }, () => ({ hostId: "h", name: "a", time: 1, value: 1 })));
    expect(many.status).toBe(413);
    expect(many.json.error.message).toMatch(/10,?000/);
    const large = await post(" ".repeat(1024 * 1024 + 1));
    expect(large.status).toBe(413);
    expect(large.json.error.message).toContain("1048576");
  });

  test("of 100 MB is refused before it is read", async () => {
    const { port } = rig.app.server.address() as AddressInfo; // it listens on a port
    const socket = connect(port, "127.0.0.1");
    socket.write(
      `POST /api/v0/tsdb? HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${rig.key}\r\nContent-Type: application/json\r\nContent-Length: 104857600\r\n\r\n[`,
    );
    const [answer] = (await once(socket, "data")) as [Buffer]; // what the socket gives without an encoding
    socket.destroy();
    expect(answer.toString("latin1")).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer.toString("latin1")).toContain("1048576");
  });

  test("fails when the disk is full, and nothing of it is stored, so that the agent keeps it", async () => {
    rig.store.fillDisk();
    const answer = await post([point("full", 1)]);
    rig.store.freeDisk();
    expect(answer.status).toBe(507);
    expect(rig.store.pointsOf(id, "full")).toEqual([]);
  });

  test("makes the host seen, without a row per post", async () => {
    await rig.people.clock.advance(minutes(5));
    await post([point("seen", 1)]);
    const at = rig.people.clock.now();
    const rows = async (): Promise<unknown[]> =>
      (await rig.people.owner.query("select at::bigint from inventory_seen where host_id = $1", [id])).rows.map((row) => Number(row.at));
    const before = await rows();
    expect(before).not.toContain(at);
    await rig.inventory.lastSeen.flush();
    expect(await rows()).toEqual([at]);
  });
});

test("points that were dropped are said once a minute, not once a post", async () => {
  await rig.people.clock.advance(minutes(2));
  const before = rig.logged.length;
  for (let i = 0; i < 5; i++) await post([point("log", 1, rig.now(), "nobody"), point("log", 1)]);
  expect(rig.logged).toHaveLength(before);
  await rig.people.clock.advance(minutes(1));
  const said = rig.logged.slice(before).map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(said).toHaveLength(1);
  expect(said[0]).toMatchObject({ "unknown-host": 5, example: "nobody" });
});

describe("a service's metrics", () => {
  test("are posted, listed and read, and belong to their organisation", async () => {
    await rig.ask("POST", "/api/v0/services?", { body: { name: "Blog", memo: "" } });
    await rig.ask("POST", "/api/v0/services?", { key: theirKey, body: { name: "Blog", memo: "" } });
    const time = rig.now();
    const answer = await rig.ask("POST", "/api/v0/services/Blog/tsdb?", {
      body: [
        { name: "access.4xx", time, value: 3 },
        { name: "access.5xx", time, value: "many" },
      ],
    });
    expect(answer.json).toMatchObject({ success: true, rejected: [{ index: 1, field: "value" }] });
    expect((await rig.ask("GET", "/api/v0/services/Blog/metric-names?")).json).toEqual({ names: ["access.4xx"] });
    expect((await rig.ask("GET", `/api/v0/services/Blog/metrics?name=access.4xx&from=${time}&to=${time}`)).json).toEqual({
      metrics: [{ time, value: 3 }],
    });
    expect((await rig.ask("GET", "/api/v0/services/Blog/metric-names?", { key: theirKey })).json).toEqual({ names: [] });
    expect((await rig.ask("GET", `/api/v0/services/Blog/metrics?name=access.4xx&from=${time}&to=${time}`, { key: theirKey })).status).toBe(
      404,
    );
    expect((await rig.ask("POST", "/api/v0/services/Nope/tsdb?", { body: [{ name: "a", time, value: 3 }] })).status).toBe(404);
    expect((await rig.ask("POST", "/api/v0/services/Blog/tsdb?", { body: [{ name: "a", time, value: null }] })).status).toBe(400);
  });

  test("go with their service, and a new service of that name begins empty", async () => {
    await rig.ask("DELETE", "/api/v0/services/Blog?");
    await rig.ask("POST", "/api/v0/services?", { body: { name: "Blog", memo: "" } });
    expect((await rig.ask("GET", "/api/v0/services/Blog/metric-names?")).json).toEqual({ names: [] });
  });
});

describe("reading metrics", () => {
  test("404 for an unknown host or metric, 400 for a range that is none", async () => {
    await post([point("known", 1)]);
    const path = (host: string, name: string): string => `/api/v0/hosts/${host}/metrics?name=${name}&from=0&to=${rig.now()}`;
    expect((await rig.ask("GET", path(id, "known"))).status).toBe(200);
    expect((await rig.ask("GET", path(id, "unknown"))).status).toBe(404);
    expect((await rig.ask("GET", path("nobody", "known"))).status).toBe(404);
    expect((await rig.ask("GET", `/api/v0/hosts/${id}/metrics?name=known&from=abc&to=5`)).status).toBe(400);
    expect((await rig.ask("GET", `/api/v0/hosts/${id}/metrics?name=known&from=9&to=5`)).status).toBe(400);
    expect((await rig.ask("GET", `/api/v0/hosts/${id}/metrics?from=9&to=5`)).status).toBe(400);
    expect((await rig.ask("GET", "/api/v0/tsdb/latest?")).status).toBe(400);
  });

  test("answers a year in averages rather than in half a million points", async () => {
    await rig.people.clock.advance(hours(1));
    await post([point("year", 10), point("year", 20, rig.now() - 60)]);
    const { json } = await rig.ask("GET", `/api/v0/hosts/${id}/metrics?name=year&from=${rig.now() - 365 * 86_400}&to=${rig.now()}`);
    expect(json.metrics).toHaveLength(1);
    expect(json.metrics[0].value).toBe(15);
  });
});

describe("a post that goes around the router and one that does not", () => {
  const bodies = (): (string | undefined)[] => [
    JSON.stringify([point("both", 1)]),
    JSON.stringify([point("both", 1), { hostId: id, name: "a b", time: 1, value: 1 }]),
    "[]",
    "{",
    "null",
    "[NaN]",
    undefined,
    " ".repeat(1024 * 1024 + 1),
  ];

  test.each([
    ["a good key", async () => rig.key],
    ["a key that may only read", () => rig.newKey(rig.people.first, "read")],
    ["an unknown key", async () => "unknown"],
    ["no key", async () => ""],
  ])("are answered alike with %s", async (_name, makeKey) => {
    const key = await makeKey();
    for (const body of bodies()) {
      for (const path of ["/api/v0/tsdb", "/api/v0/tsdb?", "/api/v0/tsdb?a=b&a=c"]) {
        const ask = { key, ...(body === undefined ? {} : { body }) };
        const around = await rig.ask("POST", path, ask);
        const through = await rig.ask("POST", path, { ...ask, headers: { "x-forwarded-for": "198.51.100.1" } });
        expect([around.status, around.text], `${path} ${body?.slice(0, 60)}`).toEqual([through.status, through.text]);
        expect(around.headers["content-type"]).toBe(through.headers["content-type"]);
      }
    }
  });

  test("are both refused to a key from a foreign network, and the refusals recorded", async () => {
    const { secret } = await createKey(rig.people.identity, rig.people.first.actor, {
      name: "far",
      rights: "read-write",
      networks: ["203.0.113.0/24"],
    });
    await rig.people.acts();
    for (const headers of [{}, { "x-forwarded-for": "203.0.113.5" }]) {
      const answer = await rig.ask("POST", "/api/v0/tsdb?", { key: secret.reveal(), body: [], headers });
      expect(answer.status).toBe(403);
    }
    expect((await rig.people.acts()).map((act) => act.verb)).toEqual(["permission.refused", "permission.refused"]);
  });

  test("that break off in the middle leave nothing behind", async () => {
    const { port } = rig.app.server.address() as AddressInfo; // it listens on a port
    const before = rig.store.status().pointsReceived;
    const body = JSON.stringify([point("half", 1)]);
    const socket = connect(port, "127.0.0.1");
    socket.write(
      `POST /api/v0/tsdb? HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${rig.key}\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, -5)}`,
    );
    await once(socket, "connect");
    socket.destroy();
    expect((await post([point("whole", 1)])).status).toBe(200);
    expect(rig.store.status().pointsReceived).toBe(before + 1);
  });

  test("may follow each other in one packet", async () => {
    const { port } = rig.app.server.address() as AddressInfo; // it listens on a port
    const request = (name: string): string => {
      const body = JSON.stringify([point(name, 1)]);
      return `POST /api/v0/tsdb? HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${rig.key}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    };
    const socket = connect(port, "127.0.0.1");
    socket.write(request("pipe1") + request("pipe2"));
    let text = "";
    socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
    await expect.poll(() => text.match(/"success":true/gu)?.length).toBe(2);
    socket.destroy();
    expect(rig.store.pointsOf(id, "pipe1").length + rig.store.pointsOf(id, "pipe2").length).toBe(2);
  });
});
