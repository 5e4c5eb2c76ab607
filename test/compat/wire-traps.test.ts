import http from "node:http";
import type { AddressInfo } from "node:net";
import { beforeAll, describe, expect, test } from "vitest";
import { withRig, type Answer } from "#test/inventory-rig";

const rig = withRig();
let id = "";

beforeAll(async () => {
  const { json } = await rig.ask("POST", "/api/v0/hosts?", { body: { name: "trap", meta: {} } });
  id = json.id;
});

const hostOf = async (hostId = id): Promise<Answer["json"]> => (await rig.ask("GET", `/api/v0/hosts/${hostId}?`)).json.host;
const post = (points: readonly object[]): Promise<Answer> => rig.ask("POST", "/api/v0/tsdb?", { body: points });

test("trap 1: every successful answer has a JSON body, or the agent posts again for an hour", async () => {
  await rig.ask("POST", "/api/v0/services?", { body: { name: "Trap1", memo: "" } });
  const answers = [
    await post([{ hostId: id, name: "loadavg1", time: rig.now(), value: 1 }]),
    await post([]),
    await rig.ask("POST", "/api/v0/services/Trap1/tsdb?", { body: [{ name: "a.b", time: rig.now(), value: 1 }] }),
    await rig.ask("POST", "/api/v0/graph-defs/create?", { body: [] }),
    await rig.ask("POST", "/api/v0/monitoring/checks/report?", { body: { reports: [] } }),
    await rig.ask("PUT", `/api/v0/hosts/${id}?`, { body: { name: "trap", meta: {} } }),
    await rig.ask("POST", `/api/v0/hosts/${id}/status?`, { body: { status: "working" } }),
    await rig.ask("PUT", `/api/v0/hosts/${id}/role-fullnames?`, { body: { roleFullnames: [] } }),
    await rig.ask("PUT", `/api/v0/hosts/${id}/metadata/trap1?`, { body: "null" }),
    await rig.ask("DELETE", `/api/v0/hosts/${id}/metadata/trap1?`),
    await rig.ask("DELETE", "/api/v0/services/Trap1?"),
  ];
  for (const { status, text, headers } of answers) {
    expect(status, text).toBe(200);
    expect(text.length).toBeGreaterThan(0);
    expect(headers["content-type"]).toMatch(/^application\/json/);
  }
});

test("trap 2: the interface sits at the root of the host", async () => {
  expect((await rig.ask("GET", "/api/v0/services?")).status).toBe(200);
});

test("trap 3: retiring takes the bodies null, {} and none", async () => {
  const bodies = ["null", "{}", undefined];
  for (const body of bodies) {
    const { json } = await rig.ask("POST", "/api/v0/hosts?", { body: { name: "short", meta: {} } });
    const headers = body === undefined ? { "content-type": "application/json" } : {};
    const retired = await rig.ask("POST", `/api/v0/hosts/${json.id}/retire?`, { headers, ...(body === undefined ? {} : { body }) });
    expect(retired.json, String(body)).toEqual({ success: true });
    expect((await hostOf(json.id)).isRetired).toBe(true);
  }
});

test("trap 4: a bare question mark at the end of a path changes nothing, repeated keys are all seen", async () => {
  expect((await rig.ask("GET", `/api/v0/hosts/${id}?`)).status).toBe(200);
  expect((await rig.ask("GET", `/api/v0/hosts/${id}`)).status).toBe(200);
  const two = await rig.ask("GET", "/api/v0/hosts?status=poweroff&status=working&");
  expect(two.json.hosts.map((host: { id: string }) => host.id)).toContain(id);
});

test("trap 5: createdAt is a whole number of seconds that fits 32 bits", async () => {
  const { createdAt } = await hostOf();
  expect(createdAt).toBe(Math.floor(createdAt));
  expect(createdAt).toBeLessThan(2 ** 31);
  expect((await rig.ask("GET", `/api/v0/hosts/${id}?`)).text).toMatch(/"createdAt":\d{10},/);
});

