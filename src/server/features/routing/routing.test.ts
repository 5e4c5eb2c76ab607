import { describe, expect, test } from "vitest";
import { hours, minutes, seconds, toSeconds } from "#base/duration";
import type { AlertReport } from "#features/incidents";
import { checkPayload } from "#test/mackerel-payloads";
import { withRouting } from "#test/routing-rig";
import { changeHostStatus, createDowntime, endDowntime, retireHost } from "#test/verbs";
import { changeGroup } from "./change-group.ts";
import { changeRoutingSettings } from "./change-settings.ts";
import { createGroup } from "./create-group.ts";
import { allGroups } from "./read-groups.ts";

const rig = withRouting();
const owner = () => rig.people.first.actor;
let made = 0;

/** A report of a monitor that nobody else has. */
const rule = (more: Partial<AlertReport> = {}): Partial<AlertReport> => ({
  origin: { kind: "monitor", id: `m${(made += 1)}` },
  detail: { metricLabel: "cpu%", monitorOperator: ">", warningThreshold: 80, criticalThreshold: 90, duration: 1, memo: "look at it" },
  ...more,
});

describe("a channel of the default group", () => {
  test("is told once for each change of status, in Mackerel's words", async () => {
    await rig.inDefault(await rig.channel({ name: "hook", settings: { enabledGraphImage: true } }));
    const host = await rig.host("app01", "Shop:web");
    const of = rule({ hostId: host });
    await rig.report([{ ...of, status: "WARNING", value: 85 }]);
    await rig.report([{ ...of, status: "WARNING", value: 86 }]);
    await rig.people.clock.advance(minutes(1));
    await rig.report([{ ...of, status: "CRITICAL", value: 95 }]);
    await rig.people.clock.advance(minutes(1));
    await rig.report([{ ...of, status: "OK", value: 10, message: "CPU % 10" }]);
    const { hook = [] } = await rig.delivered();
    expect(hook.flatMap(checkPayload)).toEqual([]);
    expect(hook.map(({ message }) => message)).toEqual(["CPU 85 > 80", "CPU 95 > 90", "CPU 10"]);
    expect(hook[0]).toMatchObject({
      orgName: "first",
      memo: "look at it",
      user: null,
      host: { id: host, name: "app01", url: `https://hinoban.example/orgs/first/hosts/${host}`, roles: [{ fullname: "Shop: web" }] },
      alert: { status: "warning", metricValue: 85, warningThreshold: 80, criticalThreshold: 90, monitorName: "CPU", isOpen: true },
    });
    expect(hook[0]?.["imageUrl"]).toContain("/embed/public/alert/");
    expect(hook[2]).toMatchObject({ alert: { status: "ok", isOpen: false, closedAt: toSeconds(rig.now()) } });
  });

  test("gets no picture when it wants none", async () => {
    await rig.inDefault(await rig.channel({ name: "hook", settings: { enabledGraphImage: false } }));
    await rig.report([rule({ hostId: await rig.host("app02"), value: 95 })]);
    expect((await rig.delivered())["hook"]).toMatchObject([{ imageUrl: null }]);
  });

  test("is told again of an external monitor whose answer changed, and not of a check's", async () => {
    await rig.inDefault(await rig.channel({ name: "hook" }));
    const external = rule({ type: "external", detail: {} });
    const check = rule({ type: "check", name: "log", origin: { kind: "check", id: "c1" }, hostId: await rig.host("app03"), detail: {} });
    await rig.report([{ ...external, message: "500" }]);
    await rig.report([{ ...external, message: "503" }]);
    await rig.report([{ ...check, message: "one" }]);
    await rig.report([{ ...check, message: "two" }]);
    const { hook = [] } = await rig.delivered();
    expect(hook.map(({ message }) => message).toSorted((a, b) => (String(a) < String(b) ? -1 : 1))).toEqual([
      "HTTP request failed - status is 500",
      "HTTP request failed - status is 503",
      "log - one",
    ]);
  });

  test("is told of nothing when it does not want alerts", async () => {
    await rig.inDefault(await rig.channel({ name: "hook", events: ["hostStatus"] }));
    await rig.report([rule()]);
    expect(await rig.told()).toEqual({});
  });

  test("hears who closed an alert by hand", async () => {
    await rig.inDefault(await rig.channel({ name: "hook" }));
    const of = rule({ hostId: await rig.host("app04"), value: 95 });
    await rig.report([of]);
    await rig.tx((tx) =>
      rig.incidents.close(
        tx,
        rig.now(),
        { origin: of.origin ?? { kind: "monitor", id: "" } },
        { trigger: "manual", by: `person:${owner().personId}` },
      ),
    );
    const { hook = [] } = await rig.delivered();
    expect(hook[1]).toMatchObject({ user: { id: owner().personId, screenName: "Hanako Owner" }, alert: { trigger: "manual close" } });
    expect(hook[1]?.["alert"]).not.toHaveProperty("metricValue");
  });
});

