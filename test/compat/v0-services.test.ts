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
  await v0.post("/services", { name: "Shop", memo: "it sells" });
  for (const name of ["web", "db"]) await v0.post("/services/Shop/roles", { name, memo: `memo of ${name}` });
  hostId = (await v0.post("/hosts", { name: "h", meta: {}, roleFullnames: ["Shop:web"] })).json.id;
});

describe("GET /services", () => {
  test("lists services with their memo and the sorted names of their roles", async () => {
    expect((await reader.get("/services")).json.services).toContainEqual({ name: "Shop", memo: "it sells", roles: ["db", "web"] });
  });
});

describe("POST /services", () => {
  test("answers the service, without roles", async () => {
    expect((await v0.post("/services", { name: "My_Service-2", memo: "m" })).json).toEqual({ name: "My_Service-2", memo: "m", roles: [] });
    expect((await v0.post("/services", { name: "Bare" })).json).toEqual({ name: "Bare", memo: "", roles: [] });
  });

  test("answers 400 for a name that is none, 409 for one that is taken, 403 to a key that may only read", async () => {
    for (const name of ["x", "-x", "a b", "a.b", "x".repeat(64), "", 7, null]) {
      expect((await v0.post("/services", { name, memo: "" })).status, String(name)).toBe(400);
    }
    expect((await v0.post("/services", "null")).status).toBe(400);
    expect((await v0.post("/services", { name: "Shop", memo: "" })).status).toBe(409);
    expect((await reader.post("/services", { name: "Other", memo: "" })).status).toBe(403);
  });
});

describe("DELETE /services/:service", () => {
  test("answers its last state, and deletes its roles, metrics and annotations with it", async () => {
    await v0.post("/services", { name: "Gone", memo: "m" });
    await v0.post("/services/Gone/roles", { name: "web", memo: "" });
    await v0.post("/services/Gone/tsdb", [{ name: "a.b", time: rig.now(), value: 1 }]);
    expect((await v0.del("/services/Gone")).json).toEqual({ name: "Gone", memo: "m", roles: ["web"] });
    expect(refusal(await v0.del("/services/Gone"))).toEqual({ status: 404, message: "There is no service Gone." });
    await v0.post("/services", { name: "Gone", memo: "" });
    expect((await v0.get("/services/Gone/roles")).json).toEqual({ roles: [] });
    expect((await v0.get("/services/Gone/metric-names")).json).toEqual({ names: [] });
    expect((await reader.del("/services/Gone")).status).toBe(403);
  });
});

describe("GET /services/:service/roles", () => {
  test("lists names and memos, sorted", async () => {
    expect((await reader.get("/services/Shop/roles")).json).toEqual({
      roles: [
        { name: "db", memo: "memo of db" },
        { name: "web", memo: "memo of web" },
      ],
    });
    expect((await v0.get("/services/Nope/roles")).status).toBe(404);
  });
});

describe("POST /services/:service/roles", () => {
  test("answers the role; 404 without the service, 409 for one that is there, 400 for a wrong name", async () => {
    await v0.post("/services", { name: "More", memo: "" });
    expect((await v0.post("/services/More/roles", { name: "app", memo: "m" })).json).toEqual({ name: "app", memo: "m" });
    expect((await v0.post("/services/More/roles", { name: "app", memo: "m" })).status).toBe(409);
    expect((await v0.post("/services/Nope/roles", { name: "app", memo: "m" })).status).toBe(404);
    expect((await v0.post("/services/More/roles", { name: "a b" })).status).toBe(400);
    expect((await reader.post("/services/More/roles", { name: "db", memo: "" })).status).toBe(403);
  });
});

describe("DELETE /services/:service/roles/:role", () => {
  test("answers its last state; its hosts stay", async () => {
    await v0.post("/services", { name: "Less", memo: "" });
    await v0.post("/services/Less/roles", { name: "app", memo: "m" });
    const { id } = (await v0.post("/hosts", { name: "h", meta: {}, roleFullnames: ["Less:app"] })).json;
    expect((await v0.del("/services/Less/roles/app")).json).toEqual({ name: "app", memo: "m" });
    expect((await v0.get(`/hosts/${id}`)).json.host.roles).toEqual({});
    expect((await v0.del("/services/Less/roles/app")).status).toBe(404);
    expect((await v0.del("/services/Nope/roles/app")).status).toBe(404);
    expect((await reader.del("/services/Shop/roles/web")).status).toBe(403);
  });
});

