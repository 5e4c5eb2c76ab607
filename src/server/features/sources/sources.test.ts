import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { minutes, seconds } from "#base/duration";
import { HinobanError } from "#base/errors";
import { Secret } from "#base/secret";
import { createApp, type Served } from "#http";
import { withIncidents } from "#test/incidents-rig";
import { quietLog } from "#test/quiet-log";
import { createKey } from "#test/verbs";
import type { KeyRights } from "#wire/permissions";
import type { NewSource } from "#wire/sources";
import { createSource } from "./create-source.ts";
import { setOutgoingBeat } from "./outgoing-beat.ts";
import { registerSources } from "./routes.ts";
import { openSources, type Sources } from "./sources.ts";

const rig = withIncidents();
let sources: Sources;
let served: Served;
let key = "";
/** What the other side of the outgoing heartbeat answers, or does not. */
let answer: number | Error = 200;
const asked: string[] = [];
let isSound = true;

beforeAll(async () => {
  const { people } = rig;
  sources = openSources({
    db: people.identity.db,
    clock: people.clock,
    inventory: rig.inventory,
    incidents: rig.incidents,
    outgoing: {
      send: async ({ url }) => {
        asked.push(url);
        if (answer instanceof Error) throw answer;
        return { status: answer, headers: {}, bytes: new Uint8Array(), text: "" };
      },
    },
    isSound: () => isSound,
    serverKey: new Secret("a server key for tests"),
    log: quietLog,
  });
  served = { app: await createApp({ logger: pino({ level: "silent" }), version: "0.0.0", trustProxy: [] }), gate: people.gate };
  await registerSources(served, sources);
  key = await newKey("read-write");
});
afterAll(() => served.app.close());

const newKey = async (rights: KeyRights): Promise<string> =>
  (await createKey(rig.people.identity, rig.people.first.actor, { name: "tests", rights })).secret.reveal();

const usual = { name: "Prometheus", defaultSeverity: "error" } as const;

async function ask(method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: object, by = key) {
  const response = await served.app.inject({
    method,
    url: `/api/v1/orgs/first${path}`,
    headers: { "x-api-key": by },
    ...(body ? { payload: body } : {}),
  });
  return { status: response.statusCode, json: response.json() };
}

async function create(input: Partial<NewSource> & Pick<NewSource, "kind">): Promise<{ id: string; path: string }> {
  const { status, json } = await ask("POST", "/alert-sources", { ...usual, ...input });
  expect(status).toBe(200);
  return { id: json.source.id, path: json.path };
}

const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
  const payload = typeof body === "string" ? body : JSON.stringify(body);
  const response = await served.app.inject({
    method: "POST",
    url: path,
    payload,
    headers: { "content-type": "application/json", ...headers },
  });
  return { status: response.statusCode, json: response.json() };
};

const one = async (id: string) => (await ask("GET", `/alert-sources/${id}`)).json;

const alertmanager = (...alerts: readonly object[]) => ({ version: "4", status: "firing", alerts });
const alert = (fingerprint: string, status: "firing" | "resolved", more: object = {}) => ({
  status,
  fingerprint,
  labels: { alertname: "Down", instance: "web1:9100", severity: "critical" },
  annotations: { summary: `${fingerprint} is down` },
  startsAt: "2026-01-05T00:00:00Z",
  ...more,
});

