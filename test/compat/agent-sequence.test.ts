import { describe, expect, test } from "vitest";
import { withRig } from "#test/inventory-rig";

const rig = withRig();

// The very text that mackerel-agent 0.85.2 sends, with number spellings and key orders that must come back.
const meta =
  '{"agent-name":"mackerel-agent/0.85.2 (Revision abc)","agent-version":"0.85.2","agent-revision":"abc","cpu":[{"core_id":"0","cores":"1","mhz":"2600.000"}],"memory":{"total":"24684096kB","free":"19348048kB"},"kernel":{"name":"Linux","os":"GNU/Linux","release":"6.1"},"block_device":{"vda":{"size":"536870912"}},"filesystem":{"/dev/vda":{"kb_size":264212084,"kb_used":3.0e4,"mount":"/","percent_used":"29%"}}}';
const hostBody = (extra = ""): string =>
  `{"name":"vm","meta":${meta},"interfaces":[{"name":"eth0","macAddress":"02:00:00:00:00:01","ipv4Addresses":["192.0.2.2"],"ipv6Addresses":["fd00::2"]}],"roleFullnames":["My-Service:app"],"checks":[{"name":"okcheck","memo":"memo text"}]${extra}}`;

/** What the Go client does with an answer to something that it sent. */
const isAccepted = (answer: { status: number; text: string }): boolean =>
  answer.status >= 200 && answer.status < 300 && answer.text.length > 0;