/** Documents that a host, service or role may have; hosts are made by the test. */
const owners = [
  { path: "/hosts/:id", most: 50, real: () => `/hosts/${hostId}`, missing: "/hosts/nobody" },
  { path: "/services/:service", most: 50, real: () => "/services/Shop", missing: "/services/Nope" },
  { path: "/services/:service/roles/:role", most: 10, real: () => "/services/Shop/roles/web", missing: "/services/Shop/roles/nope" },
];

const document = '{"u":1.0,"z":[1e2,"x"],"a":null}';

for (const { path, most, real, missing } of owners) {
  describe(`PUT ${path}/metadata/:namespace`, () => {
    test("keeps any JSON value up to 100 KB, letter by letter", async () => {
      for (const value of [document, "null", "0", '"text"', "[]", JSON.stringify("x".repeat(102_398))]) {
        expect((await v0.put(`${real()}/metadata/some-thing_1`, value)).json).toEqual(done);
        expect((await v0.get(`${real()}/metadata/some-thing_1`)).text).toBe(value);
      }
      await v0.del(`${real()}/metadata/some-thing_1`);
    });

    test("answers 413 above 100 KB, 400 for what is no JSON or a wrong namespace, 404 for a missing owner", async () => {
      expect((await v0.put(`${real()}/metadata/big`, JSON.stringify("x".repeat(102_399)))).status).toBe(413);
      expect((await v0.put(`${real()}/metadata/a`, "{")).status).toBe(400);
      expect((await v0.put(`${real()}/metadata/a`, "")).status).toBe(400);
      expect((await v0.put(`${real()}/metadata/mackerel`, "1")).status).toBe(400);
      expect((await v0.put(`${real()}/metadata/a%20b`, "1")).status).toBe(400);
      expect((await v0.put(`${missing}/metadata/a`, "1")).status).toBe(404);
      expect((await reader.put(`${real()}/metadata/a`, "1")).status).toBe(403);
    });

    test(`answers 400 for one more than ${most} documents`, async () => {
      for (let at = 0; at < most; at += 1) expect((await v0.put(`${real()}/metadata/n${at}`, "1")).status).toBe(200);
      expect(errorOf(await v0.put(`${real()}/metadata/one-more`, "1"))).toContain(`${most} metadata documents`);
      expect((await v0.put(`${real()}/metadata/n0`, "2")).status).toBe(200);
      for (let at = 0; at < most; at += 1) await v0.del(`${real()}/metadata/n${at}`);
    });
  });

  describe(`GET ${path}/metadata/:namespace`, () => {
    test("says when it was written, without which Mackerel's client fails", async () => {
      await v0.put(`${real()}/metadata/read`, document);
      const got = await reader.get(`${real()}/metadata/read`);
      expect(got.text).toBe(document);
      expect(got.headers["last-modified"]).toBe(new Date(Math.floor(rig.people.clock.now() / 1000) * 1000).toUTCString());
      expect((await v0.get(`${real()}/metadata/none`)).status).toBe(404);
      expect((await v0.get(`${missing}/metadata/read`)).status).toBe(404);
    });
  });

  describe(`GET ${path}/metadata`, () => {
    test("lists the namespaces", async () => {
      await v0.put(`${real()}/metadata/listed`, "1");
      expect((await reader.get(`${real()}/metadata`)).json.metadata).toContainEqual({ namespace: "listed" });
      expect((await v0.get(`${missing}/metadata`)).status).toBe(404);
    });
  });

  describe(`DELETE ${path}/metadata/:namespace`, () => {
    test("deletes it once", async () => {
      await v0.put(`${real()}/metadata/brief`, "1");
      expect((await reader.del(`${real()}/metadata/brief`)).status).toBe(403);
      expect((await v0.del(`${real()}/metadata/brief`)).json).toEqual(done);
      expect((await v0.del(`${real()}/metadata/brief`)).status).toBe(404);
    });
  });
}

test("metadata of a retired host can be read for a week, and never be changed", async () => {
  const { id } = (await v0.post("/hosts", { name: "old", meta: {} })).json;
  await v0.put(`/hosts/${id}/metadata/kept`, document);
  await v0.post(`/hosts/${id}/retire`, "null");
  expect((await v0.get(`/hosts/${id}/metadata/kept`)).status).toBe(200);
  expect((await v0.put(`/hosts/${id}/metadata/kept`, "1")).status).toBe(400);
  expect((await v0.del(`/hosts/${id}/metadata/kept`)).status).toBe(400);
  await rig.people.clock.advance(millis(7 * 86_400_000 + 1000));
  expect((await v0.get(`/hosts/${id}/metadata/kept`)).status).toBe(400);
  expect((await v0.get(`/hosts/${id}/metadata`)).status).toBe(400);
});