describe("a source", () => {
  test("is created with an address that is told once, changed, muted and deleted, each with one entry", async () => {
    await rig.people.acts();
    const { id, path } = await create({ kind: "alertmanager" });
    expect(path).toMatch(/^\/in\/[0-9a-f]{40}$/);
    expect(JSON.stringify((await ask("GET", "/alert-sources")).json)).not.toContain(path.slice(4));
    expect((await ask("PUT", `/alert-sources/${id}`, { ...usual, name: "Tokyo" })).json).toMatchObject({ name: "Tokyo", state: "waiting" });
    expect((await ask("PUT", `/alert-sources/${id}`, { ...usual, name: "Tokyo" })).status).toBe(200);
    await ask("POST", `/alert-sources/${id}/mute`, { until: rig.now() + 60_000, reason: "moving" });
    expect(await one(id)).toMatchObject({ state: "muted", muteReason: "moving" });
    await ask("POST", `/alert-sources/${id}/mute`, {});
    await ask("POST", `/alert-sources/${id}/address`);
    await ask("DELETE", `/alert-sources/${id}/address`);
    expect((await ask("DELETE", `/alert-sources/${id}`)).json).toEqual({ success: true });
    expect((await rig.people.acts()).map((act) => act.verb)).toEqual([
      "alert-source.created",
      "alert-source.changed",
      "alert-source.muted",
      "alert-source.unmuted",
      "alert-source.address-renewed",
      "alert-source.address-dropped",
      "alert-source.deleted",
    ]);
  });

  test("is a collaborator's to change and a viewer's to see", async () => {
    const viewer = await rig.people.join(rig.people.first, "viewer");
    const refused = expect.objectContaining({ code: "forbidden" });
    await expect(createSource(sources, viewer.actor, { ...usual, kind: "zabbix" })).rejects.toEqual(refused);
    await expect(setOutgoingBeat(sources, viewer.actor, undefined)).rejects.toEqual(refused);
    const reader = await newKey("read");
    expect((await ask("GET", "/alert-sources", undefined, reader)).status).toBe(200);
    for (const act of ["mute", "address"]) expect((await ask("POST", `/alert-sources/x/${act}`, {}, reader)).status).toBe(403);
  });

  test.each([
    [{ kind: "heartbeat" }, "beat: must say how often"],
    [{ kind: "zabbix", beat: { intervalSeconds: 60, graceSeconds: 0 } }, "beat: is for heartbeats"],
    [{ kind: "zabbix", mapping: { key: "{/a}", name: "n", message: "m" } }, "mapping: is for sources of the kind generic"],
    [{ kind: "generic", mapping: { key: "always", name: "n", message: "m" } }, "mapping.key: must hold a pointer"],
    [{ kind: "zabbix", service: "Nothing" }, "There is no service Nothing."],
  ])("%j is refused and names the field", async (input, problem) => {
    const { status, json } = await ask("POST", "/alert-sources", { ...usual, ...input });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(json.detail).toContain(problem);
  });
});

