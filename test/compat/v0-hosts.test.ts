import { beforeAll, describe, expect, test } from "vitest";
import { millis } from "#base/duration";
import { withRig } from "#test/inventory-rig";
import { errorOf, refusal, v0Clients } from "#test/v0-client";

const rig = withRig();
const { v0, reader, writer, prepare } = v0Clients(rig);
const done = { success: true };
let id = "";

const input = {
  name: "vm",
  displayName: "disp",
  customIdentifier: "cid/1 あ",
  memo: "memo",
  meta: { "agent-name": "mackerel-agent/0.85.2 (Revision abc)", memory: { total: "1kB" } },
  interfaces: [{ name: "eth0", macAddress: "02:00:00:00:00:01", ipv4Addresses: ["192.0.2.2"], ipv6Addresses: ["fd00::2"] }],
  roleFullnames: ["My-Service:app"],
  checks: [{ name: "okcheck", memo: "memo text" }],
};

/** Exactly what a client decodes. */
const output = (extra: object = {}): object => ({
  id,
  name: "vm",
  displayName: "disp",
  customIdentifier: "cid/1 あ",
  createdAt: expect.any(Number),
  status: "working",
  memo: "memo",
  isRetired: false,
  size: "standard",
  ipAddress: "192.0.2.2",
  meta: input.meta,
  interfaces: [{ ...input.interfaces[0], ipAddress: "192.0.2.2", ipv6Address: "fd00::2" }],
  roles: { "My-Service": ["app"] },
  ...extra,
});

const newHost = async (extra: object = {}): Promise<string> => (await v0.post("/hosts", { name: "h", meta: {}, ...extra })).json.id;

beforeAll(async () => {
  await prepare();
  id = (await v0.post("/hosts", input)).json.id;
});

describe("POST /hosts", () => {
  test("answers the id alone, and creates unknown services and roles", async () => {
    const made = await v0.post("/hosts", { name: "n", meta: {}, roleFullnames: ["Fresh: web", "Fresh:db"] });
    expect(made.json).toEqual({ id: expect.stringMatching(/^\w{11}$/) });
    const { services } = (await v0.get("/services")).json;
    expect(services).toContainEqual({ name: "Fresh", memo: "", roles: ["db", "web"] });
  });

  test("answers 400 without a name and for wrong roles, 401 without a key, 403 to a key that may only read", async () => {
    expect((await v0.post("/hosts", { meta: {} })).status).toBe(400);
    expect((await v0.post("/hosts", { name: "n", meta: {}, roleFullnames: ["x"] })).status).toBe(400);
    expect((await rig.ask("POST", "/api/v0/hosts?", { key: "", body: {} })).status).toBe(401);
    expect((await reader.post("/hosts", { name: "n", meta: {} })).status).toBe(403);
  });
});

describe("GET /hosts/:id", () => {
  test("answers the host as an agent reads it at its start", async () => {
    expect((await reader.get(`/hosts/${id}`)).json).toEqual({ host: output() });
    const bare = await newHost();
    expect((await v0.get(`/hosts/${bare}`)).json.host).toEqual({
      id: bare,
      name: "h",
      createdAt: rig.now(),
      status: "working",
      memo: "",
      isRetired: false,
      size: "standard",
      meta: {},
      interfaces: [],
      roles: {},
    });
  });

  test("answers 404 for none", async () => {
    expect(refusal(await v0.get("/hosts/nobody"))).toEqual({ status: 404, message: "There is no host nobody." });
  });
});

describe("GET /hosts", () => {
  const names = async (query: string): Promise<string[]> =>
    (await reader.get(`/hosts${query}`)).json.hosts.map((host: { name: string }) => host.name).toSorted();

  test("filters by service, by any of several roles, by name and by custom identifier", async () => {
    for (const [name, role] of [
      ["a", "List:web"],
      ["b", "List:db"],
      ["c", "List:app"],
    ]) {
      await newHost({ name, roleFullnames: [role] });
    }
    expect(await names("?service=List")).toEqual(["a", "b", "c"]);
    expect(await names("?service=List&role=web&role=db")).toEqual(["a", "b"]);
    expect(await names("?name=c")).toEqual(["c"]);
    expect(await names(`?customIdentifier=${encodeURIComponent("cid/1 あ")}`)).toEqual(["vm"]);
    expect(await names("?service=Nope")).toEqual([]);
    expect((await reader.get("/hosts?role=web")).json.hosts.length).toBeGreaterThan(2);
    const { json } = await reader.get("/hosts?name=vm");
    expect(json).toEqual({ hosts: [output()] });
  });

  test("answers 400 for a status that is none", async () => {
    expect((await v0.get("/hosts?status=asleep")).status).toBe(400);
  });
});