test("trap 6: meta comes back letter by letter, roles is an object", async () => {
  const meta =
    '{"memory":{"total":"1kB"},"cpu":[{"mhz":"2600.000"}],"x":{"b":1.0,"10":1e3,"2":12345678901234567890},"block_device":{},"ユ":"\\u30e6\\u0000"}';
  await rig.ask("PUT", `/api/v0/hosts/${id}?`, { body: `{ "meta" : ${meta} , "name":"trap"}` });
  const { text, json } = await rig.ask("GET", `/api/v0/hosts/${id}?`);
  expect(text).toContain(`"meta":${meta}`);
  expect(json.host.roles).toEqual({});
  expect((await rig.ask("GET", "/api/v0/hosts.json?")).text).toContain(`"meta":${meta}`);
});

describe("trap 8: metadata carries Last-Modified", () => {
  test("on a host, a service and a role, and comes back as it was written", async () => {
    await rig.ask("POST", "/api/v0/services?", { body: { name: "Meta", memo: "m" } });
    await rig.ask("POST", "/api/v0/services/Meta/roles?", { body: { name: "web", memo: "" } });
    for (const owner of [`hosts/${id}`, "services/Meta", "services/Meta/roles/web"]) {
      const path = `/api/v0/${owner}/metadata/rack-1`;
      const document = '{"u":1.0,"z":[1e2,"x"],"a":null}';
      expect((await rig.ask("PUT", `${path}?`, { body: document })).json).toEqual({ success: true });
      const got = await rig.ask("GET", `${path}?`);
      expect(got.text).toBe(document);
      expect(Date.parse(got.headers["last-modified"] ?? "")).toBe(Math.floor(rig.people.clock.now() / 1000) * 1000);
      expect((await rig.ask("GET", `/api/v0/${owner}/metadata?`)).json).toEqual({ metadata: [{ namespace: "rack-1" }] });
      expect((await rig.ask("DELETE", `${path}?`, { headers: { "content-type": "application/json" } })).json).toEqual({ success: true });
      expect((await rig.ask("GET", `${path}?`)).status).toBe(404);
    }
  });

  test("refuses what is no JSON, what is larger than 100 KB and reserved names", async () => {
    const path = `/api/v0/hosts/${id}/metadata/big`;
    expect((await rig.ask("PUT", path, { body: "{nope" })).status).toBe(400);
    expect((await rig.ask("PUT", path, { body: "" })).status).toBe(400);
    const large = await rig.ask("PUT", path, { body: JSON.stringify("x".repeat(101 * 1024)) });
    expect(large.status).toBe(413);
    expect(large.json.error.message).toContain("102400");
    expect((await rig.ask("PUT", `/api/v0/hosts/${id}/metadata/mackerel-x`, { body: "1" })).status).toBe(400);
    expect((await rig.ask("PUT", `/api/v0/hosts/${id}/metadata/a.b`, { body: "1" })).status).toBe(400);
  });
});

test("trap 9: memory.available and memory.swap_used can be asked for, whatever the kernel's names are", async () => {
  const time = rig.now() - 120;
  const values = { "memory.mem_available": 600, "memory.used": 400, "memory.total": 1000, "memory.swap_total": 50, "memory.swap_free": 20 };
  await post(Object.entries(values).map(([name, value]) => ({ hostId: id, name, time, value })));
  for (const [name, value] of [
    ["memory.available", 600],
    ["memory.swap_used", 30],
    ["memory.mem_available", 600],
  ] as const) {
    expect((await rig.ask("GET", `/api/v0/hosts/${id}/metrics?name=${name}&from=${time}&to=${time}`)).json, name).toEqual({
      metrics: [{ time, value }],
    });
  }
  const { json } = await rig.ask(
    "GET",
    `/api/v0/tsdb/latest?hostId=${id}&hostId=nobody&name=memory.swap_used&name=memory.available&name=never`,
  );
  expect(json).toEqual({
    tsdbLatest: { [id]: { "memory.swap_used": { time, value: 30 }, "memory.available": { time, value: 600 }, never: null } },
  });
  expect((await rig.ask("GET", `/api/v0/hosts/${id}/metric-names?`)).json.names).toEqual(
    expect.arrayContaining(["memory.available", "memory.swap_used"]),
  );
});

test("trap 10: cpu% stays between 0 and 100 on a machine of many cores", async () => {
  const time = rig.now() - 180;
  const shares = { user: 130, system: 50, idle: 180, iowait: 40 };
  await post(Object.entries(shares).map(([kind, value]) => ({ hostId: id, name: `cpu.${kind}.percentage`, time, value })));
  const { json } = await rig.ask("GET", `/api/v0/hosts/${id}/metrics?name=${encodeURIComponent("cpu%")}&from=${time}&to=${time}`);
  expect(json.metrics).toHaveLength(1);
  expect(json.metrics[0].value).toBeCloseTo(55, 9);
});

