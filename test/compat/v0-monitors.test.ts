import { beforeAll, describe, expect, test } from "vitest";
import { withRig } from "#test/inventory-rig";
import { errorOf, refusal, v0Clients } from "#test/v0-client";

const rig = withRig();
const { v0, reader, prepare } = v0Clients(rig);

beforeAll(async () => {
  await prepare();
  await v0.post("/hosts", { name: "h", meta: {}, roleFullnames: ["Blog:web", "Blog:db"] });
});

const host = (extra: object = {}): object => ({
  type: "host",
  name: "CPU",
  metric: "cpu%",
  operator: ">",
  warning: 80,
  critical: null,
  ...extra,
});

/** Every type with every key, as Mackerel's documentation shows them; what was written must come back letter by letter. */
const everyMonitor: readonly [string, object][] = [
  [
    "host",
    host({
      memo: "",
      isMute: true,
      notificationInterval: 60,
      duration: 3,
      maxCheckAttempts: 1,
      scopes: ["Blog", "Blog: web"],
      excludeScopes: ["Blog:db"],
    }),
  ],
  ["a host, with nothing that may be left out", host()],
  [
    "connectivity",
    { type: "connectivity", name: "connectivity", memo: "m", alertStatusOnGone: "WARNING", scopes: [], excludeScopes: ["Blog: web"] },
  ],
  [
    "service",
    {
      type: "service",
      name: "4xx",
      service: "Blog",
      metric: "access.4xx",
      operator: ">",
      warning: 50,
      critical: 100,
      duration: 1,
      maxCheckAttempts: 3,
      missingDurationWarning: 360,
      missingDurationCritical: 720,
      notificationInterval: 60,
    },
  ],
  [
    "external",
    {
      type: "external",
      name: "site",
      method: "POST",
      url: "https://user:pass@example.com:8443/a?b=c",
      service: "Blog",
      responseTimeWarning: 5000,
      responseTimeCritical: 10_000,
      responseTimeDuration: 3,
      containsString: "Example",
      maxCheckAttempts: 3,
      certificationExpirationWarning: 90,
      certificationExpirationCritical: 30,
      skipCertificateVerification: true,
      followRedirect: true,
      expectedStatusCode: 200,
      requestBody: "a=1",
      dualstack: "auto",
      headers: [{ name: "Cache-Control", value: "no-cache" }],
    },
  ],
  [
    "expression",
    {
      type: "expression",
      name: "avg",
      expression: 'avg(roleSlots("Blog:web","loadavg5"))',
      operator: "<",
      warning: 5.5,
      critical: -10,
      evaluateBackwardMinutes: 4,
      notificationInterval: 60,
    },
  ],
  [
    "anomalyDetection",
    {
      type: "anomalyDetection",
      name: "odd",
      scopes: ["Blog: web"],
      warningSensitivity: "insensitive",
      criticalSensitivity: "sensitive",
      maxCheckAttempts: 3,
      trainingPeriodFrom: 1_700_000_000,
    },
  ],
  [
    "query",
    {
      type: "query",
      name: "q",
      query: 'container.cpu.utilization{x="y"}',
      legend: "{{x}}",
      operator: ">",
      warning: 70,
      critical: 90,
      evaluateBackwardMinutes: 0,
    },
  ],
];

