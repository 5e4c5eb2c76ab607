import { beforeAll, describe, expect, test } from "vitest";
import { withRig } from "#test/inventory-rig";
import { errorOf, refusal, v0Clients } from "#test/v0-client";

const rig = withRig();
const { v0, reader, prepare } = v0Clients(rig);

beforeAll(async () => {
  await prepare();
  await v0.post("/services", { name: "Shop", memo: "" });
  for (const name of ["web", "db"]) await v0.post("/services/Shop/roles", { name, memo: "" });
});

const deploy = (extra: object = {}): object => ({ title: "deploy", from: 1000, to: 2000, service: "Shop", ...extra });
const create = async (extra: object = {}) => v0.post("/graph-annotations", deploy(extra));

describe("POST /graph-annotations", () => {
  test("answers the annotation with its id, and only what was written", async () => {
    const bare = await create();
    expect(bare.status).toBe(200);
    expect(bare.json).toEqual({ id: expect.stringMatching(/^\w{11}$/), ...deploy() });
    const whole = { description: "v1.2\n全台", roles: ["web", "db"] };
    expect((await create(whole)).json).toEqual({ id: expect.any(String), ...deploy(whole) });
    expect((await create({ description: null, roles: null })).json).toEqual({ id: expect.any(String), ...deploy() });
    expect((await create({ description: "", roles: [] })).json).toMatchObject({ description: "", roles: [] });
    expect((await create({ from: 5, to: 5 })).json).toMatchObject({ from: 5, to: 5 });
  });

  test("takes titles of 250 and descriptions of 1,024 characters, counted as people count", async () => {
    expect((await create({ title: "𠮷".repeat(250), description: "𠮷".repeat(1024) })).status).toBe(200);
    expect(refusal(await create({ title: "x".repeat(251) }))).toEqual({ status: 400, message: "title: must have 1 to 250 characters" });
    expect((await create({ description: "x".repeat(1025) })).status).toBe(400);
  });

  test("answers 404 for an unknown service or role", async () => {
    expect(refusal(await create({ service: "Nope" }))).toEqual({ status: 404, message: "There is no service Nope." });
    expect((await create({ roles: ["web", "nope"] })).status).toBe(404);
  });

  test.each([
    ["null", "null", "object"],
    ["no title", { title: null }, "title: must be given"],
    ["no service", { service: null }, "service: must be given"],
    ["no beginning", { from: null }, "from: must be given"],
    ["half a second", { to: 1000.5 }, "to: must be a whole number"],
    ["an end before its beginning", { from: 10, to: 9 }, "to: must not be earlier than from"],
    ["milliseconds", { to: 1_700_000_000_000 }, "to: must be a whole number"],
    ["a text as roles", { roles: "web" }, "roles: must be a list"],
    ["a number as role", { roles: [1] }, "roles.0: must be a text"],
  ])("answers 400 for %s", async (_name, extra, message) => {
    const answer = await v0.post("/graph-annotations", typeof extra === "string" ? extra : deploy(extra));
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toContain(message);
  });

  test("answers 403 to a key that may only read", async () => {
    expect((await reader.post("/graph-annotations", deploy())).status).toBe(403);
  });
});

describe("GET /graph-annotations", () => {
  const list = async (from: number, to: number, service = "Asked"): Promise<string[]> => {
    const { json } = await reader.get(`/graph-annotations?service=${service}&from=${from}&to=${to}`);
    expect(Object.keys(json)).toEqual(["graphAnnotations"]);
    return json.graphAnnotations.map((one: { title: string }) => one.title);
  };

  test("lists all that touch the range, oldest first", async () => {
    await v0.post("/services", { name: "Asked", memo: "" });
    for (const [title, from, to] of [
      ["late", 300, 400],
      ["early", 100, 200],
      ["long", 50, 500],
      ["moment", 250, 250],
    ] as const) {
      await create({ title, from, to, service: "Asked" });
    }
    expect(await list(0, 1000)).toEqual(["long", "early", "moment", "late"]);
    expect(await list(200, 250)).toEqual(["long", "early", "moment"]);
    expect(await list(201, 249)).toEqual(["long"]);
    expect(await list(250, 250)).toEqual(["long", "moment"]);
    expect(await list(501, 9999)).toEqual([]);
    expect(await list(0, 49)).toEqual([]);
  });

  test("needs service, from and to, and answers 404 for an unknown service", async () => {
    expect(refusal(await v0.get("/graph-annotations"))).toMatchObject({ status: 400, message: "service: must be given" });
    expect((await v0.get("/graph-annotations?service=Shop&from=1")).status).toBe(400);
    expect((await v0.get("/graph-annotations?service=Shop&from=x&to=2")).status).toBe(400);
    expect((await v0.get("/graph-annotations?service=Shop&from=3&to=2")).status).toBe(400);
    expect((await v0.get("/graph-annotations?service=Nope&from=1&to=2")).status).toBe(404);
  });

  test("knows nothing of a service that was deleted, nor of its annotations when one of that name comes back", async () => {
    await v0.post("/services", { name: "Short", memo: "" });
    const { id } = (await create({ service: "Short" })).json;
    await v0.del("/services/Short");
    expect((await v0.get("/graph-annotations?service=Short&from=0&to=9999")).status).toBe(404);
    expect((await v0.put(`/graph-annotations/${id}`, deploy())).status).toBe(404);
    expect((await v0.del(`/graph-annotations/${id}`)).status).toBe(404);
    await v0.post("/services", { name: "Short", memo: "" });
    expect((await v0.get("/graph-annotations?service=Short&from=0&to=9999")).json).toEqual({ graphAnnotations: [] });
  });
});

describe("PUT /graph-annotations/:id", () => {
  test("replaces everything and answers the new state", async () => {
    const { id } = (await create({ description: "d", roles: ["web"] })).json;
    const next = { title: "rollback", from: 1, to: 2, service: "Shop", roles: ["db"] };
    expect((await v0.put(`/graph-annotations/${id}`, next)).json).toEqual({ id, ...next });
    const bare = { title: "rollback", from: 1, to: 2, service: "Shop" };
    expect((await v0.put(`/graph-annotations/${id}`, bare)).json).toEqual({ id, ...bare });
    expect((await v0.put(`/graph-annotations/${id}`, bare)).json).toEqual({ id, ...bare });
  });

  test("answers 404 for none and for an unknown service or role, 400 for wrong values", async () => {
    const { id } = (await create()).json;
    expect((await v0.put("/graph-annotations/nothing", deploy())).status).toBe(404);
    expect((await v0.put(`/graph-annotations/${id}`, deploy({ service: "Nope" }))).status).toBe(404);
    expect((await v0.put(`/graph-annotations/${id}`, deploy({ roles: ["nope"] }))).status).toBe(404);
    expect((await v0.put(`/graph-annotations/${id}`, deploy({ from: 3000 }))).status).toBe(400);
    expect((await reader.put(`/graph-annotations/${id}`, deploy())).status).toBe(403);
  });
});

describe("DELETE /graph-annotations/:id", () => {
  test("answers what was there", async () => {
    const made = (await create({ description: "d", roles: ["web"] })).json;
    expect((await reader.del(`/graph-annotations/${made.id}`)).status).toBe(403);
    expect((await v0.del(`/graph-annotations/${made.id}`)).json).toEqual(made);
    expect((await v0.del(`/graph-annotations/${made.id}`)).status).toBe(404);
  });
});