describe("an agent without an id file", () => {
  let id = "";

  test("looks for its custom identifier, registers and reads itself back", async () => {
    const looked = await rig.ask(
      "GET",
      "/api/v0/hosts?customIdentifier=i-1&status=working&status=standby&status=maintenance&status=poweroff",
    );
    expect(looked.json).toEqual({ hosts: [] });
    const registered = await rig.ask("POST", "/api/v0/hosts?", { body: hostBody(',"customIdentifier":"i-1"') });
    expect(registered.status).toBe(200);
    id = registered.json.id;
    expect(id).toMatch(/^[0-9A-Za-z]{11}$/);
    const { status, text, json } = await rig.ask("GET", `/api/v0/hosts/${id}?`);
    expect(status).toBe(200);
    expect(json.host).toMatchObject({
      id,
      name: "vm",
      customIdentifier: "i-1",
      status: "working",
      memo: "",
      isRetired: false,
      size: "standard",
      roles: { "My-Service": ["app"] },
      ipAddress: "192.0.2.2",
    });
    expect(json.host.createdAt).toBe(rig.now());
    expect(text).toContain(`"meta":${meta}`);
    const found = await rig.ask(
      "GET",
      "/api/v0/hosts?customIdentifier=i-1&status=working&status=standby&status=maintenance&status=poweroff",
    );
    expect(found.json.hosts.map((host: { id: string }) => host.id)).toEqual([id]);
    expect((await rig.ask("GET", "/api/v0/hosts-by-custom-identifier/i-1?")).json.host.id).toBe(id);
    expect((await rig.ask("GET", "/api/v0/hosts-by-custom-identifier/I-1?")).status).toBe(404);
    expect((await rig.ask("GET", "/api/v0/hosts-by-custom-identifier/I-1?caseInsensitive=true")).json.host.id).toBe(id);
  });

  test("puts its whole description each hour, without a memo, and keeps what it does not name", async () => {
    await rig.ask("PUT", `/api/v0/hosts/${id}?`, { body: { name: "vm", displayName: "disp", memo: "by a person", meta: {} } });
    const put = await rig.ask("PUT", `/api/v0/hosts/${id}?`, { body: hostBody() });
    expect(put.json).toEqual({ id });
    const { host } = (await rig.ask("GET", `/api/v0/hosts/${id}?`)).json;
    expect(host).toMatchObject({ displayName: "disp", memo: "by a person", customIdentifier: "i-1", roles: { "My-Service": ["app"] } });
    expect(host.meta.kernel.name).toBe("Linux");
  });

  test("sends its graph definitions once and then a post every minute", async () => {
    const definitions = [
      {
        name: "custom.nginx.requests",
        displayName: "Requests",
        unit: "integer",
        metrics: [{ name: "custom.nginx.requests.ok", displayName: "OK", isStacked: true }],
      },
    ];
    expect((await rig.ask("POST", "/api/v0/graph-defs/create?", { body: definitions })).json).toEqual({ success: true });
    const time = rig.now() - 60;
    const posted = await rig.ask("POST", "/api/v0/tsdb?", {
      body: [
        { hostId: id, name: "loadavg5", time, value: 0.25 },
        { hostId: id, name: "custom.nginx.requests.ok", time, value: 7 },
        { hostId: id, name: "memory.mem_available", time, value: 1e9 },
      ],
    });
    expect(posted.json).toEqual({ success: true });
    expect(posted.headers["content-type"]).toContain("application/json");
    expect(rig.store.pointsOf(id, "loadavg5")).toEqual([{ time, value: 0.25 }]);
    const read = await rig.ask("GET", `/api/v0/hosts/${id}/metrics?name=loadavg5&from=${time - 60}&to=${time}`);
    expect(read.json).toEqual({ metrics: [{ time, value: 0.25 }] });
    expect((await rig.ask("GET", `/api/v0/hosts/${id}/metric-names?`)).json.names).toContain("custom.nginx.requests.ok");
  });

  test("reports checks, and a report that was posted before changes nothing", async () => {
    const report = {
      source: { type: "host", hostId: id },
      name: "okcheck",
      status: "CRITICAL",
      message: "BAD\n",
      occurredAt: rig.now() - 5,
      maxCheckAttempts: 2,
    };
    expect((await rig.ask("POST", "/api/v0/monitoring/checks/report?", { body: { reports: [report] } })).json).toEqual({ success: true });
    await rig.ask("POST", "/api/v0/monitoring/checks/report?", { body: { reports: [{ ...report, status: "OK", message: "again" }] } });
    const { rows } = await rig.people.owner.query(
      "select status, message, memo, max_check_attempts from inventory_check where host_id = $1",
      [id],
    );
    expect(rows).toEqual([{ status: "CRITICAL", message: "BAD\n", memo: "memo text", max_check_attempts: 2 }]);
  });

  test("changes its status on stop and on start", async () => {
    expect((await rig.ask("POST", `/api/v0/hosts/${id}/status?`, { body: { status: "poweroff" } })).json).toEqual({ success: true });
    expect((await rig.ask("GET", `/api/v0/hosts/${id}?`)).json.host.status).toBe("poweroff");
    expect((await rig.ask("POST", `/api/v0/hosts/${id}/status?`, { body: { status: "working" } })).json).toEqual({ success: true });
  });

  test("retires itself with the body null, and asking again after a lost answer is fine", async () => {
    const first = await rig.ask("POST", `/api/v0/hosts/${id}/retire?`, { body: "null" });
    const again = await rig.ask("POST", `/api/v0/hosts/${id}/retire?`, { body: "null" });
    expect(isAccepted(first) && isAccepted(again)).toBe(true);
    expect((await rig.ask("GET", `/api/v0/hosts/${id}?`)).json.host).toMatchObject({ isRetired: true, roles: { "My-Service": ["app"] } });
    expect((await rig.ask("GET", "/api/v0/hosts?customIdentifier=i-1")).json.hosts).toEqual([]);
    const retired = (await rig.people.acts()).filter((act) => act.verb === "host.retired");
    expect(retired).toHaveLength(1);
  });
});

test("two agents that register with one custom identifier at the same moment become one host", async () => {
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => rig.ask("POST", "/api/v0/hosts?", { body: hostBody(',"customIdentifier":"twin"') })),
  );
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
  expect(new Set(answers.map((answer) => answer.json.id)).size).toBe(1);
  const { rows } = await rig.people.owner.query("select count(*)::int as n from inventory_host where custom_identifier = 'twin'");
  expect(rows).toEqual([{ n: 1 }]);
});

test("many agents that register at once with services that nobody knows create each service and role once", async () => {
  const body = (i: number): object => ({ name: `h${i}`, meta: {}, roleFullnames: ["Fresh:web", "Fresh: db", "Fresh2:web"] });
  const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => rig.ask("POST", "/api/v0/hosts?", { body: body(i) })));
  expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 10 }, () => 200));
  const services = (await rig.ask("GET", "/api/v0/services?")).json.services.filter((one: { name: string }) =>
    one.name.startsWith("Fresh"),
  );
  expect(services).toEqual([
    { name: "Fresh", memo: "", roles: ["db", "web"] },
    { name: "Fresh2", memo: "", roles: ["web"] },
  ]);
});