describe("POST /monitors", () => {
  test.each(everyMonitor)("keeps %s as it was written", async (_name, written) => {
    const made = await v0.post("/monitors", written);
    expect([made.status, made.json]).toEqual([200, { id: made.json.id, ...written }]);
    expect((await reader.get(`/monitors/${made.json.id}`)).json).toEqual({ monitor: made.json });
    expect((await reader.get("/monitors")).json.monitors).toContainEqual(made.json);
    expect((await v0.put(`/monitors/${made.json.id}`, made.json)).json).toEqual(made.json);
    expect((await v0.del(`/monitors/${made.json.id}`)).json).toEqual(made.json);
    expect((await v0.get(`/monitors/${made.json.id}`)).status).toBe(404);
  });

  test("takes what Go's clients write for what is not set, and integers stay integers", async () => {
    const written = { ...host(), duration: 3.0, notificationInterval: null, memo: null, scopes: null, excludeScopes: null, isMute: null };
    const { json } = await v0.post("/monitors", written);
    expect(json).toEqual({ id: json.id, ...host(), duration: 3 });
    const external = { type: "external", name: "u", url: "http://a.example", headers: null, responseTimeWarning: null, service: "" };
    const made = await v0.post("/monitors", external);
    expect(made.json).toEqual({
      id: made.json.id,
      type: "external",
      name: "u",
      url: "http://a.example",
      headers: [{ name: "Cache-Control", value: "no-cache" }],
    });
    for (const { id } of [json, made.json]) await v0.del(`/monitors/${id}`);
  });

  test("names connectivity when nobody did", async () => {
    const { json } = await v0.post("/monitors", { type: "connectivity" });
    expect(json).toEqual({ id: json.id, type: "connectivity", name: "connectivity" });
    await v0.del(`/monitors/${json.id}`);
  });

  test.each([
    ["no type", { ...host(), type: undefined }, "type"],
    ["one of our own types, which Mackerel's clients do not know", { type: "ping", name: "p" }, "type"],
    ["no name", host({ name: "" }), "name"],
    ["no threshold", host({ warning: null }), "warning"],
    ["a rate above 100", host({ warning: 101 }), "warning"],
    ["no operator", host({ operator: undefined }), "operator"],
    ["another operator", host({ operator: ">=" }), "operator"],
    ["a metric that can be none", host({ metric: "a b" }), "metric"],
    ["eleven points", host({ duration: 11 }), "duration"],
    ["eleven attempts", host({ maxCheckAttempts: 11 }), "maxCheckAttempts"],
    ["half a point", host({ duration: 1.5 }), "duration"],
    ["an interval of nine minutes", host({ notificationInterval: 9 }), "notificationInterval"],
    ["a memo that is too long", host({ memo: "x".repeat(2049) }), "memo"],
    ["a service that does not exist", host({ scopes: ["Nobody"] }), "scopes.0"],
    ["a role that does not exist", host({ excludeScopes: ["Blog", "Blog:none"] }), "excludeScopes.1"],
    [
      "missing for 15 minutes",
      { ...host(), type: "service", service: "Blog", metric: "a", missingDurationWarning: 15 },
      "missingDurationWarning",
    ],
    ["a URL that is none", { type: "external", name: "u", url: "ftp://a" }, "url"],
    [
      "a response time without a service",
      { type: "external", name: "u", url: "http://a", responseTimeWarning: 1, responseTimeDuration: 1 },
      "service",
    ],
    [
      "a response time without a duration",
      { type: "external", name: "u", url: "http://a", service: "Blog", responseTimeWarning: 1 },
      "responseTimeDuration",
    ],
    [
      "a header with a line break",
      { type: "external", name: "u", url: "http://a", headers: [{ name: "A", value: "b\r\nC: d" }] },
      "headers.0.value",
    ],
    ["an anomaly of a whole service", { type: "anomalyDetection", name: "a", scopes: ["Blog"], warningSensitivity: "normal" }, "scopes.0"],
    ["an anomaly without sensitivity", { type: "anomalyDetection", name: "a", scopes: ["Blog:web"] }, "warningSensitivity"],
    [
      "a query that looks back too far",
      { type: "query", name: "q", query: "a", operator: ">", warning: 1, evaluateBackwardMinutes: 11 },
      "evaluateBackwardMinutes",
    ],
  ])("refuses %s, and says which field", async (_name, body, field) => {
    const answer = await v0.post("/monitors", body);
    expect(answer.status, answer.text).toBe(400);
    expect(errorOf(answer)).toContain(`${field}:`);
  });
});

describe("GET /monitors", () => {
  test("lists them by type, then by name, and ours not at all", async () => {
    const ids: string[] = [];
    for (const [, monitor] of everyMonitor.toReversed()) ids.push((await v0.post("/monitors", monitor)).json.id);
    const own = await rig.ask("POST", "/api/v1/orgs/first/monitors", {
      body: { settings: { type: "tcp", name: "a port", probe: { kind: "tcp", host: "example.com", port: 22 } } },
    });
    expect(own.status, own.text).toBe(200);
    const { monitors } = (await reader.get("/monitors")).json;
    expect(monitors.map(({ type, name }: { type: string; name: string }) => `${type} ${name}`)).toEqual([
      "anomalyDetection odd",
      "connectivity connectivity",
      "expression avg",
      "external site",
      "host CPU",
      "host CPU",
      "query q",
      "service 4xx",
    ]);
    for (const method of ["GET", "PUT", "DELETE"])
      expect((await rig.ask(method, `/api/v0/monitors/${own.json.id}?`, { body: { type: "host" } })).status, method).toBe(404);
    for (const id of ids) await v0.del(`/monitors/${id}`);
    await rig.ask("DELETE", `/api/v1/orgs/first/monitors/${own.json.id}`);
  });
});

describe("GET /monitors/:id", () => {
  test("is 404 for one that does not exist or is somebody else's", async () => {
    const { json } = await v0.post("/monitors", host());
    const key = await rig.newKey(await rig.people.another("theirs"), "read-write");
    expect((await rig.ask("GET", `/api/v0/monitors/${json.id}`, { key })).status).toBe(404);
    expect((await rig.ask("DELETE", `/api/v0/monitors/${json.id}`, { key })).status).toBe(404);
    expect((await v0.get("/monitors/none")).status).toBe(404);
    await v0.del(`/monitors/${json.id}`);
  });
});

