import { beforeAll, describe, expect, test } from "vitest";
import { hours, minutes } from "#base/duration";
import { withRig, type Answer } from "#test/inventory-rig";
import { monitorRig } from "#test/monitor-rig";
import type { Actor } from "#http";
import { changeMonitor } from "./change-monitor.ts";
import { copyMonitor } from "./copy-monitor.ts";
import { createMonitor } from "./create-monitor.ts";
import { createMonitors } from "./create-monitors.ts";
import { deleteMonitor } from "./delete-monitor.ts";
import { muteMonitors } from "./mute-monitors.ts";
import { Monitors } from "./monitors.ts";
import { settingsOf } from "./parse.ts";
import { features } from "./training.ts";

const rig = withRig();
const { host, post, rule, remove, alerts } = monitorRig(rig);
const clock = rig.people.clock;
let owner: Actor;
let viewer: Actor;
let stranger: Actor;
const org = "/api/v1/orgs/first";
const own = (method: string, path: string, body?: object): Promise<Answer> =>
  rig.ask(method, org + path, body === undefined ? {} : { body });

beforeAll(async () => {
  owner = rig.people.first.actor;
  viewer = (await rig.people.join(rig.people.first, "viewer")).actor;
  stranger = (await rig.people.another("theirs")).actor;
});

const load = (extra: object = {}) =>
  settingsOf({ type: "host", name: "load", metric: "loadavg5", operator: ">", warning: 5, critical: null, ...extra }, "own");

describe("a monitor", () => {
  test("is created, changed, muted, copied and deleted by one act each; the same again is none", async () => {
    await rig.people.acts();
    const made = await createMonitor(rig.monitors, owner, load());
    const changed = await changeMonitor(rig.monitors, owner, { id: made.id, settings: () => load({ warning: 7 }), basedOn: 1 });
    await changeMonitor(rig.monitors, owner, { id: made.id, settings: () => load({ warning: 7 }) });
    expect(changed.version).toBe(2);
    expect(await muteMonitors(rig.monitors, owner, [made.id, "none"], true)).toBe(1);
    expect(await muteMonitors(rig.monitors, owner, [made.id], true)).toBe(0);
    expect(await muteMonitors(rig.monitors, owner, [made.id], false)).toBe(1);
    const copy = await copyMonitor(rig.monitors, owner, made.id);
    expect(copy.settings).toMatchObject({ name: "load (2)", isMute: true, warning: 7 });
    await deleteMonitor(rig.monitors, owner, made.id);
    await deleteMonitor(rig.monitors, owner, copy.id);
    const acts = await rig.people.acts();
    expect(acts.map(({ verb, object }) => `${verb} ${object === `monitor:${copy.id}` ? "copy" : "made"}`)).toEqual([
      "monitor.created made",
      "monitor.changed made",
      "monitor.muted made",
      "monitor.unmuted made",
      "monitor.created copy",
      "monitor.deleted made",
      "monitor.deleted copy",
    ]);
    expect(acts[1]?.detail["fields"]).toEqual(["warning"]);
  });

  test("is not a viewer's to change, nor another organisation's to know", async () => {
    const made = await createMonitor(rig.monitors, owner, load());
    const refused = { code: "forbidden", facts: { permission: "monitor.change" } };
    const change = { id: made.id, settings: () => load() };
    await expect(createMonitor(rig.monitors, viewer, load())).rejects.toMatchObject(refused);
    await expect(createMonitors(rig.monitors, viewer, [load()])).rejects.toMatchObject(refused);
    await expect(changeMonitor(rig.monitors, viewer, change)).rejects.toMatchObject(refused);
    await expect(muteMonitors(rig.monitors, viewer, [made.id], true)).rejects.toMatchObject(refused);
    await expect(copyMonitor(rig.monitors, viewer, made.id)).rejects.toMatchObject(refused);
    await expect(deleteMonitor(rig.monitors, viewer, made.id)).rejects.toMatchObject(refused);
    await expect(changeMonitor(rig.monitors, stranger, change)).rejects.toMatchObject({ code: "not-found" });
    await expect(deleteMonitor(rig.monitors, stranger, made.id)).rejects.toMatchObject({ code: "not-found" });
    expect(await muteMonitors(rig.monitors, stranger, [made.id], true)).toBe(0);
    await deleteMonitor(rig.monitors, owner, made.id);
  });

  test("that somebody else changed meanwhile is not overwritten by whoever says what they saw", async () => {
    const made = await createMonitor(rig.monitors, owner, load());
    await changeMonitor(rig.monitors, owner, { id: made.id, settings: () => load({ warning: 6 }), basedOn: made.version });
    const late = { id: made.id, settings: () => load({ warning: 8 }), basedOn: made.version };
    await expect(changeMonitor(rig.monitors, owner, late)).rejects.toMatchObject({ code: "conflict", facts: { version: 2 } });
    await deleteMonitor(rig.monitors, owner, made.id);
  });

  test("is made from templates once, however often somebody asks", async () => {
    const templates = ["cpu", "memory", "disk", "swap", "connectivity"];
    const first = await own("POST", "/monitors/templates", { templates });
    expect(first.json.monitors.map(({ settings }: { settings: { name: string } }) => settings.name)).toEqual([
      "CPU %",
      "Memory %",
      "Filesystem %",
      "Swap %",
      "connectivity",
    ]);
    expect((await own("POST", "/monitors/templates", { templates })).json.monitors).toEqual([]);
    for (const { id } of first.json.monitors) await own("DELETE", `/monitors/${id}`);
  });
});