describe("GET /hosts.json", () => {
  test("is another name of the list", async () => {
    expect((await reader.get("/hosts.json?name=vm")).json).toEqual({ hosts: [output()] });
  });
});

describe("PUT /hosts/:id", () => {
  test("answers the id, and keeps what is left out", async () => {
    expect((await v0.put(`/hosts/${id}`, { name: "vm", meta: input.meta })).json).toEqual({ id });
    expect((await v0.get(`/hosts/${id}`)).json).toEqual({ host: output() });
    await v0.put(`/hosts/${id}`, {
      name: "vm",
      meta: input.meta,
      memo: "",
      displayName: "",
      roleFullnames: [],
      interfaces: null,
      checks: null,
    });
    expect((await v0.get(`/hosts/${id}`)).json).toEqual({ host: output() });
  });

  test("clears a custom identifier by null and by an empty one", async () => {
    for (const customIdentifier of [null, ""]) {
      const host = await newHost({ customIdentifier: "clear-me" });
      await v0.put(`/hosts/${host}`, { name: "h", meta: {}, customIdentifier });
      expect((await v0.get(`/hosts/${host}`)).json.host.customIdentifier).toBeUndefined();
    }
  });

  test("answers 404 for none, 400 for a retired one, 409 for another's custom identifier, 403 to a key that may only read", async () => {
    expect((await v0.put("/hosts/nobody", { name: "x", meta: {} })).status).toBe(404);
    const other = await newHost();
    expect((await v0.put(`/hosts/${other}`, { name: "h", meta: {}, customIdentifier: input.customIdentifier })).status).toBe(409);
    await v0.post(`/hosts/${other}/retire`, {});
    expect((await v0.put(`/hosts/${other}`, { name: "h", meta: {} })).status).toBe(400);
    expect((await reader.put(`/hosts/${id}`, { name: "vm", meta: {} })).status).toBe(403);
  });
});

describe("GET /hosts-by-custom-identifier/:identifier", () => {
  const by = async (identifier: string, query = "") => reader.get(`/hosts-by-custom-identifier/${encodeURIComponent(identifier)}${query}`);

  test("finds one host, whatever its identifier is spelled with", async () => {
    expect((await by("cid/1 あ")).json).toEqual({ host: output() });
    expect(refusal(await by("CID/1 あ"))).toMatchObject({ status: 404 });
  });

  test("ignores capitals when asked to, and then picks the oldest; never a retired one", async () => {
    const oldest = await newHost({ name: "oldest", customIdentifier: "Same" });
    await rig.people.clock.advance(millis(1000));
    await newHost({ name: "younger", customIdentifier: "SAME" });
    expect((await by("same", "?caseInsensitive=true")).json.host.name).toBe("oldest");
    await v0.post(`/hosts/${oldest}/retire`, "null");
    expect((await by("same", "?caseInsensitive=true")).json.host.name).toBe("younger");
    expect((await by("Same")).status).toBe(404);
  });
});

describe("POST /hosts/:id/status", () => {
  test("sets one of four, and nothing else", async () => {
    const host = await newHost();
    for (const status of ["standby", "maintenance", "poweroff", "working"]) {
      expect((await v0.post(`/hosts/${host}/status`, { status })).json).toEqual(done);
      expect((await v0.get(`/hosts/${host}`)).json.host.status).toBe(status);
    }
    expect(errorOf(await v0.post(`/hosts/${host}/status`, { status: "asleep" }))).toContain("standby");
    expect((await v0.post("/hosts/nobody/status", { status: "working" })).status).toBe(404);
    expect((await writer.post(`/hosts/${host}/status`, { status: "working" })).status).toBe(403);
  });
});

describe("POST /hosts/bulk-update-statuses", () => {
  test("changes up to thirty hosts, or none when one is unknown", async () => {
    const ids = await Promise.all(Array.from({ length: 30 }, () => newHost()));
    expect((await v0.post("/hosts/bulk-update-statuses", { ids, status: "poweroff" })).json).toEqual(done);
    expect((await v0.get(`/hosts/${ids[29]}`)).json.host.status).toBe("poweroff");
    expect((await v0.post("/hosts/bulk-update-statuses", { ids: [ids[0], "nobody"], status: "working" })).status).toBe(404);
    expect((await v0.get(`/hosts/${ids[0]}`)).json.host.status).toBe("poweroff");
    expect((await v0.post("/hosts/bulk-update-statuses", { ids: [...ids, id], status: "working" })).status).toBe(400);
    expect((await v0.post("/hosts/bulk-update-statuses", { ids: null, status: "working" })).status).toBe(400);
    expect((await v0.post("/hosts/bulk-update-statuses", { ids, status: "asleep" })).status).toBe(400);
    expect((await reader.post("/hosts/bulk-update-statuses", { ids, status: "working" })).status).toBe(403);
  });
});

