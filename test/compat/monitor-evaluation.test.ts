import { beforeEach, describe, expect, test } from "vitest";
import { hours, millis, minutes, seconds } from "#base/duration";
import { withRig } from "#test/inventory-rig";
import { monitorRig } from "#test/monitor-rig";

/*
 * How Mackerel's rules about metrics of hosts judge points. Each line of the tables: points that a host posts, one a minute, `_` for a minute
 * without one; and below them what the alert is after each: `.` none open, W WARNING, C CRITICAL.
 */

const rig = withRig();
const { rule, change, remove, host, post, alerts, minute, settled } = monitorRig(rig);
const clock = rig.people.clock;
let hostId = "";
let count = 0;

/** Each test on a host of its own, at the beginning of a minute. */
beforeEach(async () => {
  await clock.advance(millis(60_000 - (clock.now() % 60_000)));
  hostId = await host(`h${(count += 1)}`);
});

const load = (extra: object = {}) => ({
  type: "host",
  name: "load",
  metric: "loadavg5",
  operator: ">",
  warning: 5,
  critical: 10,
  duration: 1,
  ...extra,
});

const letters: Readonly<Record<string, string>> = { WARNING: "W", CRITICAL: "C", UNKNOWN: "U" };

async function letterOf(id: string, key = hostId): Promise<string> {
  const open = (await alerts(id)).find((alert) => alert.isOpen && alert.key === key);
  return letters[open?.status ?? ""] ?? ".";
}

/** Posts the points and tells what the alert was after each minute. */
async function judged(id: string, points: string, metric = "loadavg5"): Promise<string> {
  const seen: string[] = [];
  for (const point of points.trim().split(/\s+/u)) {
    await clock.advance(minutes(1));
    if (point !== "_") await post(hostId, { [metric]: Number(point) });
    seen.push(await letterOf(id));
  }
  return seen.join(" ");
}

const once = (text: string): string => text.trim().split(/\s+/u).join(" ");

describe("thresholds, averages and attempts", () => {
  const cases: readonly [string, object, string, string][] = [
    [
      "a value beyond a threshold raises an alert, one at it does not, and the first that is well closes it",
      {},
      "1  5  6  10  11  7  5  1",
      ".  .  W  W   C   W  .  .",
    ],
    ["below works the same", { operator: "<", warning: 5, critical: 2 }, "9  5  4  2  1  4  6", ".  .  W  W  C  W  ."],
    ["equal thresholds are CRITICAL", { warning: 5, critical: 5 }, "5  6  5", ".  C  ."],
    ["a critical threshold alone", { warning: null }, "6  11 9", ".  C  ."],
    ["a warning threshold alone", { critical: null }, "6  99 5", "W  W  ."],
    [
      "duration averages the last points, and too few of them are not judged",
      { duration: 3 },
      "9  9  9   0  0  0  18  0  0  0  33",
      ".  .  W   W  .  .  W   W  W  .  C",
    ],
    [
      "duration counts points, not minutes: a gap reaches further back",
      { duration: 2 },
      "9  _  _  9  _  0  _  0",
      ".  .  .  W  W  .  .  .",
    ],
    [
      "maxCheckAttempts wants so many in a row, and one that is well begins anew",
      { maxCheckAttempts: 3 },
      "6  6  1  6  6  6  6  1",
      ".  .  .  .  .  W  W  .",
    ],
    ["maxCheckAttempts counts points, not minutes", { maxCheckAttempts: 2 }, "6  _  _  6  _  1", ".  .  .  W  W  ."],
    [
      "any that is not well counts as an attempt, and the newest decides how bad it is",
      { maxCheckAttempts: 3 },
      "6  11 6  11 6  1  11 6  11",
      ".  .  W  C  W  .  .  .  C",
    ],
    [
      "averages and attempts together take as many points as both",
      { duration: 2, maxCheckAttempts: 2 },
      "9  9  9  0  0  9  9  9",
      ".  .  W  .  .  .  .  W",
    ],
  ];
  test.each(cases)("%s", async (_name, settings, points, expected) => {
    await post(hostId, { "custom.other.x": 1 });
    const id = await rule(load(settings));
    expect(await judged(id, points)).toBe(once(expected));
    await remove(id);
  });

  test("points more than a day apart say nothing about each other", async () => {
    const id = await rule(load({ duration: 2 }));
    const other = await rule(load({ maxCheckAttempts: 2 }));
    expect(await judged(id, "9")).toBe(".");
    await clock.advance(hours(24));
    expect([await judged(id, "9"), await letterOf(other)]).toEqual([".", "."]);
    await clock.advance(hours(23));
    expect([await judged(id, "9"), await letterOf(other)]).toEqual(["W", "W"]);
    await Promise.all([remove(id), remove(other)]);
  });

  test("an alert says in Mackerel's words what was found", async () => {
    const id = await rule(load({ name: "Load average", critical: null }));
    await judged(id, "6.125 1");
    expect(await alerts(id)).toEqual([{ key: hostId, status: "OK", message: "Load average 1", isOpen: false }]);
    await judged(id, "6.125");
    expect((await alerts(id)).at(-1)).toEqual({ key: hostId, status: "WARNING", message: "Load average 6.125 > 5", isOpen: true });
    await remove(id);
  });
});