describe("the own interface", () => {
  test("lists monitors with what they say, by text, type and state", async () => {
    const web = await host("listed", "Shop:web");
    await post(web, { "custom.list.a": 1 });
    const bad = await rule({ ...load({ metric: "custom.list.a", name: "is bad", memo: "zebra" }) });
    const fine = await rule({ ...load({ metric: "custom.list.a", name: "is fine", warning: 100, isMute: true }) });
    await clock.advance(minutes(1));
    await post(web, { "custom.list.a": 9 });
    const { json } = await own("GET", "/monitors?text=is%20");
    expect(json).toMatchObject({ total: 2, counts: { all: 2, bad: 1, muted: 1 } });
    expect(json.monitors).toMatchObject([
      { id: bad, status: "WARNING", targets: 1, bad: 1 },
      { id: fine, status: "OK", targets: 1, bad: 0 },
    ]);
    expect((await own("GET", "/monitors?show=bad")).json.monitors).toMatchObject([{ id: bad }]);
    expect((await own("GET", "/monitors?show=muted&text=is")).json.monitors).toMatchObject([{ id: fine }]);
    expect((await own("GET", "/monitors?text=ZEBRA")).json.total).toBe(1);
    expect((await own("GET", "/monitors?type=ping")).json.total).toBe(0);
    const detail = (await own("GET", `/monitors/${bad}`)).json;
    expect(detail.targetList).toMatchObject([{ key: web, hostId: web, name: "listed", status: "WARNING", message: "is bad 9 > 5" }]);
    expect((await own("GET", `/hosts/${web}/monitors`)).json.monitors).toMatchObject([{ id: bad, status: "WARNING" }, { id: fine }]);
    for (const id of [bad, fine]) await remove(id);
  });

  test("tells of an unsaved rule when it would have fired, and on which hosts", async () => {
    const [first, second] = [await host("previewed-1", "Pre:view"), await host("previewed-2", "Pre:view")];
    const start = rig.now();
    for (let i = 0; i < 60; i++) {
      const time = start - (60 - i) * 60;
      const body = [
        { hostId: first, name: "custom.pre.view", time, value: i >= 10 && i < 20 ? 50 : 1 },
        { hostId: second, name: "custom.pre.view", time, value: i === 30 ? 50 : 1 },
      ];
      await rig.ask("POST", "/api/v0/tsdb?", { body });
    }
    const settings = {
      type: "host",
      metric: "custom.pre.view",
      operator: ">",
      warning: 10,
      critical: 90,
      duration: 1,
      scopes: ["Pre:view"],
    };
    const { json } = await own("POST", "/monitors/preview", { settings });
    expect(json).toMatchObject({ targets: 2, judged: 2, fired: 2, days: 7 });
    expect(json.firings).toMatchObject([
      { name: "previewed-2", status: "WARNING", value: 50, from: (start - 30 * 60) * 1000, to: (start - 29 * 60) * 1000 },
      { name: "previewed-1", status: "WARNING", value: 50, from: (start - 50 * 60) * 1000, to: (start - 40 * 60) * 1000 },
    ]);
    expect(json.graph.values.filter((value: number | null) => value !== null).length).toBeGreaterThan(1);
    expect((await own("POST", "/monitors/preview", { settings: { ...settings, maxCheckAttempts: 3 } })).json.fired).toBe(1);
    expect((await own("POST", "/monitors/preview", { settings: { ...settings, metric: "" } })).json.unavailable).toBe("incomplete");
    expect((await own("POST", "/monitors/preview", { settings: { ...settings, metric: "never" } })).json.unavailable).toBe("no-data");
    expect((await own("POST", "/monitors/preview", { settings: { type: "connectivity" } })).json.unavailable).toBe("type");
    const expression = {
      type: "expression",
      operator: ">",
      warning: 10,
      critical: null,
      expression: `max(role(Pre:view, custom.pre.view))`,
    };
    expect((await own("POST", "/monitors/preview", { settings: expression })).json).toMatchObject({ fired: 2, targets: 1 });
    const wrong = { ...expression, expression: "avg(" };
    expect((await own("POST", "/monitors/preview", { settings: wrong })).json).toMatchObject({ unavailable: "expression" });
  });

  test("makes no rule that would never be judged", async () => {
    const query = { type: "query", name: "q", query: "up", operator: ">", warning: 1 };
    const answer = await own("POST", "/monitors", { settings: query });
    expect([answer.status, answer.json.fields[0].field]).toEqual([400, "type"]);
  });
});

