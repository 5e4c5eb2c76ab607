import { beforeAll, describe, expect, test } from "vitest";
import type { Somebody } from "#test/people";
import { withRig } from "#test/inventory-rig";

const rig = withRig();
let id = "";
let readKey = "";
let writeKey = "";
let theirs: Somebody;
let theirKey = "";

beforeAll(async () => {
  id = (await rig.ask("POST", "/api/v0/hosts?", { body: { name: "ours", meta: {}, roleFullnames: ["Shop:web"] } })).json.id;
  readKey = await rig.newKey(rig.people.first, "read");
  writeKey = await rig.newKey(rig.people.first, "write");
  theirs = await rig.people.another("theirs");
  theirKey = await rig.newKey(theirs, "read-write");
});

describe("who may call", () => {
  test("401 without a key, with an unknown key and with a cookie only", async () => {
    for (const key of ["", "no-such-key"]) {
      const answer = await rig.ask("GET", "/api/v0/hosts?", { key, headers: { cookie: "hinoban_session=whatever" } });
      expect(answer.status).toBe(401);
      expect(typeof answer.json.error.message).toBe("string");
    }
  });

  test("403 when a key may only read, and the refusal is in the history", async () => {
    await rig.people.acts();
    expect((await rig.ask("GET", "/api/v0/hosts?", { key: readKey })).status).toBe(200);
    const refused = await rig.ask("POST", `/api/v0/hosts/${id}/retire?`, { key: readKey, body: "null" });
    expect(refused.status).toBe(403);
    expect(refused.json.error.message).toContain("key");
    const acts = await rig.people.acts();
    expect(acts.map((act) => [act.verb, act.object, act.outcome])).toEqual([["permission.refused", `host:${id}`, "refused"]]);
    expect((await rig.ask("POST", "/api/v0/tsdb?", { key: readKey, body: [] })).status).toBe(403);
  });

  test("a key that may only write sets roles, and nothing else", async () => {
    const roles = await rig.ask("PUT", `/api/v0/hosts/${id}/role-fullnames?`, { key: writeKey, body: { roleFullnames: ["Shop:web"] } });
    expect(roles.json).toEqual({ success: true });
    expect((await rig.ask("GET", `/api/v0/hosts/${id}?`, { key: writeKey })).status).toBe(403);
    expect((await rig.ask("POST", `/api/v0/hosts/${id}/status?`, { key: writeKey, body: { status: "standby" } })).status).toBe(403);
  });

  test("404 in the same shape for a path that is none", async () => {
    const answer = await rig.ask("GET", "/api/v0/nothing/here?");
    expect(answer.status).toBe(404);
    expect(typeof answer.json.error.message).toBe("string");
  });

  test("the key may also come as a bearer token", async () => {
    expect((await rig.ask("GET", "/api/v0/hosts?", { key: "", headers: { authorization: `Bearer ${rig.key}` } })).status).toBe(200);
  });
});

describe("another organisation's host", () => {
  test.each([
    ["GET", "", undefined],
    ["PUT", "", { name: "mine now", meta: {} }],
    ["POST", "/status", { status: "poweroff" }],
    ["POST", "/retire", "null"],
    ["PUT", "/role-fullnames", { roleFullnames: [] }],
    ["GET", "/metric-names", undefined],
    ["GET", "/metrics?name=a&from=1&to=2", undefined],
    ["PUT", "/metadata/x", "1"],
    ["GET", "/metadata/x", undefined],
    ["GET", "/metadata", undefined],
  ])("does not exist: %s %s", async (method, path, body) => {
    const answer = await rig.ask(method, `/api/v0/hosts/${id}${path}`, { key: theirKey, ...(body === undefined ? {} : { body }) });
    expect(answer.status).toBe(404);
  });

  test("is left out of lists, bulk acts, check reports and newest values", async () => {
    expect((await rig.ask("GET", "/api/v0/hosts?", { key: theirKey })).json).toEqual({ hosts: [] });
    expect((await rig.ask("GET", "/api/v0/services?", { key: theirKey })).json).toEqual({ services: [] });
    expect((await rig.ask("POST", "/api/v0/hosts/bulk-retire?", { key: theirKey, body: { ids: [id] } })).status).toBe(404);
    const report = { source: { type: "host", hostId: id }, name: "c", status: "CRITICAL", message: "", occurredAt: rig.now() };
    await rig.ask("POST", "/api/v0/monitoring/checks/report?", { key: theirKey, body: { reports: [report] } });
    expect((await rig.people.owner.query("select count(*)::int as n from inventory_check_report")).rows).toEqual([{ n: 0 }]);
    expect((await rig.ask("GET", `/api/v0/tsdb/latest?hostId=${id}&name=loadavg5`, { key: theirKey })).json).toEqual({ tsdbLatest: {} });
    expect((await rig.ask("GET", `/api/v0/hosts/${id}?`)).json.host).toMatchObject({
      status: "working",
      isRetired: false,
      roles: { Shop: ["web"] },
    });
  });
});