describe("nobody is told", () => {
  test("of muted monitors", async () => {
    await rig.inDefault(await rig.channel({ name: "hook" }));
    await rig.report([rule({ isMuted: true })]);
    expect(await rig.told()).toEqual({});
  });

  test.each(["standby", "maintenance", "poweroff"] as const)("of a host that is %s, and not later either", async (status) => {
    await rig.inDefault(await rig.channel({ name: "hook" }));
    const host = await rig.host(`quiet-${status}`);
    await changeHostStatus(rig.inventory, owner(), { id: host, status });
    const of = rule({ hostId: host });
    await rig.report([{ ...of, status: "WARNING" }]);
    await changeHostStatus(rig.inventory, owner(), { id: host, status: "working" });
    expect(await rig.told()).toEqual({});
    await rig.report([{ ...of, status: "CRITICAL" }]);
    expect(await rig.told()).toEqual({ hook: ["critical"] });
  });

  test("that alerts of a retired host are over", async () => {
    await rig.inDefault(await rig.channel({ name: "hook" }));
    const host = await rig.host("going");
    await rig.report([rule({ hostId: host })]);
    await retireHost(rig.inventory, owner(), host);
    expect(await rig.told()).toEqual({ hook: ["critical"] });
  });
});

describe("notification groups", () => {
  test("send each alert where it belongs, once", async () => {
    const [all, shop, pager] = [
      await rig.channel({ name: "all" }),
      await rig.channel({ name: "shop" }),
      await rig.channel({ name: "pager" }),
    ];
    await rig.inDefault(all);
    const host = await rig.host("shop01", "Shop:web");
    const kept = rule({ hostId: host });
    await createGroup(rig.routing, owner(), {
      name: "shop",
      notificationLevel: "all",
      childNotificationGroupIds: [],
      childChannelIds: [shop, all],
      services: [{ name: "Shop" }],
    });
    await createGroup(rig.routing, owner(), {
      name: "pager",
      notificationLevel: "critical",
      childNotificationGroupIds: [],
      childChannelIds: [pager],
      monitors: [{ id: kept.origin?.id ?? "", skipDefault: true }],
    });
    await rig.report([rule({ hostId: host, status: "WARNING" })]);
    expect(await rig.told()).toEqual({ all: ["warning"], shop: ["warning"] });
    await rig.report([{ ...kept, status: "WARNING" }]);
    expect(await rig.told()).toEqual({ all: ["warning"], shop: ["warning"] });
    await rig.report([{ ...kept, status: "CRITICAL" }]);
    await rig.report([{ ...kept, status: "OK" }]);
    expect(await rig.told()).toEqual({ all: ["critical", "ok"], shop: ["critical", "ok"], pager: ["critical", "ok"] });
    await rig.report([rule({ hostId: await rig.host("lone"), status: "WARNING" })]);
    expect(await rig.told()).toEqual({ all: ["warning"] });
  });

  test("for critical alerts hear of the end of those only that had been critical", async () => {
    const pager = await rig.channel({ name: "pager" });
    const [group] = await rig.tx((tx) => allGroups(rig.routing, tx));
    await changeGroup(rig.routing, owner(), group?.id ?? "", {
      name: "Default",
      notificationLevel: "critical",
      childNotificationGroupIds: [],
      childChannelIds: [pager],
    });
    const mild = rule();
    await rig.report([{ ...mild, status: "WARNING" }]);
    await rig.report([{ ...mild, status: "OK" }]);
    const unknown = rule();
    await rig.report([{ ...unknown, status: "UNKNOWN" }]);
    const bad = rule();
    await rig.report([{ ...bad, status: "CRITICAL" }]);
    await rig.people.clock.advance(seconds(1));
    await rig.report([{ ...bad, status: "WARNING" }]);
    await rig.people.clock.advance(seconds(1));
    await rig.report([{ ...bad, status: "OK" }]);
    expect(await rig.told()).toEqual({ pager: ["critical", "ok", "unknown"] });
  });
});