describe("a message", () => {
  test("opens an alert on the host it names, is repeated without effect, and closes it", async () => {
    const hostId = await rig.host("web1", "Shop:web");
    const { id, path } = await create({ kind: "alertmanager" });
    expect(await post(path, alertmanager(alert("a", "firing"), alert("b", "firing")))).toEqual({
      status: 200,
      json: { effect: "taken", opened: 2, closed: 0 },
    });
    expect(rig.alertChanges.map(({ effect, alert: { hostId: host, severity, message } }) => [effect, host, severity, message])).toEqual([
      ["opened", hostId, "critical", "a is down"],
      ["opened", hostId, "critical", "b is down"],
    ]);
    expect(new Set(rig.alertChanges.map((change) => change.alert.incidentId)).size).toBe(1);
    expect((await post(path, alertmanager(alert("a", "firing")))).json).toEqual({ effect: "repeated", opened: 0, closed: 0 });
    expect(await one(id)).toMatchObject({ state: "ok", openAlerts: 2, lastAt: rig.now() });
    expect((await post(path, alertmanager(alert("a", "resolved"), alert("b", "firing")))).json).toEqual({
      effect: "taken",
      opened: 0,
      closed: 1,
    });
    const { signals } = (await ask("GET", `/alert-sources/${id}/signals`)).json;
    expect(signals.map((signal: { effect: string }) => signal.effect)).toEqual(["taken", "repeated", "taken"]);
    await ask("DELETE", `/alert-sources/${id}`);
    expect(rig.alertChanges.at(-1)).toMatchObject({ effect: "closed", trigger: "monitorDelete", alert: { key: "b" } });
  });

  test("of two peers at once opens one alert", async () => {
    const { id, path } = await create({ kind: "alertmanager" });
    const body = alertmanager(alert("twice", "firing"));
    const answers = await Promise.all([post(path, body), post(path, body)]);
    expect(answers.map(({ json }) => json.effect).toSorted((a, b) => (String(a) < String(b) ? -1 : 1))).toEqual(["repeated", "taken"]);
    expect((await one(id)).openAlerts).toBe(1);
  });

  test("that was overtaken by a newer one closes nothing", async () => {
    const { id, path } = await create({ kind: "alertmanager" });
    await post(path, alertmanager(alert("late", "firing", { startsAt: "2026-01-05T02:00:00Z" })));
    expect((await post(path, alertmanager(alert("late", "resolved", { startsAt: "2026-01-05T01:00:00Z" })))).json).toMatchObject({
      effect: "ignored",
    });
    expect((await one(id)).openAlerts).toBe(1);
  });

  test("may carry the token as a bearer, as Zabbix sends it", async () => {
    const { path } = await create({ kind: "zabbix" });
    const token = path.slice("/in/".length);
    const problem = { event_id: "19", event_value: "1", event_name: "Load", nseverity: "4", host: "db1" };
    expect((await post("/in", problem, { authorization: `Bearer ${token}` })).json).toEqual({ effect: "taken", opened: 1, closed: 0 });
    expect((await post("/in", { ...problem, event_value: "0" }, { authorization: `Bearer ${token}` })).json).toMatchObject({ closed: 1 });
  });

  test("that is not understood is kept, opens an alert of its own and is answered so that the sender does not send it again", async () => {
    const { id, path } = await create({ kind: "mackerel" });
    expect(await post(path, "{ no json")).toEqual({
      status: 202,
      json: { effect: "unread", opened: 1, closed: 0, problem: "the message is not JSON" },
    });
    expect(rig.alertChanges).toMatchObject([{ effect: "opened", alert: { key: "unread", severity: "warning" } }]);
    expect(await one(id)).toMatchObject({ state: "unread", openAlerts: 1 });
    expect((await ask("GET", `/alert-sources/${id}/signals`)).json.signals).toMatchObject([{ effect: "unread", body: "{ no json" }]);
    expect((await post(path, { event: "sample" })).json).toMatchObject({ effect: "test", opened: 0 });
  });

  test("with bytes that no text may hold, and a long one, are kept as far as they can be", async () => {
    const { id, path } = await create({ kind: "generic", mapping: { key: "{/id}", name: "{/n}", message: "{/m}" } });
    expect((await post(path, JSON.stringify({ id: "1", n: "a\u0000b", m: "火".repeat(20_000) }))).status).toBe(200);
    const [signal] = (await ask("GET", `/alert-sources/${id}/signals`)).json.signals;
    expect(signal.isCut).toBe(true);
    expect(Buffer.byteLength(signal.body)).toBeLessThanOrEqual(16_384);
    expect(rig.alertChanges[0]?.alert.message).toHaveLength(1024);
  });

  test("of a muted source opens nothing and says so", async () => {
    const { id, path } = await create({ kind: "alertmanager" });
    await ask("POST", `/alert-sources/${id}/mute`, { until: rig.now() + 60_000 });
    expect((await post(path, alertmanager(alert("m", "firing")))).json).toMatchObject({
      effect: "ignored",
      problem: "the source is muted",
    });
    await rig.people.clock.advance(minutes(2));
    expect((await post(path, alertmanager(alert("m", "firing")))).json).toMatchObject({ effect: "taken" });
  });

  test("to an address that nobody has is refused, and too many guesses are told to wait", async () => {
    const nobody = `/in/${"0".repeat(40)}`;
    expect((await post(nobody, {})).status).toBe(404);
    const answers = [];
    for (let i = 0; i < 70; i += 1) answers.push((await post("/in/short", {})).status);
    expect(answers.at(-1)).toBe(429);
    const { path } = await create({ kind: "alertmanager" });
    expect((await post(path, alertmanager(alert("x", "firing")))).status).toBe(200);
    await rig.people.clock.advance(minutes(2));
  });

  test("reaches the new and the old address until the old one is closed", async () => {
    const { id, path: old } = await create({ kind: "mackerel" });
    const { path } = (await ask("POST", `/alert-sources/${id}/address`)).json;
    expect((await ask("POST", `/alert-sources/${id}/address`)).status).toBe(409);
    for (const address of [old, path]) expect((await post(address, { event: "sample" })).status).toBe(200);
    await ask("DELETE", `/alert-sources/${id}/address`);
    expect((await post(old, { event: "sample" })).status).toBe(404);
    expect((await post(path, { event: "sample" })).status).toBe(200);
    expect((await ask("DELETE", `/alert-sources/${id}/address`)).status).toBe(409);
  });

  test("can be tried before anything is set up", async () => {
    const tried = {
      kind: "generic",
      defaultSeverity: "warning",
      mapping: { key: "{/id}", name: "{/n}", message: "{/m}" },
      body: '{"id":7,"n":"N","m":"M"}',
    };
    expect((await ask("POST", "/alert-sources/try", tried)).json).toEqual({
      items: [{ key: "7", isOpen: true, severity: "warning", name: "N", message: "M" }],
    });
    expect((await ask("POST", "/alert-sources/try", { ...tried, body: "{" })).json).toEqual({
      items: [],
      problem: "the message is not JSON",
    });
  });

  test("with a label that no database holds is taken like any other", async () => {
    const { path } = await create({ kind: "alertmanager" });
    const strange = alert("nul\u0000", "firing", { labels: { alertname: "a\u0000b\ud800", instance: "x\u0000:9100" } });
    expect((await post(path, alertmanager(strange, alert("next", "firing")))).json).toEqual({ effect: "taken", opened: 2, closed: 0 });
  });

  test("cannot fill the memory through a mapping that names it again and again", async () => {
    const mapping = { key: "{/id}", name: "{}".repeat(500), message: "{}".repeat(500) };
    const tried = { kind: "generic", defaultSeverity: "warning", mapping, body: JSON.stringify({ id: "1", text: "x".repeat(200_000) }) };
    const { items } = (await ask("POST", "/alert-sources/try", tried)).json;
    expect(items[0].message.length).toBeLessThanOrEqual(4096);
  });

  test("of ten thousand alerts is taken whole", async () => {
    const { id, path } = await create({ kind: "alertmanager" });
    const alerts = Array.from({ length: 10_000 }, (_, i) =>
      alert(`f${i}`, "firing", { labels: { alertname: `A${i % 5}`, severity: "warning" } }),
    );
    expect((await post(path, alertmanager(...alerts))).json).toEqual({ effect: "taken", opened: 10_000, closed: 0 });
    expect((await one(id)).openAlerts).toBe(10_000);
    const over = alerts.map((each) => ({ ...each, status: "resolved" }));
    expect((await post(path, alertmanager(...over))).json).toEqual({ effect: "taken", opened: 0, closed: 10_000 });
  });
});