describe("which points are judged", () => {
  test("of several in one post only the newest, with those before it for average and attempts", async () => {
    const plain = await rule(load());
    const patient = await rule(load({ maxCheckAttempts: 3 }));
    const times = (values: readonly number[]) =>
      values.map((value, i) => ({ hostId, name: "loadavg5", time: rig.now() - (values.length - 1 - i) * 60, value }));
    await rig.ask("POST", "/api/v0/tsdb?", { body: times([11, 11, 1]) });
    await rig.monitors.settled();
    expect([await letterOf(plain), await letterOf(patient)]).toEqual([".", "."]);
    await clock.advance(minutes(3));
    await rig.ask("POST", "/api/v0/tsdb?", { body: times([6, 11, 6]).toReversed() });
    await rig.monitors.settled();
    expect([await letterOf(plain), await letterOf(patient)]).toEqual(["W", "W"]);
    await Promise.all([remove(plain), remove(patient)]);
  });

  test("none older than the newest known, though it counts for later averages", async () => {
    const plain = await rule(load());
    const mean = await rule(load({ duration: 2 }));
    expect(await judged(plain, "1 _ 1")).toBe(". . .");
    await post(hostId, { loadavg5: 99 }, 60);
    expect([await letterOf(plain), await letterOf(mean)]).toEqual([".", "."]);
    await post(hostId, { loadavg5: 1.5 }, 0);
    expect(await letterOf(mean)).toBe("."); // the same second again is no news
    await clock.advance(seconds(30));
    await post(hostId, { loadavg5: 2 });
    expect(await letterOf(mean)).toBe("C"); // the same minute anew, with the late 99 before it
    await Promise.all([remove(plain), remove(mean)]);
  });

  test("none more than 20 minutes old or ahead", async () => {
    const id = await rule(load());
    await post(hostId, { loadavg5: 99 }, 20 * 60 + 1);
    expect(await letterOf(id)).toBe(".");
    await post(hostId, { loadavg5: 99 }, -20 * 60 - 1);
    expect(await letterOf(id)).toBe(".");
    await post(hostId, { loadavg5: 99 }, 19 * 60);
    expect(await letterOf(id)).toBe("C");
    await post(hostId, { loadavg5: 1 });
    expect(await letterOf(id)).toBe(".");
    await remove(id);
  });

  test("a rule that was just made waits for the next point", async () => {
    await post(hostId, { loadavg5: 99 });
    const id = await rule(load());
    await minute();
    expect(await letterOf(id)).toBe(".");
    expect(await judged(id, "99")).toBe("C");
    await remove(id);
  });
});

