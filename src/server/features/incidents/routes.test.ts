import { beforeAll, describe, expect, test } from "vitest";
import { minutes } from "#base/duration";
import type { AlertReport } from "#features/incidents";
import { withRig } from "#test/inventory-rig";
import type { Somebody } from "#test/people";

const rig = withRig();
let sato: Somebody;
let reader = "";
let web = "";
let count = 0;

const api = "/api/v1/orgs/first";
const get = (path: string, key?: string) => rig.ask("GET", `${api}${path}`, key === undefined ? {} : { key });
const post = (path: string, body: object, key?: string) =>
  rig.ask("POST", `${api}${path}`, { body, ...(key === undefined ? {} : { key }) });

beforeAll(async () => {
  sato = await rig.people.join(rig.people.first, "collaborator", "sato@example.jp");
  reader = await rig.newKey(rig.people.first, "read");
  web = (await rig.ask("POST", "/api/v0/hosts?", { body: { name: "web1", meta: {}, roleFullnames: ["Shop:web"] } })).json.id;
});

/** Reports alerts of a monitor of their own; the incident of the first. */
async function trouble(...reports: readonly Partial<AlertReport>[]): Promise<{ incidentId: string; alertIds: string[] }> {
  const { organisationId } = rig.people.first.actor;
  const origin = { kind: "monitor", id: `m${(count += 1)}` } as const;
  const base = { origin, status: "CRITICAL", type: "host", name: "CPU", message: "CPU % 96.2 > 90", value: 96.2 } as const;
  const outcomes = await rig.people.identity.db.tx({ organisationId }, (tx) =>
    rig.incidents.report(
      tx,
      rig.people.clock.now(),
      reports.map((one, i) => ({ ...base, key: String(i), ...one })),
    ),
  );
  return { incidentId: outcomes[0]?.incidentId ?? "", alertIds: outcomes.map((one) => one.alertId ?? "") };
}

test("an incident is listed, seen by its id and by its number, with its alerts", async () => {
  const { incidentId, alertIds } = await trouble({ hostId: web }, { hostId: web, name: "Disk", detail: { monitorOperator: ">" } });
  const seen = await get(`/incidents/${incidentId}`);
  expect(seen.json).toMatchObject({
    id: incidentId,
    title: "web1: CPU",
    state: "open",
    severity: "critical",
    openAlerts: 2,
    alerts: 2,
    hosts: [{ id: web, name: "web1" }],
    services: [{ id: expect.any(String), name: "Shop" }],
    isFlapping: false,
    isManual: false,
    mayAct: true,
    members: [
      { id: alertIds[1], name: "Disk", why: "host", host: { id: web, name: "web1" } },
      { id: alertIds[0], name: "CPU", why: "first", value: 96.2 },
    ],
  });
  expect((await get(`/incidents/${seen.json.number}`)).json).toEqual(seen.json);
  expect((await get(`/incidents/${incidentId}`, reader)).json.mayAct).toBe(false);
  expect((await get("/incidents/none")).status).toBe(404);
  expect((await get("/incidents/999999999999")).status).toBe(404);
  const listed = (await get("/incidents", reader)).json;
  expect(listed.incidents[0]).toMatchObject({ id: incidentId, number: seen.json.number });
  expect((await get(`/alerts/${alertIds[1]}`)).json.detail).toEqual({ monitorOperator: ">" });
});

describe("the list", () => {
  test("shows what nobody has before what somebody has before what is over, and counts", async () => {
    const [open, taken, over] = [await trouble({ name: "one" }), await trouble({ name: "two" }), await trouble({ name: "three" })];
    await post(`/incidents/${taken.incidentId}/take`, { person: sato.actor.personId });
    await post(`/incidents/${over.incidentId}/resolve`, {});
    const { incidents, counts, total } = (await get("/incidents?limit=200")).json;
    const place = ({ incidentId }: { incidentId: string }): number => incidents.findIndex((one: { id: string }) => one.id === incidentId);
    expect([place(open) < place(taken), place(taken) < place(over)]).toEqual([true, true]);
    expect(counts).toEqual({
      open: incidents.filter((one: { state: string }) => one.state === "open").length,
      taken: incidents.filter((one: { state: string }) => one.state === "taken").length,
      mine: 0,
    });
    expect(total).toBe(incidents.length);
  });

  test("is narrowed by each filter", async () => {
    const db = (await rig.ask("POST", "/api/v0/hosts?", { body: { name: "db7", meta: {}, roleFullnames: ["Store:db"] } })).json.id;
    const { incidentId } = await trouble({ hostId: db, status: "WARNING", name: "Replication", message: "lag 42 s" });
    await post(`/incidents/${incidentId}/take`, { person: sato.actor.personId });
    const { number } = (await get(`/incidents/${incidentId}`)).json;
    const found = async (query: string): Promise<boolean> => {
      const answer = await get(`/incidents?limit=200&${query}`);
      expect(answer.status, answer.text).toBe(200);
      return answer.json.incidents.some((one: { id: string }) => one.id === incidentId);
    };
    const matching = [
      "state=taken&state=open",
      "severity=warning",
      `responder=${sato.actor.personId}`,
      "service=Store",
      `host=${db}`,
      "text=replication",
      "text=LAG%20db7",
      `text=%23${number}`,
    ];
    for (const query of matching) expect([query, await found(query)]).toEqual([query, true]);
    for (const query of ["state=resolved", "severity=critical", "responder=x", "service=Shop", `host=${web}`, "text=nothing%20db7"])
      expect([query, await found(query)]).toEqual([query, false]);
    expect((await get("/incidents?state=wrong")).status).toBe(400);
    expect((await get("/incidents?mine=true")).status).toBe(400); // a key has none
  });
});