describe("a heartbeat", () => {
  const beat = { intervalSeconds: 60, graceSeconds: 30 };
  const call = async (path: string) => (await served.app.inject({ method: "GET", url: path })).statusCode;
  const look = async () => {
    sources.onChange(undefined);
    await sources.settled();
  };
  let stop: () => Promise<void>;
  beforeAll(() => {
    stop = sources.start();
  });
  afterAll(() => stop());

  test("opens nothing before the first one, an alert when one stays away, and closes it when it is back", async () => {
    const { id, path } = await create({ kind: "heartbeat", name: "nightly backup", defaultSeverity: "critical", beat });
    await rig.people.clock.advance(minutes(10));
    await look();
    expect(await one(id)).toMatchObject({ state: "waiting", openAlerts: 0 });
    expect(await call(path)).toBe(200);
    await rig.people.clock.advance(seconds(89));
    await look();
    expect(await one(id)).toMatchObject({ state: "ok", openAlerts: 0 });
    await rig.people.clock.advance(seconds(2));
    await look();
    expect(await one(id)).toMatchObject({ state: "missed", openAlerts: 1 });
    expect(rig.alertChanges.at(-1)).toMatchObject({
      effect: "opened",
      alert: { name: "nightly backup", severity: "critical", type: "heartbeat" },
    });
    await look();
    expect((await one(id)).openAlerts).toBe(1);
    expect(await call(path)).toBe(200);
    expect(await one(id)).toMatchObject({ state: "ok", openAlerts: 0 });
  });

  test("says that a job failed, with what it wrote", async () => {
    const { id, path } = await create({ kind: "heartbeat", name: "job", beat });
    await served.app.inject({ method: "POST", url: `${path}?state=fail`, payload: "exit 3", headers: { "content-type": "text/plain" } });
    expect(rig.alertChanges.at(-1)).toMatchObject({ effect: "opened", alert: { message: "exit 3" } });
    await call(path);
    expect((await one(id)).openAlerts).toBe(0);
  });

  test("that is muted is told of when the mute ends", async () => {
    const { id, path } = await create({ kind: "heartbeat", name: "muted", beat });
    await call(path);
    await ask("POST", `/alert-sources/${id}/mute`, { until: rig.now() + 600_000 });
    await rig.people.clock.advance(minutes(5));
    await look();
    expect((await one(id)).openAlerts).toBe(0);
    await rig.people.clock.advance(minutes(6));
    await look();
    expect(await one(id)).toMatchObject({ state: "missed", openAlerts: 1 });
  });

  test("is not missed while it was our server that did not listen", async () => {
    const { id, path } = await create({ kind: "heartbeat", name: "patient", beat });
    const { listening } = rig.inventory;
    await listening.beat();
    await call(path);
    await stop();
    await rig.people.clock.advance(minutes(10)); // no server ran in this time
    await listening.beat();
    stop = sources.start();
    await look();
    expect((await one(id)).openAlerts).toBe(0);
    for (let i = 0; i < 4; i += 1) {
      await rig.people.clock.advance(seconds(30));
      await listening.beat();
    }
    await look();
    expect((await one(id)).openAlerts).toBe(1);
  });
});

