import { beforeAll, describe, expect, test } from "vitest";
import { withRig } from "#test/inventory-rig";
import { errorOf, refusal, v0Clients } from "#test/v0-client";

const rig = withRig();
const { v0, reader, prepare } = v0Clients(rig);
const done = { success: true };
let hostId = "";

beforeAll(async () => {
  await prepare();
  hostId = (await v0.post("/hosts", { name: "h", meta: {} })).json.id;
});

const report = (extra: object = {}): object => ({
  source: { type: "host", hostId },
  name: "check",
  status: "OK",
  message: "fine",
  occurredAt: rig.now(),
  ...extra,
});

describe("POST /monitoring/checks/report", () => {
  test("takes all four states and any name, a hundred at once, and Go's null for none", async () => {
    const reports = ["OK", "WARNING", "CRITICAL", "UNKNOWN"].map((status) => report({ name: `mkrwrap-${status} あ "x"`, status }));
    expect((await v0.post("/monitoring/checks/report", { reports })).json).toEqual(done);
    const hundred = Array.from({ length: 100 }, (_, i) => report({ name: `n${i}`, notificationInterval: 30, maxCheckAttempts: 2 }));
    expect((await v0.post("/monitoring/checks/report", { reports: hundred })).json).toEqual(done);
    expect((await v0.post("/monitoring/checks/report", { reports: null })).json).toEqual(done);
  });

  test("answers 400 above a hundred, without a list, and when nothing in it is right; 403 to a key that may only read", async () => {
    const many = Array.from({ length: 101 }, () => report());
    expect(errorOf(await v0.post("/monitoring/checks/report", { reports: many }))).toContain("100");
    expect((await v0.post("/monitoring/checks/report", { reports: {} })).status).toBe(400);
    expect((await v0.post("/monitoring/checks/report", { reports: [report({ status: "FINE" })] })).status).toBe(400);
    expect((await v0.post("/monitoring/checks/report", "null")).status).toBe(400);
    expect((await reader.post("/monitoring/checks/report", { reports: [] })).status).toBe(403);
  });
});

describe("GET /monitoring/checks", () => {
  test("lists checks by id, page by page: the next page begins with nextId", async () => {
    const reports = Array.from({ length: 7 }, (_, i) => report({ name: `paged${i}` }));
    await v0.post("/monitoring/checks/report", { reports });
    const { checks } = (await reader.get("/monitoring/checks")).json;
    const ids = checks.map((check: { id: string }) => check.id);
    expect(ids).toEqual([...ids].toSorted((a: string, b: string) => (a < b ? -1 : 1)));
    const seen: string[] = [];
    const names: string[] = [];
    let nextId: string | undefined;
    do {
      const { json } = await reader.get(`/monitoring/checks?limit=3${nextId === undefined ? "" : `&nextId=${nextId}`}`);
      expect(json.checks.length).toBeLessThanOrEqual(3);
      seen.push(...json.checks.map((check: { id: string }) => check.id));
      names.push(...json.checks.map((check: { name: string }) => check.name));
      nextId = json.nextId;
    } while (nextId !== undefined);
    expect(seen.slice(0, 100)).toEqual(ids);
    expect(new Set(seen).size).toBe(seen.length);
    expect(names).toEqual(expect.arrayContaining(reports.map((_, i) => `paged${i}`)));
  });

  test("answers 400 for a limit outside 1 to 100", async () => {
    for (const limit of ["0", "101", "x", "-1", "1.5"]) expect((await v0.get(`/monitoring/checks?limit=${limit}`)).status, limit).toBe(400);
    expect((await v0.get("/monitoring/checks?limit=100")).status).toBe(200);
  });

  test("leaves out the checks of retired hosts", async () => {
    const { id } = (await v0.post("/hosts", { name: "old", meta: {}, checks: [{ name: "of a retired host" }] })).json;
    await v0.post(`/hosts/${id}/retire`, "null");
    expect((await v0.get("/monitoring/checks")).text).not.toContain("of a retired host");
  });
});

describe("GET /monitoring/checks/:id", () => {
  test("answers one check, and 404 for none", async () => {
    await v0.post("/monitoring/checks/report", { reports: [report({ name: "one" })] });
    const { rows } = await rig.people.owner.query<{ id: string }>("select id from inventory_check where name = 'one'");
    expect((await reader.get(`/monitoring/checks/${rows[0]?.id}`)).json).toEqual({ check: { id: rows[0]?.id, name: "one" } });
    expect(refusal(await v0.get("/monitoring/checks/nothing"))).toEqual({ status: 404, message: "There is no check nothing." });
  });
});