describe("which hosts a rule is about", () => {
  test("those that ever posted the metric", async () => {
    const silent = await host("never-posts");
    await post(silent, { loadavg1: 99 });
    const id = await rule(load());
    await judged(id, "99");
    expect((await alerts(id)).map((alert) => alert.key)).toEqual([hostId]);
    await remove(id);
  });

  test("those in its scopes but not in the excluded ones, whichever way a role is written", async () => {
    const [web, db, both, other] = [
      await host(`web${count}`, "Shop:web"),
      await host(`db${count}`, "Shop:db"),
      await host(`both${count}`, "Shop:web", "Mail:mx"),
      await host(`other${count}`, "Mail:mx"),
    ];
    const service = await rule(load({ name: "service", scopes: ["Shop"] }));
    const role = await rule(load({ name: "role", scopes: ["Shop: web"] }));
    const without = await rule(load({ name: "without", scopes: ["Shop"], excludeScopes: ["Mail:mx", "Shop: db"] }));
    for (const id of [web, db, both, other, hostId]) await post(id, { loadavg5: 99 });
    const names = new Map([
      [web, "web"],
      [db, "db"],
      [both, "both"],
      [other, "other"],
      [hostId, "none"],
    ]);
    const seen = async (id: string) =>
      (await alerts(id)).map(({ key }) => names.get(key)).toSorted((a, b) => (String(a) < String(b) ? -1 : 1));
    expect(await seen(service)).toEqual(["both", "db", "web"]);
    expect(await seen(role)).toEqual(["both", "web"]);
    expect(await seen(without)).toEqual(["web"]);
    for (const id of [service, role, without]) await remove(id);
  });

  test.each([
    ["working", "C"],
    ["standby", "C"],
    ["maintenance", "."],
    ["poweroff", "."],
  ])("a host that is %s", async (status, expected) => {
    const id = await rule(load());
    await judged(id, "1");
    await rig.ask("POST", `/api/v0/hosts/${hostId}/status?`, { body: { status } });
    await settled();
    expect(await judged(id, "99")).toBe(expected);
    await remove(id);
  });

  test("an open alert stays through maintenance and closes with the first point after it that is well", async () => {
    const id = await rule(load());
    await judged(id, "99");
    await rig.ask("POST", `/api/v0/hosts/${hostId}/status?`, { body: { status: "maintenance" } });
    await settled();
    expect(await judged(id, "1 1")).toBe("C C");
    await rig.ask("POST", `/api/v0/hosts/${hostId}/status?`, { body: { status: "working" } });
    await settled();
    expect(await judged(id, "1")).toBe(".");
    await remove(id);
  });

  test("a host that retires takes its alerts along", async () => {
    const id = await rule(load());
    await judged(id, "99");
    await rig.ask("POST", `/api/v0/hosts/${hostId}/retire?`, { body: "null" });
    await settled();
    expect(await letterOf(id)).toBe(".");
    await remove(id);
  });

  test("a host that leaves the scope is no longer watched, and its alert does not stay open for ever", async () => {
    await rig.ask("PUT", `/api/v0/hosts/${hostId}/role-fullnames?`, { body: { roleFullnames: ["Shop:web"] } });
    const id = await rule(load({ scopes: ["Shop"] }));
    expect(await judged(id, "99")).toBe("C");
    await rig.ask("PUT", `/api/v0/hosts/${hostId}/role-fullnames?`, { body: { roleFullnames: [] } });
    rig.monitors.onChange({ organisationId: rig.people.first.actor.organisationId, topic: `host:${hostId}` });
    await settled();
    await minute();
    expect(await letterOf(id)).toBe(".");
    await remove(id);
  });
});

describe("rates", () => {
  const rate = (metric: string, extra: object = {}) => rule(load({ name: metric, metric, warning: 80, critical: 95, ...extra }));

  test("cpu% compares idle with all shares, however many cores there are", async () => {
    const id = await rate("cpu%");
    await post(hostId, { "cpu.idle.percentage": 80, "cpu.user.percentage": 100, "cpu.system.percentage": 20 });
    expect(await letterOf(id)).toBe(".");
    await clock.advance(minutes(1));
    await post(hostId, { "cpu.idle.percentage": 20, "cpu.user.percentage": 150, "cpu.system.percentage": 30 });
    expect([await letterOf(id), (await alerts(id)).at(-1)?.message]).toEqual(["W", "cpu% 90 > 80"]);
    await remove(id);
  });

  test("a rate whose parts come in posts of their own is judged when all of the minute are there", async () => {
    const id = await rate("cpu%");
    await post(hostId, { "cpu.idle.percentage": 20, "cpu.user.percentage": 180 });
    expect(await letterOf(id)).toBe("W");
    await clock.advance(minutes(1));
    await post(hostId, { "cpu.idle.percentage": 20 });
    expect(await letterOf(id)).toBe("W"); // not: nothing is busy
    await post(hostId, { "cpu.user.percentage": 10 });
    expect(await letterOf(id)).toBe(".");
    await remove(id);
  });

  test("memory%, and swap% only where there is swap", async () => {
    const [memory, swap] = [await rate("memory%"), await rate("swap%", { warning: 0, critical: null })];
    await post(hostId, { "memory.used": 90, "memory.total": 100, "memory.swap_total": 0, "memory.swap_free": 0 });
    expect([await letterOf(memory), await letterOf(swap)]).toEqual(["W", "."]);
    await clock.advance(minutes(1));
    await post(hostId, { "memory.used": 50, "memory.total": 100, "memory.swap_total": 10, "memory.swap_free": 9 });
    expect([await letterOf(memory), await letterOf(swap)]).toEqual([".", "W"]);
    await Promise.all([remove(memory), remove(swap)]);
  });

  test("disk% is that of the fullest file system, also of one that came later", async () => {
    const id = await rate("disk%");
    await post(hostId, { "filesystem.vda.used": 85, "filesystem.vda.size": 100 });
    expect(await letterOf(id)).toBe("W");
    await clock.advance(minutes(1));
    const before = { "filesystem.vda.used": 85, "filesystem.vda.size": 100 };
    await post(hostId, { ...before, "filesystem.vdb.used": 97, "filesystem.vdb.size": 100 });
    expect([await letterOf(id), (await alerts(id)).at(-1)?.message]).toEqual(["C", "disk% 97 > 95"]);
    await clock.advance(minutes(1));
    await post(hostId, { "filesystem.vda.used": 1, "filesystem.vda.size": 100, "filesystem.vdb.used": 2, "filesystem.vdb.size": 100 });
    expect(await letterOf(id)).toBe(".");
    await remove(id);
  });

  test("names that people know stand for what agents post", async () => {
    const id = await rule(load({ metric: "memory.available", operator: "<", warning: 10, critical: null }));
    await post(hostId, { "memory.mem_available": 5 });
    expect(await letterOf(id)).toBe("W");
    await remove(id);
  });
});