test("trap 11: a retired host is still found, or its agent would die at every start", async () => {
  const { json } = await rig.ask("POST", "/api/v0/hosts?", { body: { name: "old", meta: {}, memo: "kept" } });
  await rig.ask("POST", `/api/v0/hosts/${json.id}/retire?`, { body: "null" });
  const got = await rig.ask("GET", `/api/v0/hosts/${json.id}?`);
  expect(got.status).toBe(200);
  expect(got.json.host).toMatchObject({ isRetired: true, memo: "kept", retiredAt: rig.now() });
  const put = await rig.ask("PUT", `/api/v0/hosts/${json.id}?`, { body: { name: "old", meta: {} } });
  expect(put.status).toBe(400);
  expect(put.json.error.message).toContain("retired");
  expect((await rig.ask("PUT", `/api/v0/hosts/${json.id}/metadata/x?`, { body: "1" })).status).toBe(400);
});

describe("trap 12: DELETE", () => {
  test("without a body may say that it is JSON", async () => {
    await rig.ask("POST", "/api/v0/services?", { body: { name: "Gone", memo: "m" } });
    await rig.ask("POST", "/api/v0/services/Gone/roles?", { body: { name: "web", memo: "w" } });
    const role = await rig.ask("DELETE", "/api/v0/services/Gone/roles/web?", { headers: { "content-type": "application/json" } });
    expect(role.json).toEqual({ name: "web", memo: "w" });
    const service = await rig.ask("DELETE", "/api/v0/services/Gone?", {
      headers: { "content-type": "application/json", "content-length": "0" },
    });
    expect(service.json).toEqual({ name: "Gone", memo: "m", roles: [] });
    expect((await rig.ask("DELETE", "/api/v0/services/Gone?")).status).toBe(404);
  });

  test("of a graph definition has a body", async () => {
    const name = "custom.trap12.graph";
    await rig.ask("POST", "/api/v0/graph-defs/create?", { body: [{ name, unit: "float", metrics: [] }] });
    expect((await rig.ask("DELETE", "/api/v0/graph-defs?", { body: { name } })).json).toEqual({ success: true });
    expect((await rig.ask("DELETE", "/api/v0/graph-defs?", { body: { name } })).status).toBe(400);
  });
});

test("trap 13: interfaces, roleFullnames and checks may be null, on registration and later", async () => {
  const nothing = { interfaces: null, roleFullnames: null, checks: null };
  const { status, json } = await rig.ask("POST", "/api/v0/hosts?", { body: { name: "nil", meta: {}, ...nothing } });
  expect(status).toBe(200);
  const interfaces = [{ name: "eth0", ipAddress: "192.0.2.9", ipv6Address: "fd00::9" }];
  await rig.ask("PUT", `/api/v0/hosts/${json.id}?`, {
    body: { name: "nil", meta: {}, interfaces, roleFullnames: ["Nil: web"], checks: [{ name: "c" }] },
  });
  await rig.ask("PUT", `/api/v0/hosts/${json.id}?`, { body: { name: "nil", meta: {}, ...nothing } });
  const host = await hostOf(json.id);
  expect(host.roles).toEqual({ Nil: ["web"] });
  expect(host.interfaces).toEqual([
    { name: "eth0", ipAddress: "192.0.2.9", ipv6Address: "fd00::9", ipv4Addresses: ["192.0.2.9"], ipv6Addresses: ["fd00::9"] },
  ]);
  const checks = await rig.people.owner.query("select name from inventory_check where host_id = $1", [json.id]);
  expect(checks.rows).toEqual([{ name: "c" }]);
  await rig.ask("PUT", `/api/v0/hosts/${json.id}?`, { body: { name: "nil", meta: {}, interfaces: [], roleFullnames: [], checks: [] } });
  const after = await hostOf(json.id);
  expect(after).toMatchObject({ interfaces: [], roles: { Nil: ["web"] } });
  expect((await rig.people.owner.query("select name from inventory_check where host_id = $1", [json.id])).rows).toEqual([]);
});