describe("an open alert that is told again", () => {
  const again = (more: Partial<AlertReport> = {}) => rule({ detail: { notificationInterval: 30 }, ...more });

  test("is told by its interval, also after a restart, until it closes", async () => {
    await rig.inDefault(await rig.channel({ name: "hook" }));
    const of = again();
    await rig.report([of]);
    expect(await rig.told()).toEqual({ hook: ["critical"] });
    await rig.people.clock.advance(minutes(29));
    await rig.routing.lookNow();
    expect(await rig.told()).toEqual({});
    await rig.people.clock.advance(minutes(1));
    await rig.routing.lookNow();
    expect(await rig.told()).toEqual({ hook: ["critical"] });
    // Nobody looked for a while: it is told once, and the rhythm is kept.
    await rig.people.clock.advance(minutes(95));
    await rig.routing.lookNow();
    await rig.routing.lookNow();
    expect(await rig.told()).toEqual({ hook: ["critical"] });
    await rig.report([{ ...of, status: "OK" }]);
    expect(await rig.told()).toEqual({ hook: ["ok"] });
    await rig.people.clock.advance(hours(1));
    await rig.routing.lookNow();
    expect(await rig.told()).toEqual({});
  });

  test("without an interval is told once", async () => {
    await rig.inDefault(await rig.channel({ name: "hook" }));
    await rig.report([rule()]);
    expect(await rig.told()).toEqual({ hook: ["critical"] });
    await rig.people.clock.advance(hours(2));
    await rig.routing.lookNow();
    expect(await rig.told()).toEqual({});
  });

  test("waits while a downtime covers it, and goes on when that ends by hand", async () => {
    await rig.inDefault(await rig.channel({ name: "hook" }));
    await rig.report([again()]);
    expect(await rig.told()).toEqual({ hook: ["critical"] });
    const downtime = await createDowntime(rig.downtimes, owner(), { name: "work", start: toSeconds(rig.now()), duration: 240 });
    rig.downtimes.onChange(undefined);
    await rig.people.clock.advance(hours(2));
    await rig.routing.lookNow();
    expect(await rig.told()).toEqual({});
    await endDowntime(rig.downtimes, owner(), downtime.id);
    rig.downtimes.onChange(undefined);
    await rig.routing.lookNow();
    expect(await rig.told()).toEqual({ hook: ["critical"] });
  });

  test("goes on by itself at the end of the downtime", async () => {
    await rig.inDefault(await rig.channel({ name: "hook" }));
    await rig.report([again()]);
    expect(await rig.told()).toEqual({ hook: ["critical"] });
    await createDowntime(rig.downtimes, owner(), { name: "work", start: toSeconds(rig.now()), duration: 60 });
    rig.downtimes.onChange(undefined);
    await rig.people.clock.advance(minutes(31));
    await rig.routing.lookNow();
    expect(await rig.told()).toEqual({});
    await rig.people.clock.advance(minutes(29));
    await rig.routing.lookNow();
    expect(await rig.told()).toEqual({ hook: ["critical"] });
  });
});

describe("a storm", () => {
  test("of many alerts becomes one message for people, and each of them for programs", async () => {
    await rig.inDefault(
      await rig.channel({ name: "hook" }),
      await rig.channel({ name: "mail", type: "email", settings: { emails: ["duty@example.jp"] } }),
    );
    const origin = { kind: "monitor", id: "storm" } as const;
    const reports = Array.from({ length: 150 }, (_, n) => rule({ origin, key: `k${n}`, name: `disk ${n}`, status: "WARNING" }));
    await rig.report(reports);
    expect(await rig.mails()).toEqual([]);
    await rig.people.clock.advance(seconds(5));
    await rig.routing.lookNow();
    expect(await rig.mails()).toEqual(["[WARNING] 150 messages at once"]);
    const { hook = [] } = await rig.delivered();
    expect(hook).toHaveLength(150);
    expect(new Set(hook.map(({ alert }) => (alert as { id: string }).id)).size).toBe(150);
    // What comes right after it belongs to the storm; later on messages go alone again.
    await rig.report(reports.slice(0, 2).map((one) => ({ ...one, status: "OK" as const })));
    expect(await rig.mails()).toEqual([]);
    await rig.people.clock.advance(seconds(10));
    await rig.routing.lookNow();
    expect(await rig.mails()).toEqual(["2 messages at once"]);
    await rig.people.clock.advance(minutes(2));
    await rig.report([{ ...reports[5], status: "OK" }]);
    expect(await rig.mails()).toEqual(["[OK] disk 5"]);
  });

  test("begins where the organisation says", async () => {
    await changeRoutingSettings(rig.routing, owner(), { bundleAbove: 2, bundleSeconds: 60 });
    await rig.inDefault(await rig.channel({ name: "mail", type: "email", settings: { emails: ["duty@example.jp"] } }));
    for (const name of ["a", "b", "c", "d"]) await rig.report([rule({ name })]);
    expect((await rig.mails()).toSorted()).toEqual(["[CRITICAL] a", "[CRITICAL] b"]);
    await rig.people.clock.advance(seconds(5));
    await rig.routing.lookNow();
    expect(await rig.mails()).toEqual(["[CRITICAL] 2 messages at once"]);
  });
});