describe("rules that change", () => {
  test("several on one metric work independently", async () => {
    const [low, high] = [await rule(load({ warning: 1, critical: null })), await rule(load())];
    await judged(low, "3");
    expect([await letterOf(low), await letterOf(high)]).toEqual(["W", "."]);
    await Promise.all([remove(low), remove(high)]);
  });

  test("another threshold closes nothing, the next point does", async () => {
    const id = await rule(load());
    expect(await judged(id, "7")).toBe("W");
    await change(id, load({ warning: 50, critical: 100 }));
    await minute();
    expect(await letterOf(id)).toBe("W");
    expect(await judged(id, "7")).toBe(".");
    await remove(id);
  });

  test("a deleted rule closes its alerts and says why", async () => {
    const id = await rule(load());
    await judged(id, "99");
    await remove(id);
    const { rows } = await rig.people.owner.query("select status, trigger from incidents_alert where origin_id = $1", [id]);
    expect(rows).toEqual([{ status: "OK", trigger: "monitorDelete" }]);
    await post(hostId, { loadavg5: 99 });
    expect(await letterOf(id)).toBe(".");
  });

  test("a muted rule raises alerts of which nobody is told", async () => {
    const id = await rule(load({ isMute: true }));
    expect(await judged(id, "99")).toBe("C");
    const { rows } = await rig.people.owner.query("select is_muted from incidents_alert where origin_id = $1", [id]);
    expect(rows).toEqual([{ is_muted: true }]);
    await remove(id);
  });

  test("what a person closed opens again with the next point that is not well", async () => {
    const id = await rule(load());
    await judged(id, "99");
    await rig.people.identity.db.tx({ organisationId: rig.people.first.actor.organisationId }, (tx) =>
      rig.incidents.close(tx, clock.now(), { origin: { kind: "monitor", id } }, { trigger: "manual", by: "person:x" }),
    );
    rig.monitors.onChange({ organisationId: rig.people.first.actor.organisationId, topic: "monitor-states" });
    await minute();
    expect(await letterOf(id)).toBe(".");
    expect(await judged(id, "99")).toBe("C");
    expect(await alerts(id)).toHaveLength(2);
    await remove(id);
  });
});

describe("a downtime", () => {
  test("lets no alert begin, closes what is well, and what goes on after it is told by the next point", async () => {
    const id = await rule(load());
    const [before, during] = [hostId, await host(`quiet${count}`)];
    await judged(id, "99");
    const body = { name: "quiet", start: rig.now(), duration: 10 };
    expect((await rig.ask("POST", "/api/v0/downtimes?", { body })).status).toBe(200);
    rig.downtimes.onChange(undefined);
    await post(during, { loadavg5: 99 });
    expect([await letterOf(id, before), await letterOf(id, during)]).toEqual(["C", "."]);
    await clock.advance(minutes(5));
    await post(before, { loadavg5: 1 });
    await post(during, { loadavg5: 99 });
    expect([await letterOf(id, before), await letterOf(id, during)]).toEqual([".", "."]);
    await clock.advance(minutes(5));
    await minute();
    expect(await letterOf(id, during)).toBe(".");
    await post(during, { loadavg5: 99 });
    expect(await letterOf(id, during)).toBe("C");
    await remove(id);
  });
});

test("nothing of this was a surprise to the server", () => {
  expect(rig.logged).toEqual([]);
});