test("trap 16: times are whole numbers without an exponent", async () => {
  const time = rig.now() - 240;
  await post([{ hostId: id, name: "trap16", time, value: 2.5 }]);
  const { text } = await rig.ask("GET", `/api/v0/hosts/${id}/metrics?name=trap16&from=${time}&to=${time}`);
  expect(text).toBe(`{"metrics":[{"time":${time},"value":2.5}]}`);
});

test("trap 17: one bad report never costs the others", async () => {
  const report = (extra: object): object => ({
    source: { type: "host", hostId: id },
    name: "c",
    status: "OK",
    message: "",
    occurredAt: rig.now(),
    ...extra,
  });
  const reports = [
    report({ name: "good1" }),
    report({ status: "FINE" }),
    7,
    report({ occurredAt: "yesterday" }),
    report({ name: "good2", status: "WARNING", message: "x\0y" }),
    report({ source: { type: "host", hostId: "nobody" } }),
  ];
  const { status, json } = await rig.ask("POST", "/api/v0/monitoring/checks/report?", { body: { reports } });
  expect(status).toBe(200);
  expect(json.rejected.map((one: { index: number; field: string }) => [one.index, one.field])).toEqual([
    [1, "status"],
    [2, "report"],
    [3, "occurredAt"],
  ]);
  const { rows } = await rig.people.owner.query(
    "select name, status, message from inventory_check where host_id = $1 and name like 'good%' order by name",
    [id],
  );
  expect(rows).toEqual([
    { name: "good1", status: "OK", message: "" },
    { name: "good2", status: "WARNING", message: "x\uFFFDy" },
  ]);
});

test("trap 18: graph definitions outlive a restart, and one bad definition never costs the others", async () => {
  const definitions = [
    {
      name: "custom.trap18.#",
      displayName: "Eighteen",
      unit: "bytes",
      metrics: [{ name: "custom.trap18.#.used", displayName: "%1 used", isStacked: true }],
    },
    { name: "no-custom", unit: "bytes", metrics: [] },
    { name: "custom.trap18.unit", unit: "bananas", metrics: [] },
  ];
  const { status, json } = await rig.ask("POST", "/api/v0/graph-defs/create?", { body: definitions });
  expect(status).toBe(200);
  expect(json.rejected.map((one: { index: number }) => one.index)).toEqual([1, 2]);
  const { rows } = await rig.people.owner.query(
    "select name, display_name, unit from metrics_graph_definition where name like 'custom.trap18%'",
  );
  expect(rows).toEqual([{ name: "custom.trap18.#", display_name: "Eighteen", unit: "bytes" }]);
});

test("trap 19: a list without status shows working and standby hosts only, and every named status widens it", async () => {
  const ids: Record<string, string> = {};
  for (const status of ["working", "standby", "maintenance", "poweroff"]) {
    const { json } = await rig.ask("POST", "/api/v0/hosts?", { body: { name: "nineteen", meta: {} } });
    await rig.ask("POST", `/api/v0/hosts/${json.id}/status?`, { body: { status } });
    ids[status] = json.id;
  }
  const listed = async (query: string): Promise<string[]> => {
    const { json } = await rig.ask("GET", `/api/v0/hosts?name=nineteen${query}`);
    return json.hosts.map((host: { status: string }) => host.status).toSorted();
  };
  expect(await listed("")).toEqual(["standby", "working"]);
  expect(await listed("&status=poweroff")).toEqual(["poweroff"]);
  expect(await listed("&status=poweroff&status=maintenance&status=working&status=standby")).toEqual([
    "maintenance",
    "poweroff",
    "standby",
    "working",
  ]);
  expect((await rig.ask("GET", "/api/v0/hosts?status=asleep")).status).toBe(400);
});

test("trap 20: a connection is kept longer than the minute between two posts", async () => {
  expect(rig.app.server.keepAliveTimeout).toBeGreaterThanOrEqual(75_000);
  const { port } = rig.app.server.address() as AddressInfo; // it listens on a port
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const once = (): Promise<boolean> =>
    new Promise((resolve, reject) => {
      const outgoing = http.get(
        { host: "127.0.0.1", port, path: "/api/v0/services?", agent, headers: { "x-api-key": rig.key } },
        (incoming) => {
          incoming.resume();
          incoming.on("end", () => resolve(outgoing.reusedSocket));
        },
      );
      outgoing.on("error", reject);
    });
  expect(await once()).toBe(false);
  expect(await once()).toBe(true);
  agent.destroy();
});
