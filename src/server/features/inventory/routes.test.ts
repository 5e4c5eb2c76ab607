import { beforeAll, describe, expect, test } from "vitest";
import { withRig, type Answer, type Ask } from "#test/inventory-rig";

const rig = withRig();
const org = "/api/v1/orgs/first";
const ask = (method: string, path: string, body?: Ask["body"]): Promise<Answer> =>
  rig.ask(method, `${org}${path}`, body === undefined ? {} : { body });

beforeAll(async () => {
  await ask("POST", "/services", { name: "Shop" });
  await ask("POST", "/services/Shop/roles", { name: "web", memo: "front" });
});

describe("the own interface to hosts", () => {
  test("registers, lists, shows, changes and retires a host", async () => {
    const made = await ask("POST", "/hosts", { name: "router1", customIdentifier: "r-1", status: "standby", roles: ["Shop:web"] });
    expect(made.status, made.text).toBe(200);
    const { id } = made.json;
    expect(made.json).toEqual({
      id,
      connectivity: "never",
      name: "router1",
      customIdentifier: "r-1",
      status: "standby",
      isRetired: false,
      createdAt: rig.people.clock.now(),
      memo: "",
      roles: ["Shop:web"],
      latest: { loadavg5: null, cpuPercent: null, memoryPercent: null },
      interfaces: [],
      meta: {},
    });
    expect((await ask("POST", "/hosts", { name: "again", customIdentifier: "r-1" })).status).toBe(409);
    expect((await ask("PUT", `/hosts/${id}`, { displayName: "入口", memo: "rack 3" })).json).toMatchObject({
      displayName: "入口",
      memo: "rack 3",
    });
    const list = await ask("GET", `/hosts?status=standby&text=${encodeURIComponent("入口")}&service=Shop&role=web&limit=1`);
    expect(list.json).toMatchObject({ total: 1, hosts: [{ id, displayName: "入口" }], counts: { standby: 1, retired: 0 } });
    expect((await ask("POST", `/hosts/${id}/status`, { status: "working" })).json).toEqual({ success: true });
    expect((await ask("PUT", `/hosts/${id}/roles`, { roles: [] })).json).toEqual({ roles: [] });
    expect((await ask("POST", `/hosts/${id}/retire`)).json).toEqual({ success: true });
    expect((await ask("PUT", `/hosts/${id}`, { memo: "x" })).status).toBe(410);
    expect((await ask("GET", `/hosts/${id}`)).json).toMatchObject({ isRetired: true, memo: "rack 3" });
    expect((await ask("GET", "/hosts?retired=only")).json.hosts).toMatchObject([{ id }]);
  });

  test("shows what an agent said about its machine", async () => {
    const body = {
      name: "vm",
      meta: { kernel: { release: "6.1" }, n: 1 },
      interfaces: [{ name: "eth0", macAddress: "02:00", ipv4Addresses: ["192.0.2.2"] }],
    };
    const { id } = (await rig.ask("POST", "/api/v0/hosts?", { body })).json;
    expect((await ask("GET", `/hosts/${id}`)).json).toMatchObject({
      ipAddress: "192.0.2.2",
      meta: body.meta,
      interfaces: [{ name: "eth0", macAddress: "02:00", ipv4Addresses: ["192.0.2.2"], ipv6Addresses: [] }],
    });
  });

  test("pages thousands without losing or repeating one", async () => {
    await rig.people.owner.query(
      `insert into inventory_host (id, organisation_id, name, status, sort_name, search, created_at)
       select 'bulk' || i, $1, 'bulk' || i, 'working', 'bulk' || lpad((i / 2)::text, 8, '0'), 'bulk' || i, i from generate_series(1, 2000) i`,
      [rig.people.first.actor.organisationId],
    );
    for (const sort of ["name", "createdAt", "lastSeen"]) {
      const seen = new Set<string>();
      for (let offset = 0; ; offset += 200) {
        const { json } = await ask("GET", `/hosts?text=bulk&sort=${sort}&order=desc&offset=${offset}&limit=200`);
        expect(json.total).toBe(2000);
        for (const host of json.hosts) seen.add(host.id);
        if (json.hosts.length === 0) break;
      }
      expect(seen.size, sort).toBe(2000);
    }
  });

  test("refuses what is outside the rules, naming the field", async () => {
    for (const [method, path, body, field] of [
      ["POST", "/hosts", { name: "" }, "name"],
      ["POST", "/hosts", { name: "a", roles: ["nope"] }, "roles.0"],
      ["GET", "/hosts?limit=500", undefined, "limit"],
      ["GET", "/hosts?status=asleep", undefined, "status"],
      ["POST", "/hosts/bulk-status", { ids: [], status: "working" }, "ids"],
      ["POST", "/services", { name: "x" }, "name"],
    ] as const) {
      const answer = await ask(method, path, body);
      expect(answer.status, `${path} ${answer.text}`).toBe(400);
      expect(JSON.stringify(answer.json.fields), path).toContain(field);
    }
  });

  test("acts on many hosts at once", async () => {
    const ids = await Promise.all(["b1", "b2"].map(async (name) => (await ask("POST", "/hosts", { name })).json.id as string));
    expect((await ask("POST", "/hosts/bulk-status", { ids: [...ids, "none"], status: "poweroff" })).json).toEqual({
      changed: ids,
      unchanged: [],
      skipped: [{ id: "none", reason: "not-found" }],
    });
    expect((await ask("POST", "/hosts/bulk-roles", { ids, add: ["Shop:web"] })).json).toMatchObject({ changed: ids });
    const members = (await ask("GET", "/services/Shop/roles/web/members")).json;
    expect(members.members.map((member: { name: string; during: unknown[] }) => [member.name, member.during.length])).toEqual(
      expect.arrayContaining([
        ["b1", 1],
        ["b2", 1],
      ]),
    );
    expect((await ask("POST", "/hosts/bulk-retire", { ids })).json).toMatchObject({ changed: ids });
  });
});