describe("PUT /monitors/:id", () => {
  test("replaces everything: what is left out is as if it had never been set", async () => {
    const { json } = await v0.post("/monitors", host({ isMute: true, scopes: ["Blog"], memo: "m", notificationInterval: 10 }));
    const after = (await v0.put(`/monitors/${json.id}`, host({ name: "New" }))).json;
    expect(after).toEqual({ id: json.id, ...host({ name: "New" }) });
    await v0.del(`/monitors/${json.id}`);
  });

  test("keeps the two keys that Mackerel keeps, and an empty list of headers removes them", async () => {
    const gone = (await v0.post("/monitors", { type: "connectivity", name: "c", alertStatusOnGone: "WARNING" })).json;
    expect((await v0.put(`/monitors/${gone.id}`, { type: "connectivity", name: "c" })).json.alertStatusOnGone).toBe("WARNING");
    const headers = [{ name: "X-A", value: "1" }];
    const site = { type: "external", name: "u", url: "http://a.example" };
    const { id } = (await v0.post("/monitors", { ...site, headers })).json;
    expect((await v0.put(`/monitors/${id}`, site)).json.headers).toEqual(headers);
    expect((await v0.put(`/monitors/${id}`, { ...site, headers: null })).json.headers).toEqual(headers);
    expect((await v0.put(`/monitors/${id}`, { ...site, headers: [] })).json.headers).toEqual([]);
    for (const one of [gone.id, id]) await v0.del(`/monitors/${one}`);
  });

  test("does not make another type of it", async () => {
    const { id } = (await v0.post("/monitors", host())).json;
    const answer = await v0.put(`/monitors/${id}`, { type: "connectivity", name: "c" });
    expect([answer.status, errorOf(answer)]).toEqual([400, "type: cannot change; it is host"]);
    expect((await v0.put("/monitors/none", host())).status).toBe(404);
    await v0.del(`/monitors/${id}`);
  });
});

describe("DELETE /monitors/:id", () => {
  test("is refused to who may only look, as are the other changes", async () => {
    const { id } = (await v0.post("/monitors", host())).json;
    for (const answer of [
      await reader.del(`/monitors/${id}`),
      await reader.put(`/monitors/${id}`, host()),
      await reader.post("/monitors", host()),
    ])
      expect(refusal(answer)).toMatchObject({ status: 403 });
    expect((await v0.del(`/monitors/${id}`)).status).toBe(200);
  });
});

describe("a service that is deleted", () => {
  test("takes rules about its metrics along, and lets go of the response times that others kept there", async () => {
    await v0.post("/services", { name: "Shop", memo: "" });
    const threshold = { operator: ">", warning: 1, critical: null };
    const rule = (await v0.post("/monitors", { type: "service", name: "s", service: "Shop", metric: "a.b", ...threshold })).json;
    const site = { type: "external", name: "u", url: "http://a.example", headers: [] };
    const times = { service: "Shop", responseTimeWarning: 100, responseTimeDuration: 3 };
    const { id } = (await v0.post("/monitors", { ...site, ...times })).json;
    await v0.del("/services/Shop");
    expect((await v0.get(`/monitors/${rule.id}`)).status).toBe(404);
    expect((await v0.get(`/monitors/${id}`)).json.monitor).toEqual({ id, ...site });
    await v0.del(`/monitors/${id}`);
  });
});

describe("GET /hosts/:id/monitored-statuses", () => {
  test("lists rules that watch the host with what they say", async () => {
    const { id: hostId } = (await v0.post("/hosts", { name: "watched", meta: {}, roleFullnames: ["Blog:web"] })).json;
    const load = (await v0.post("/monitors", host({ metric: "loadavg5", warning: 5 }))).json;
    const other = (await v0.post("/monitors", host({ metric: "custom.never.posted", warning: 5 }))).json;
    const gone = (await v0.post("/monitors", { type: "connectivity", name: "c", scopes: ["Blog:web"] })).json;
    const elsewhere = (await v0.post("/monitors", { type: "connectivity", name: "d", scopes: ["Blog:db"] })).json;
    await rig.monitors.engine.rulesOf(rig.people.first.actor.organisationId);
    rig.monitors.onChange({ organisationId: rig.people.first.actor.organisationId, topic: "monitors" });
    await v0.post("/tsdb", [{ hostId, name: "loadavg5", time: rig.now(), value: 9 }]);
    await rig.monitors.settled();
    const { monitoredStatuses } = (await reader.get(`/hosts/${hostId}/monitored-statuses`)).json;
    expect(monitoredStatuses).toEqual([
      { monitorId: gone.id, status: "OK" },
      { monitorId: load.id, status: "WARNING" },
    ]);
    for (const { id } of [load, other, gone, elsewhere]) await v0.del(`/monitors/${id}`);
  });
});