describe("acts", () => {
  test("of a key name the person, and the second is told who was faster", async () => {
    const { incidentId } = await trouble({});
    expect((await post(`/incidents/${incidentId}/take`, {})).status).toBe(400);
    const taken = await post(`/incidents/${incidentId}/take`, { person: sato.actor.personId, via: "console" });
    expect(taken.json).toMatchObject({
      state: "taken",
      responder: { id: sato.actor.personId, name: "Name of sato@example.jp" },
      takenVia: "console",
    });
    const late = await post(`/incidents/${incidentId}/take`, { person: rig.people.first.actor.personId });
    expect([late.status, late.json.detail]).toEqual([409, "Name of sato@example.jp has this incident already."]);
    expect((await post(`/incidents/${incidentId}/take`, {}, reader)).status).toBe(403);
  });

  test("go through a whole life, and the timeline tells it", async () => {
    const { incidentId } = await trouble({ name: "life" });
    const [me, first] = [sato.actor.personId, rig.people.first.actor.personId];
    const act = async (name: string, body: object = {}) => {
      const answer = await post(`/incidents/${incidentId}/${name}`, body);
      expect([name, answer.status, answer.text]).toEqual([name, 200, answer.text]);
      return answer.json;
    };
    await act("decline", { person: first, note: "no" });
    await act("take", { person: me });
    await act("pass", { to: first, from: me });
    await act("release", { note: "shift is over" });
    expect(await act("snooze", { until: rig.people.clock.now() + 60_000 })).toMatchObject({
      snoozedUntil: rig.people.clock.now() + 60_000,
    });
    await act("wake");
    await act("comments", { text: "再起動した" });
    expect(await act("resolve")).toMatchObject({ state: "resolved", resolvedAt: rig.people.clock.now() });
    expect(await act("reopen")).toMatchObject({ state: "open" });
    const { entries, hasMore } = (await get(`/incidents/${incidentId}/timeline?limit=100`, reader)).json;
    expect(entries.map((one: { kind: string }) => one.kind)).toEqual(
      [
        "opened",
        "alerts-joined",
        "declined",
        "taken",
        "passed",
        "released",
        "snoozed",
        "woken",
        "commented",
        "resolved",
        "reopened",
      ].toReversed(),
    );
    expect(hasMore).toBe(false);
    expect(entries[2]).toMatchObject({ kind: "commented", text: "再起動した", via: "api", byName: "agents" });
    expect(entries[7]).toMatchObject({ kind: "taken", person: { id: me, name: "Name of sato@example.jp" } });
    const page = (await get(`/incidents/${incidentId}/timeline?limit=4`)).json;
    expect(page.hasMore).toBe(true);
    expect((await get(`/incidents/${incidentId}/timeline?limit=4&before=${page.entries[3].id}`)).json.entries).toEqual(entries.slice(4, 8));
  });

  test("tidy up: opened by hand, described, split and merged", async () => {
    const opened = (await post("/incidents", { title: "停電", severity: "critical", services: ["Shop"], description: "2 号館" })).json;
    expect(opened).toMatchObject({
      title: "停電",
      isManual: true,
      openAlerts: 0,
      members: [],
      description: "2 号館",
      services: [{ name: "Shop" }],
    });
    const renamed = await rig.ask("PATCH", `${api}/incidents/${opened.id}`, { body: { title: "計画外停電" } });
    expect(renamed.json.title).toBe("計画外停電");
    await rig.people.clock.advance(minutes(6));
    const { incidentId, alertIds } = await trouble({ hostId: web }, { hostId: web });
    const split = (await post(`/incidents/${incidentId}/split`, { alerts: [alertIds[0]] })).json;
    expect([split.incident.openAlerts, split.original.openAlerts]).toEqual([1, 1]);
    const merged = await post(`/incidents/${opened.id}/merge`, { other: split.incident.id });
    expect(merged.json).toMatchObject({ openAlerts: 1, members: [{ id: alertIds[0], why: "merged" }] });
    expect((await get(`/incidents/${split.incident.id}`)).json).toMatchObject({
      state: "resolved",
      mergedInto: { id: opened.id, number: opened.number },
    });
  });
});