describe("the own interface to services", () => {
  test("creates, lists, changes and deletes services and roles", async () => {
    expect((await ask("POST", "/services", { name: "Blog", memo: "m" })).json).toEqual({
      name: "Blog",
      memo: "m",
      hosts: 0,
      createdAt: rig.people.clock.now(),
      roles: [],
    });
    expect((await ask("POST", "/services/Blog/roles", { name: "db" })).json).toMatchObject({ name: "db", hosts: 0 });
    expect((await ask("PUT", "/services/Blog", { memo: "n" })).json).toMatchObject({ memo: "n", roles: [{ name: "db" }] });
    expect((await ask("PUT", "/services/Blog/roles/db", { memo: "x" })).json).toMatchObject({ memo: "x" });
    expect((await ask("GET", "/services?text=blog")).json).toMatchObject({ total: 1, services: [{ name: "Blog" }] });
    expect((await ask("GET", "/services/Blog/roles")).json.roles).toHaveLength(1);
    expect((await ask("DELETE", "/services/Blog/roles/db")).json).toEqual({ success: true });
    expect((await ask("DELETE", "/services/Blog")).json).toEqual({ success: true });
    expect((await ask("GET", "/services/Blog")).status).toBe(404);
  });

  test("keeps metadata as JSON text, spelled as it was written", async () => {
    const { id } = (await ask("POST", "/hosts", { name: "meta" })).json;
    for (const owner of [`/hosts/${id}`, "/services/Shop", "/services/Shop/roles/web"]) {
      const text = '{"id":12345678901234567890,"a":1.0}';
      expect((await ask("PUT", `${owner}/metadata/rack`, { text })).json).toEqual({ success: true });
      expect((await ask("GET", `${owner}/metadata/rack`)).json).toEqual({ namespace: "rack", updatedAt: rig.people.clock.now(), text });
      expect((await ask("GET", `${owner}/metadata`)).json).toMatchObject({ metadata: [{ namespace: "rack", bytes: text.length }] });
      expect((await ask("PUT", `${owner}/metadata/rack`, { text: "{" })).status).toBe(400);
      expect((await ask("DELETE", `${owner}/metadata/rack`)).json).toEqual({ success: true });
    }
  });

  test("lists a host's checks and what they reported", async () => {
    const { id } = (await rig.ask("POST", "/api/v0/hosts?", { body: { name: "checked", meta: {}, checks: [{ name: "disk", memo: "m" }] } }))
      .json;
    expect((await ask("GET", `/hosts/${id}/checks`)).json).toEqual({ checks: [{ name: "disk", memo: "m" }] });
    const report = { source: { type: "host", hostId: id }, name: "disk", status: "WARNING", message: "80%", occurredAt: rig.now() };
    await rig.ask("POST", "/api/v0/monitoring/checks/report?", { body: { reports: [report] } });
    const at = { occurredAt: rig.now() * 1000, receivedAt: rig.people.clock.now() };
    expect((await ask("GET", `/hosts/${id}/checks`)).json).toEqual({
      checks: [{ name: "disk", memo: "m", status: "WARNING", message: "80%", ...at }],
    });
    expect((await ask("GET", `/hosts/${id}/check-reports?name=disk`)).json).toEqual({
      reports: [{ status: "WARNING", message: "80%", ...at }],
    });
  });
});