describe("bulk acts", () => {
  test("change all or nothing, at most thirty", async () => {
    const more = (await rig.ask("POST", "/api/v0/hosts?", { body: { name: "more", meta: {} } })).json.id;
    const refused = await rig.ask("POST", "/api/v0/hosts/bulk-update-statuses?", {
      body: { ids: [id, more, "nobody"], status: "standby" },
    });
    expect(refused.status).toBe(404);
    expect((await rig.ask("GET", `/api/v0/hosts/${id}?`)).json.host.status).toBe("working");
    expect((await rig.ask("POST", "/api/v0/hosts/bulk-update-statuses?", { body: { ids: [id, more], status: "standby" } })).json).toEqual({
      success: true,
    });
    expect((await rig.ask("GET", `/api/v0/hosts/${more}?`)).json.host.status).toBe("standby");
    const ids = Array.from({ length: 31 }, (_, i) => `h${i}`);
    expect((await rig.ask("POST", "/api/v0/hosts/bulk-retire?", { body: { ids } })).status).toBe(400);
    expect((await rig.ask("POST", "/api/v0/hosts/bulk-retire?", { body: { ids: [more] } })).json).toEqual({ success: true });
    expect((await rig.ask("GET", `/api/v0/hosts/${more}?`)).json.host.isRetired).toBe(true);
  });
});

describe("wrong input", () => {
  test.each([
    ["no JSON", "{", /JSON/],
    ["a list", "[]", /object/],
    ["nothing", "", /object/],
    ["no name", "{}", /name/],
    ["a number as name", '{"name":1,"meta":{}}', /name/],
    ["a text as meta", '{"name":"a","meta":"x"}', /meta/],
    ["a bottomless meta", `{"name":"a","meta":${'{"kernel":'.repeat(70_000)}1${"}".repeat(70_000)}}`, /meta/],
    ["a text as roles", '{"name":"a","meta":{},"roleFullnames":"a:b"}', /roleFullnames/],
    ["a wrong role", '{"name":"a","meta":{},"roleFullnames":["a b"]}', /roleFullnames/],
    ["interfaces that are none", '{"name":"a","meta":{},"interfaces":[1]}', /interfaces/],
    ["checks without a name", '{"name":"a","meta":{},"checks":[{}]}', /checks/],
  ])("%s is refused with the field that is wrong, and nothing is written", async (_name, body, message) => {
    const before = (await rig.people.owner.query("select count(*)::int as n from inventory_host")).rows;
    const answer = await rig.ask("POST", "/api/v0/hosts?", { body });
    expect(answer.status).toBe(400);
    expect(answer.json.error.message).toMatch(message);
    expect((await rig.people.owner.query("select count(*)::int as n from inventory_host")).rows).toEqual(before);
  });

  test("a role that does not exist is refused when roles are replaced", async () => {
    const answer = await rig.ask("PUT", `/api/v0/hosts/${id}/role-fullnames?`, { body: { roleFullnames: ["Shop:nothing"] } });
    expect(answer.status).toBe(400);
    expect(answer.json.error.message).toContain("Shop:nothing");
  });

  test("names outside the rules make no service", async () => {
    for (const name of ["a", "has space", "日本", "-x", "x".repeat(64)]) {
      expect((await rig.ask("POST", "/api/v0/services?", { body: { name, memo: "" } })).status, name).toBe(400);
    }
    expect((await rig.ask("POST", "/api/v0/services?", { body: { name: "Shop", memo: "" } })).status).toBe(409);
  });
});
