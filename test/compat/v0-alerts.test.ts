import { beforeAll, describe, expect, test } from "vitest";
import { minutes } from "#base/duration";
import type { AlertReport } from "#features/incidents";
import { withRig } from "#test/inventory-rig";
import { errorOf, refusal, v0Clients } from "#test/v0-client";

const rig = withRig();
const { v0, reader, writer, prepare } = v0Clients(rig);
let hostId = "";
let count = 0;

beforeAll(async () => {
  await prepare();
  hostId = (await v0.post("/hosts", { name: "web1", meta: {}, roleFullnames: ["Shop:web"] })).json.id;
});

/** An alert of a monitor that nothing else uses; its id. */
async function opened(report: Partial<AlertReport> = {}): Promise<string> {
  const [outcome] = await reported({ origin: { kind: "monitor", id: `mon${(count += 1)}` }, ...report });
  return outcome?.alertId ?? "";
}

function reported(report: Partial<AlertReport>) {
  const { organisationId } = rig.people.first.actor;
  return rig.people.identity.db.tx({ organisationId }, (tx) =>
    rig.incidents.report(tx, rig.people.clock.now(), [
      {
        origin: { kind: "monitor", id: "mon" },
        key: hostId,
        status: "CRITICAL",
        type: "host",
        name: "CPU %",
        message: "CPU % 96.2 > 90",
        value: 96.2,
        hostId,
        ...report,
      },
    ]),
  );
}

describe("GET /alerts", () => {
  test("lists open alerts in the shape of each type, newest first", async () => {
    const host = await opened();
    const connectivity = await opened({ type: "connectivity", name: "connectivity", message: "unreachable" });
    const check = await opened({
      origin: { kind: "check", id: "chk1" },
      type: "check",
      name: "log",
      message: "BAD",
      status: "UNKNOWN",
      detail: { memo: "see the runbook" },
    });
    const external = await opened({ key: "", type: "external", name: "top page", message: "503", value: 1200 });
    const answer = await reader.get("/alerts");
    expect(answer.status).toBe(200);
    const at = rig.now();
    expect(answer.json).toEqual({
      alerts: [
        { id: external, status: "CRITICAL", monitorId: "mon4", type: "external", value: 1200, message: "503", openedAt: at },
        { id: check, status: "UNKNOWN", monitorId: "chk1", type: "check", hostId, message: "BAD", openedAt: at },
        { id: connectivity, status: "CRITICAL", monitorId: "mon2", type: "connectivity", hostId, openedAt: at },
        { id: host, status: "CRITICAL", monitorId: "mon1", type: "host", hostId, value: 96.2, openedAt: at },
      ],
    });
    expect((await writer.get("/alerts")).status).toBe(403);
  });

  test("keeps our own kinds and those of other products to itself", async () => {
    const ping = await opened({ type: "ping" });
    const source = await opened({ origin: { kind: "source", id: "am" }, type: "alertmanager" });
    const ids = (await v0.get("/alerts?withClosed=true")).json.alerts.map((one: { id: string }) => one.id);
    for (const id of [ping, source]) {
      expect(ids).not.toContain(id);
      expect((await v0.get(`/alerts/${id}`)).status).toBe(404);
      expect((await v0.post(`/alerts/${id}/close`, { reason: "" })).status).toBe(404);
    }
  });

  test("pages by nextId, which is there only while more exist", async () => {
    for (let i = 0; i < 5; i += 1) await opened();
    const all: string[] = (await v0.get("/alerts?withClosed=true")).json.alerts.map((one: { id: string }) => one.id);
    const seen: string[] = [];
    let nextId: string | undefined;
    do {
      const page: { alerts: { id: string }[]; nextId?: string } = (
        await v0.get(`/alerts?withClosed=true&limit=2${nextId === undefined ? "" : `&nextId=${nextId}`}`)
      ).json;
      seen.push(...page.alerts.map((one) => one.id));
      nextId = page.nextId;
    } while (nextId !== undefined);
    expect(seen).toEqual(all);
    expect((await v0.get("/alerts?nextId=abc")).json).toEqual({ alerts: [] });
    for (const limit of ["0", "101", "x"]) expect((await v0.get(`/alerts?limit=${limit}`)).status).toBe(400);
  });

  test("shows closed ones only when asked", async () => {
    const id = await opened();
    await v0.post(`/alerts/${id}/close`, { reason: "done" });
    const listed = async (query: string) => (await v0.get(`/alerts${query}`)).json.alerts.some((one: { id: string }) => one.id === id);
    expect([await listed(""), await listed("?withClosed=false"), await listed("?withClosed=true")]).toEqual([false, false, true]);
  });
});