test("an alert is listed with its incident, closed with a reason, and its changes are kept", async () => {
  await rig.people.clock.advance(minutes(6));
  const { incidentId, alertIds } = await trouble({ hostId: web });
  await post(`/incidents/${incidentId}/take`, { person: sato.actor.personId });
  const { alerts, open } = (await get(`/alerts?host=${web}`, reader)).json;
  expect(alerts[0]).toMatchObject({
    id: alertIds[0],
    status: "CRITICAL",
    host: { id: web, name: "web1" },
    incident: { id: incidentId, state: "taken", responder: { name: "Name of sato@example.jp" } },
  });
  expect(open.CRITICAL).toBeGreaterThan(0);
  expect((await get(`/alerts?service=Shop&text=cpu%20web1&status=CRITICAL&incident=${incidentId}`)).json.total).toBe(1);
  expect((await get(`/alerts?state=closed&incident=${incidentId}`)).json.total).toBe(0);
  const memo = await rig.ask("PATCH", `${api}/alerts/${alertIds[0]}`, { body: { memo: "m" } });
  expect(memo.json.memo).toBe("m");
  const closed = await post(`/alerts/${alertIds[0]}/close`, { reason: "known" });
  expect(closed.json).toMatchObject({ status: "OK", reason: "known", memo: "m", incident: { state: "resolved" } });
  const { logs, total } = (await get(`/alerts/${alertIds[0]}/logs`)).json;
  expect([total, logs.map((log: { status: string; trigger: string }) => [log.status, log.trigger])]).toEqual([
    2,
    [
      ["OK", "manual"],
      ["CRITICAL", "monitoring"],
    ],
  ]);
  for (const path of ["/alerts/none", "/alerts/none/logs"]) expect((await get(path)).status).toBe(404);
});

test("grouping and dependencies are read and changed", async () => {
  expect((await get("/alerting/grouping", reader)).json).toMatchObject({ windowMinutes: 5, byRole: true, flapCount: 3 });
  expect((await rig.ask("PATCH", `${api}/alerting/grouping`, { body: { windowMinutes: 3 } })).status).toBe(403); // takes a key that administers
  const administrator = await rig.newKey(rig.people.first, "administer");
  const change = (body: object) => rig.ask("PATCH", `${api}/alerting/grouping`, { body, key: administrator });
  expect((await change({ windowMinutes: 3 })).json).toMatchObject({ windowMinutes: 3, byRole: true });
  expect((await change({ windowMinutes: 100_000 })).status).toBe(400);
  const router = (await rig.ask("POST", "/api/v0/hosts?", { body: { name: "router", meta: {} } })).json.id;
  const set = await rig.ask("PUT", `${api}/hosts/${web}/dependencies`, { body: { dependsOn: [router] } });
  const dependencies = [{ host: { id: web, name: "web1" }, dependsOn: { id: router, name: "router" } }];
  expect(set.json).toEqual({ dependencies });
  expect((await get(`/alerting/dependencies?host=${router}`, reader)).json).toEqual({ dependencies, total: 1 });
  expect((await rig.ask("PUT", `${api}/hosts/${router}/dependencies`, { body: { dependsOn: [web] } })).status).toBe(409);
  expect((await rig.ask("PUT", `${api}/hosts/${web}/dependencies`, { body: { dependsOn: [router] }, key: reader })).status).toBe(403);
});

test("another organisation sees none of it", async () => {
  const { incidentId, alertIds } = await trouble({});
  const theirs = await rig.people.another("theirs");
  const key = await rig.newKey(theirs, "read-write");
  const other = "/api/v1/orgs/theirs";
  expect((await rig.ask("GET", `${other}/incidents`, { key })).json.total).toBe(0);
  expect((await rig.ask("GET", `${other}/alerts?state=all`, { key })).json.total).toBe(0);
  for (const path of [`/incidents/${incidentId}`, `/incidents/${incidentId}/timeline`, `/alerts/${alertIds[0]}`])
    expect((await rig.ask("GET", other + path, { key })).status).toBe(404);
  const body = { person: theirs.actor.personId };
  expect((await rig.ask("POST", `${other}/incidents/${incidentId}/take`, { key, body })).status).toBe(404);
  expect((await rig.ask("POST", `${other}/alerts/${alertIds[0]}/close`, { key, body: {} })).status).toBe(404);
});