describe("PUT /hosts/:id/role-fullnames", () => {
  test("replaces the roles, with a key that may only write, and takes Go's null for none", async () => {
    await v0.post("/services", { name: "Roles", memo: "" });
    for (const name of ["web", "db"]) await v0.post("/services/Roles/roles", { name, memo: "" });
    const host = await newHost({ roleFullnames: ["Roles:web"] });
    expect((await writer.put(`/hosts/${host}/role-fullnames`, { roleFullnames: ["Roles: db"] })).json).toEqual(done);
    expect((await v0.get(`/hosts/${host}`)).json.host.roles).toEqual({ Roles: ["db"] });
    expect((await writer.put(`/hosts/${host}/role-fullnames`, { roleFullnames: null })).json).toEqual(done);
    expect((await v0.get(`/hosts/${host}`)).json.host.roles).toEqual({});
    expect((await v0.put(`/hosts/${host}/role-fullnames`, { roleFullnames: ["Roles:nope"] })).status).toBe(400);
    expect((await v0.put(`/hosts/${host}/role-fullnames`, { roleFullnames: "Roles:web" })).status).toBe(400);
    expect((await v0.put("/hosts/nobody/role-fullnames", { roleFullnames: [] })).status).toBe(404);
    expect((await reader.put(`/hosts/${host}/role-fullnames`, { roleFullnames: [] })).status).toBe(403);
  });
});

describe("POST /hosts/:id/retire", () => {
  test("retires once and for all, and says the same again", async () => {
    const host = await newHost();
    for (const body of ["null", "{}", ""]) expect((await v0.post(`/hosts/${host}/retire`, body)).json).toEqual(done);
    expect((await v0.get(`/hosts/${host}`)).json.host).toMatchObject({ isRetired: true, retiredAt: rig.now() });
    expect((await v0.post("/hosts/nobody/retire", "null")).status).toBe(404);
    expect((await v0.post(`/hosts/${id}/retire`, "7")).status).toBe(400);
  });
});

describe("POST /hosts/bulk-retire", () => {
  test("retires up to thirty hosts", async () => {
    const ids = [await newHost(), await newHost()];
    expect((await v0.post("/hosts/bulk-retire", { ids })).json).toEqual(done);
    expect((await v0.get(`/hosts/${ids[1]}`)).json.host.isRetired).toBe(true);
    expect((await v0.post("/hosts/bulk-retire", { ids: [id, "nobody"] })).status).toBe(404);
    expect((await v0.post("/hosts/bulk-retire", { ids: Array.from({ length: 31 }, (_, i) => `h${i}`) })).status).toBe(400);
    expect((await v0.post("/hosts/bulk-retire", { ids: [] })).status).toBe(400);
    expect((await reader.post("/hosts/bulk-retire", { ids: [id] })).status).toBe(403);
  });
});

describe("GET /hosts/:id/monitored-statuses", () => {
  test("tells what each check found last, with its memo, and nothing of those that never reported", async () => {
    const report = { source: { type: "host", hostId: id }, name: "flap", status: "CRITICAL", message: "BAD\n", occurredAt: rig.now() };
    await v0.post("/monitoring/checks/report", { reports: [report, { ...report, name: "okcheck", status: "OK", message: "" }] });
    const { json } = await reader.get(`/hosts/${id}/monitored-statuses`);
    expect(Object.keys(json)).toEqual(["monitoredStatuses"]);
    expect(json.monitoredStatuses).toHaveLength(2);
    expect(json.monitoredStatuses).toContainEqual({
      monitorId: expect.any(String),
      status: "CRITICAL",
      detail: { type: "check", message: "BAD\n" },
    });
    expect(json.monitoredStatuses).toContainEqual({
      monitorId: expect.any(String),
      status: "OK",
      detail: { type: "check", message: "", memo: "memo text" },
    });
    expect((await reader.get(`/hosts/${await newHost({ checks: [{ name: "silent" }] })}/monitored-statuses`)).json).toEqual({
      monitoredStatuses: [],
    });
    expect((await v0.get("/hosts/nobody/monitored-statuses")).status).toBe(404);
  });
});