describe("GET /alerts/:id", () => {
  test("answers one alert", async () => {
    const id = await opened();
    expect((await reader.get(`/alerts/${id}`)).json).toMatchObject({ id, status: "CRITICAL", type: "host", hostId });
    expect(refusal(await v0.get("/alerts/none"))).toEqual({ status: 404, message: "There is no alert none." });
  });
});

describe("PUT /alerts/:id", () => {
  test("writes a memo", async () => {
    const id = await opened();
    expect((await v0.put(`/alerts/${id}`, { memo: "計画停電" })).json).toEqual({ id, memo: "計画停電" });
    expect((await v0.get(`/alerts/${id}`)).json.memo).toBe("計画停電");
    expect((await reader.put(`/alerts/${id}`, { memo: "" })).status).toBe(403);
    expect((await v0.put(`/alerts/${id}`, { memo: 1 })).status).toBe(400);
    expect((await v0.put("/alerts/none", { memo: "" })).status).toBe(404);
  });

  test("refuses a memo of more than 80 KB", async () => {
    const id = await opened();
    expect((await v0.put(`/alerts/${id}`, { memo: "x".repeat(80 * 1024) })).status).toBe(200);
    const answer = await v0.put(`/alerts/${id}`, { memo: "x".repeat(80 * 1024 + 1) });
    expect([answer.status, errorOf(answer)]).toEqual([413, "memo: must be at most 80 KB."]);
  });
});

describe("POST /alerts/:id/close", () => {
  test("closes with a reason; an empty one and none are fine, too", async () => {
    const id = await opened();
    await rig.people.clock.advance(minutes(1));
    const answer = await v0.post(`/alerts/${id}/close`, { reason: "known" });
    expect(answer.json).toMatchObject({ id, status: "OK", reason: "known", closedAt: rig.now() });
    expect((await v0.post(`/alerts/${id}/close`, { reason: "again" })).json.reason).toBe("known");
    for (const body of [{ reason: "" }, {}, "null"]) {
      const other = await opened();
      expect((await v0.post(`/alerts/${other}/close`, body)).json).toMatchObject({
        id: other,
        status: "OK",
        reason: "",
        closedAt: rig.now(),
      });
    }
    expect((await reader.post(`/alerts/${id}/close`, {})).status).toBe(403);
  });

  test("writes one entry that names the key, and ends the incident", async () => {
    await rig.people.clock.advance(minutes(6));
    const id = await opened();
    await rig.people.acts();
    await v0.post(`/alerts/${id}/close`, { reason: "x" });
    const acts = await rig.people.acts();
    expect(acts.map((act) => [act.verb, act.actor.split(":")[0]])).toEqual([
      ["alert.closed", "key"],
      ["incident.resolved", "key"],
    ]);
  });
});

describe("GET /alerts/:id/logs", () => {
  test("answers each change, newest first", async () => {
    const origin = { kind: "check", id: "chk-logs" } as const;
    const [outcome] = await reported({ origin, type: "check", name: "log", status: "WARNING", message: "one", detail: { memo: "m" } });
    await reported({ origin, type: "check", name: "log", status: "CRITICAL", message: "two", detail: { memo: "m" } });
    const id = outcome?.alertId ?? "";
    await v0.post(`/alerts/${id}/close`, { reason: "" });
    const { logs } = (await reader.get(`/alerts/${id}/logs`)).json;
    const common = { id: expect.any(String), monitorId: "chk-logs", targetValue: null, createdAt: rig.now() };
    const detail = (message: string) => ({ type: "check", detail: { message, memo: "m" } });
    expect(logs).toEqual([
      { ...common, status: "OK", trigger: "manual", statusDetail: detail("two") },
      { ...common, status: "CRITICAL", trigger: "monitoring", statusDetail: detail("two") },
      { ...common, status: "WARNING", trigger: "monitoring", statusDetail: detail("one") },
    ]);
    const first = (await v0.get(`/alerts/${id}/logs?limit=2`)).json;
    expect(first.nextId).toBe(first.logs[1].id);
    expect((await v0.get(`/alerts/${id}/logs?limit=2&nextId=${first.nextId}`)).json).toEqual({ logs: [logs[2]] });
    expect((await v0.get("/alerts/none/logs")).status).toBe(404);
  });

  test("no longer names a rule that was changed since", async () => {
    const origin = { kind: "monitor", id: "mon-logs" } as const;
    const [outcome] = await reported({ origin, value: 95 });
    const { organisationId } = rig.people.first.actor;
    await rig.people.identity.db.tx({ organisationId }, (tx) => rig.incidents.ruleChanged(tx, rig.people.clock.now(), "mon-logs"));
    await rig.people.clock.advance(minutes(1));
    await reported({ origin, status: "OK", value: 5 });
    const { logs } = (await v0.get(`/alerts/${outcome?.alertId}/logs`)).json;
    expect(logs.map((log: Record<string, unknown>) => [log["status"], log["monitorId"], log["targetValue"], log["statusDetail"]])).toEqual([
      ["OK", "mon-logs", 5, null],
      ["CRITICAL", null, 95, null],
    ]);
  });
});