describe("the outgoing heartbeat", () => {
  const url = "https://watcher.example/ping/1";
  const failures = async () => {
    await rig.people.clock.advance(minutes(1));
    await sources.beat();
  };

  test("is sent when it is due, and an alert tells when it does not arrive", async () => {
    const stop = sources.start();
    await stop();
    await ask("PUT", "/outgoing-heartbeat", { beat: { url, intervalSeconds: 60, isEnabled: true } });
    await sources.beat();
    await sources.beat();
    expect(asked).toEqual([url]);
    expect((await ask("GET", "/outgoing-heartbeat")).json).toMatchObject({ beat: { url }, lastAt: rig.now() });
    expect((await ask("GET", "/outgoing-heartbeat", undefined, await newKey("read"))).json.beat.url).toBe("https://watcher.example/…");
    answer = 500;
    await failures();
    answer = new HinobanError("unavailable", "watcher.example does not answer.");
    await failures();
    expect(rig.alertChanges).toEqual([]);
    await failures();
    expect(rig.alertChanges).toMatchObject([{ effect: "opened", alert: { message: expect.stringContaining("does not answer") } }]);
    expect((await ask("GET", "/outgoing-heartbeat")).json.lastError).toBe("watcher.example does not answer.");
    answer = 204;
    await failures();
    expect(rig.alertChanges.at(-1)).toMatchObject({ effect: "closed" });
    const calls = asked.length;
    isSound = false;
    await failures();
    expect(asked, "nobody is called while it is not proved that all works").toHaveLength(calls);
    isSound = true;
    await ask("PUT", "/outgoing-heartbeat", {});
    expect((await ask("GET", "/outgoing-heartbeat")).json).toEqual({});
  });
});