describe("what is no alert", () => {
  test("goes to channels that want to hear of it, whatever the groups", async () => {
    await rig.channel({ name: "hosts", events: ["hostRegister", "hostStatus", "hostRetire"] });
    await rig.channel({ name: "alerts", events: ["alert"] });
    const host = await rig.host("new", "Shop:web");
    await changeHostStatus(rig.inventory, owner(), { id: host, status: "standby" });
    await retireHost(rig.inventory, owner(), host);
    const bodies = await rig.delivered();
    expect(Object.keys(bodies)).toEqual(["hosts"]);
    expect(bodies["hosts"]?.flatMap(checkPayload)).toEqual([]);
    // A webhook may get messages side by side.
    expect(bodies["hosts"]?.toSorted((a, b) => (String(a["event"]) < String(b["event"]) ? -1 : 1))).toMatchObject([
      { event: "hostRegister", user: null, host: { id: host, roles: [{ fullname: "Shop: web" }] } },
      { event: "hostRetire", host: { isRetired: false, status: "standby", roles: [{ fullname: "Shop: web" }] } },
      { event: "hostStatus", fromStatus: "working", user: { screenName: "Hanako Owner" }, host: { status: "standby" } },
    ]);
  });

  test("monitors: of types that Mackerel's receivers know, each change; of others nothing", async () => {
    await rig.channel({ name: "rules", events: ["monitor"] });
    const by = owner();
    await rig.tx(async (tx) => {
      for (const effect of ["created", "updated", "deleted"] as const) {
        const monitor = { id: "M", type: "host", name: "CPU", metric: "cpu%", warning: null, critical: 90, scopes: ["Shop:web"] };
        await rig.routing.monitorChanged(tx, rig.now(), { effect, monitor, by });
      }
      await rig.routing.monitorChanged(tx, rig.now(), { effect: "created", monitor: { id: "P", type: "ping", name: "p" }, by });
    });
    const { rules = [] } = await rig.delivered();
    expect(rules.flatMap(checkPayload)).toEqual([]);
    expect(rules.map(({ event }) => event).toSorted((a, b) => (String(a) < String(b) ? -1 : 1))).toEqual([
      "monitorCreate",
      "monitorDelete",
      "monitorUpdate",
    ]);
    expect(rules[0]).toMatchObject({
      user: { screenName: "Hanako Owner" },
      monitor: { critical: 90, scopes: ["Shop: web"], isMute: false },
    });
  });
});

test("what a transaction undoes nobody hears of", async () => {
  await rig.inDefault(await rig.channel({ name: "hook" }));
  const failing = rig.tx(async (tx) => {
    const report = {
      origin: { kind: "monitor", id: "undone" },
      key: "",
      status: "CRITICAL",
      type: "host",
      name: "n",
      message: "m",
    } as const;
    await rig.incidents.report(tx, rig.now(), [report]);
    throw new Error("undone");
  });
  await expect(failing).rejects.toThrow("undone");
  expect(await rig.told()).toEqual({});
});

test("an alert opened long ago is dated by when it opened", async () => {
  await rig.inDefault(await rig.channel({ name: "hook" }));
  const of = rule();
  const openedAt = rig.now();
  await rig.report([{ ...of, status: "WARNING" }]);
  await rig.people.clock.advance(hours(5));
  await rig.report([{ ...of, status: "CRITICAL" }]);
  const { hook = [] } = await rig.delivered();
  expect(hook[1]?.["alert"]).toMatchObject({ openedAt: toSeconds(openedAt), createdAt: openedAt });
});