describe("a server that begins again", () => {
  test("judges points that nobody judged, and knows what was said before", async () => {
    const metric = "custom.begins.swept";
    const watched = await host("swept");
    await post(watched, { [metric]: 1 });
    const id = await rule(load({ metric }));
    // Points that became durable just before the process died: nobody was told.
    await clock.advance(minutes(1));
    const ref = rig.store.seriesOf(watched, metric);
    const columns = { count: 1, series: Uint32Array.of(ref), times: Uint32Array.of(rig.now()), values: Float64Array.of(9) };
    await rig.store.append(columns);
    const again = new Monitors(parts());
    await again.engine.sweep(owner.organisationId);
    await again.settled();
    expect((await alerts(id)).filter((alert) => alert.isOpen)).toMatchObject([{ key: watched, status: "WARNING" }]);
    await again.engine.sweep(owner.organisationId);
    await again.settled();
    expect(await alerts(id)).toHaveLength(1);
    await remove(id);
  });

  test("keeps verdicts while the database is away, and writes them when it is back", async () => {
    const metric = "custom.begins.patient";
    const watched = await host("patient");
    await post(watched, { [metric]: 1 });
    const id = await rule(load({ metric }));
    let isAway = false;
    const { db } = rig.people.identity;
    const errors: unknown[] = [];
    const flaky: typeof db = { ...db, tx: (scope, work) => (isAway ? Promise.reject(new Error("away")) : db.tx(scope, work)) };
    const again = new Monitors({ ...parts(), db: flaky, onError: (error) => errors.push(error) });
    await again.engine.rulesOf(owner.organisationId);
    isAway = true;
    await clock.advance(minutes(1));
    const ref = rig.store.seriesOf(watched, metric);
    const columns = { count: 1, series: Uint32Array.of(ref), times: Uint32Array.of(rig.now()), values: Float64Array.of(9) };
    await rig.store.append(columns);
    again.engine.appended(owner.organisationId, columns, [watched]);
    await again.settled();
    expect([errors.length > 0, await alerts(id)]).toEqual([true, []]);
    isAway = false;
    await clock.advance(minutes(1));
    await again.settled();
    expect(await alerts(id)).toMatchObject([{ key: watched, status: "WARNING", isOpen: true }]);
    await remove(id);
  });

  function parts() {
    const { inventory, metrics, downtimes, incidents } = rig;
    return {
      db: rig.people.identity.db,
      clock,
      inventory,
      metrics,
      downtimes,
      incidents,
      onError: (error: unknown) => expect(error).toBeUndefined(),
    };
  }
});

test("an anomaly detection is silent while it learns, then tells which host is odd and in what", async () => {
  const hosts = [await host("odd-1", "Odd:web"), await host("odd-2", "Odd:web")];
  const names = ["loadavg5", "cpu.user.percentage", "memory.used"];
  /** One point of each metric, `ago` minutes old. */
  const postAll = async (factor = 1, agos: readonly number[] = [0]): Promise<void> => {
    const points = hosts.flatMap((hostId, h) =>
      names.flatMap((name, n) =>
        agos.map((ago) => {
          const time = rig.now() - ago * 60;
          const usual = (n + 1) * 10 * (1 + 0.1 * Math.sin(time / 3000 + h));
          return { ref: rig.store.seriesOf(hostId, name), time, value: usual * (h === 0 && name === "memory.used" ? factor : 1) };
        }),
      ),
    );
    await rig.store.append({
      count: points.length,
      series: Uint32Array.from(points, (point) => point.ref),
      times: Uint32Array.from(points, (point) => point.time),
      values: Float64Array.from(points, (point) => point.value),
    });
  };
  expect(features.map(({ name }) => name)).toContain("memory.used");
  const id = await rule({
    type: "anomalyDetection",
    name: "odd",
    scopes: ["Odd: web"],
    criticalSensitivity: "normal",
    maxCheckAttempts: 2,
  });
  await postAll();
  await rig.monitors.anomalies.run(owner.organisationId, clock.now());
  expect((await own("GET", `/monitors/${id}`)).json).toMatchObject({ waiting: "not-trained", training: { days: 0, needsDays: 7 } });
  for (let hour = 0; hour < 8 * 24; hour++) {
    await clock.advance(hours(1));
    await postAll(1, [50, 40, 30, 20, 10, 0]);
  }
  await clock.advance(hours(1));
  await rig.monitors.anomalies.run(owner.organisationId, clock.now());
  expect((await own("GET", `/monitors/${id}`)).json.training.days).toBeGreaterThanOrEqual(7);
  const judgeNow = async (factor: number): Promise<void> => {
    await clock.advance(minutes(1));
    await postAll(factor);
    await rig.monitors.anomalies.run(owner.organisationId, clock.now());
  };
  await judgeNow(1);
  expect(await alerts(id)).toEqual([]);
  await judgeNow(6);
  expect(await alerts(id)).toEqual([]); // once is no anomaly
  await judgeNow(6);
  expect(await alerts(id)).toMatchObject([{ key: hosts[0], status: "CRITICAL", message: "odd memory.used", isOpen: true }]);
  await judgeNow(1);
  expect((await alerts(id)).filter((alert) => alert.isOpen)).toEqual([]);
  await remove(id);
});