describe.each([["GET /alert-group-settings"], ["POST /alert-group-settings"]])("%s", () => {
  test("round trips are exact: spelling and presence of keys stay", async () => {
    const written = [
      { name: "bare" },
      { name: "all", memo: "", serviceScopes: ["Shop"], roleScopes: ["Shop: web"], monitorScopes: [], notificationInterval: 60 },
      { name: "close", roleScopes: ["Shop:web"] },
    ];
    const made = [];
    for (const setting of written) made.push((await v0.post("/alert-group-settings", setting)).json);
    expect(made).toEqual(written.map((setting) => ({ id: expect.any(String), ...setting })));
    const listed = (await reader.get("/alert-group-settings")).json.alertGroupSettings;
    expect(listed).toEqual(expect.arrayContaining(made));
    for (const one of made) await v0.del(`/alert-group-settings/${one.id}`);
    expect((await writer.get("/alert-group-settings")).status).toBe(403);
    expect((await reader.post("/alert-group-settings", { name: "x" })).status).toBe(403);
  });
});

describe("wrong alert group settings", () => {
  test.each([
    [{}, "name"],
    [{ name: "x", serviceScopes: ["None"] }, "serviceScopes.0"],
    [{ name: "x", roleScopes: ["Shop:none"] }, "roleScopes.0"],
    [{ name: "x", roleScopes: "Shop:web" }, "roleScopes"],
    [{ name: "x", monitorScopes: ["none"] }, "monitorScopes.0"],
    [{ name: "x", notificationInterval: "1" }, "notificationInterval"],
  ])("%j are refused with the field", async (body, field) => {
    const answer = await v0.post("/alert-group-settings", body);
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toContain(field);
  });
});

describe.each([["GET /alert-group-settings/:id"], ["PUT /alert-group-settings/:id"], ["DELETE /alert-group-settings/:id"]])("%s", () => {
  test("reads, replaces everything, deletes and answers what was", async () => {
    const { id } = (await v0.post("/alert-group-settings", { name: "one", memo: "m", serviceScopes: ["Shop"] })).json;
    const path = `/alert-group-settings/${id}`;
    expect((await reader.get(path)).json).toEqual({ id, name: "one", memo: "m", serviceScopes: ["Shop"] });
    expect((await v0.put(path, { name: "two" })).json).toEqual({ id, name: "two" });
    expect((await v0.get(path)).json).toEqual({ id, name: "two" });
    expect((await reader.put(path, { name: "x" })).status).toBe(403);
    expect((await reader.del(path)).status).toBe(403);
    expect((await v0.del(path)).json).toEqual({ id, name: "two" });
    expect([(await v0.get(path)).status, (await v0.put(path, { name: "x" })).status, (await v0.del(path)).status]).toEqual([404, 404, 404]);
  });

  test("what it named before may be gone when it is written back", async () => {
    await v0.post("/services", { name: "Gone", memo: "" });
    const setting = { name: "one", serviceScopes: ["Gone"] };
    const { id } = (await v0.post("/alert-group-settings", setting)).json;
    await v0.del("/services/Gone");
    expect((await v0.put(`/alert-group-settings/${id}`, setting)).json).toEqual({ id, ...setting });
    await v0.del(`/alert-group-settings/${id}`);
  });
});

test("a host that retires takes its alerts with it", async () => {
  const gone = (await v0.post("/hosts", { name: "gone", meta: {} })).json.id;
  const id = await opened({ key: gone, hostId: gone });
  await v0.post(`/hosts/${gone}/retire`, "null");
  expect((await v0.get(`/alerts/${id}`)).json).toMatchObject({ status: "OK", closedAt: rig.now() });
  expect((await v0.get(`/alerts/${id}/logs`)).json.logs[0].trigger).toBe("hostRetire");
});

test("a service that is deleted takes its own alerts with it, not those of its hosts", async () => {
  await v0.post("/services", { name: "Bye", memo: "" });
  const { rows } = await rig.people.owner.query("select id from inventory_service where name = 'Bye'");
  const own = await opened({ key: "", type: "service", serviceId: rows[0].id, hostId: undefined as unknown as string });
  const host = await opened();
  await v0.del("/services/Bye");
  expect((await v0.get(`/alerts/${own}/logs`)).json.logs[0]).toMatchObject({ status: "OK", trigger: "serviceDelete" });
  expect((await v0.get(`/alerts/${host}`)).json.status).toBe("CRITICAL");
});
