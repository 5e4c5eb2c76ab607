import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hours, minutes, seconds } from "#base/duration";
import { AgentRig } from "#test/agent/rig";
import { FakeServer } from "#test/agent/fake-server";

let server: FakeServer;
let rig: AgentRig;
const rigs: AgentRig[] = [];

function newRig(flags: Readonly<Record<string, string>> = {}): AgentRig {
  rig = new AgentRig(server, flags);
  rigs.push(rig);
  return rig;
}

beforeEach(async () => {
  server = new FakeServer();
  await server.start();
});
afterEach(async () => {
  server.fault = () => undefined;
  for (const each of rigs.splice(0)) await each.close();
  await server.stop();
});

const spooled = (): readonly string[] => readdirSync(join(rig.stateFolder, "spool"));
const id = (): string => readFileSync(join(rig.stateFolder, "id"), "utf8").trim();
const twelve = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => `12:${String(from + at).padStart(2, "0")}`);

describe("a newcomer", () => {
  test("registers, describes itself and shows its first point within 5 seconds, then each minute", async () => {
    await newRig().start();
    await rig.pass(seconds(5));
    expect(server.points.map((point) => point.name)).toContain("loadavg5");
    expect([...server.hosts.keys()]).toEqual([id()]);
    expect(server.of("PUT", /hosts/u)).toHaveLength(1);
    expect(server.graphDefinitions).toHaveLength(2);
    const [first] = server.requests;
    expect(first?.headers).toMatchObject({
      "x-api-key": server.key,
      "user-agent": expect.stringMatching(/^hinoban-agent\/\d/u),
      "content-type": "application/json",
    });
    await rig.pass(minutes(3));
    expect(rig.minutesAt()).toEqual(["12:00", "12:00", "12:01", "12:02", "12:03"].slice(0, rig.minutesAt().length));
    expect(rig.minutesAt().length).toBeGreaterThanOrEqual(4);
    expect(server.points.every((point) => point.time % 60 === 0)).toBe(true);
    expect(server.complaints).toEqual([]);
  });

  test("goes on as the same host after a restart and describes itself each hour and on request", async () => {
    await newRig().start();
    await rig.pass(seconds(5));
    await rig.stop();
    await rig.start();
    expect(server.hosts.size).toBe(1);
    expect(server.of("GET", /hosts\/./u)).toHaveLength(1);
    expect(server.of("PUT", /hosts/u)).toHaveLength(2);
    rig.runtime?.reload();
    await rig.rest();
    expect(server.of("PUT", /hosts/u)).toHaveLength(3);
    await rig.pass(hours(1));
    expect(server.of("PUT", /hosts/u)).toHaveLength(4);
    expect(server.of("POST", /graph-defs/u)).toHaveLength(4);
  });

  test("sets its status at start and stop when told to", async () => {
    await newRig({ "on-start": "maintenance", "on-stop": "poweroff" }).start();
    await rig.pass(seconds(2));
    expect(server.hosts.get(id())?.["status"]).toBe("maintenance");
    await rig.stop();
    expect(server.hosts.get(id())?.["status"]).toBe("poweroff");
  });

  test("takes over the host that has its custom identifier", async () => {
    server.hosts.set("old-host", {
      id: "old-host",
      name: "web1",
      customIdentifier: "rack-7",
      status: "working",
      isRetired: false,
      meta: {},
    });
    await newRig({ "custom-identifier": "rack-7" }).start();
    await rig.pass(seconds(5));
    expect(id()).toBe("old-host");
    expect(server.of("POST", /hosts$/u)).toEqual([]);
    expect(server.points[0]?.hostId).toBe("old-host");
  });

  test("finds the host that it made when the answer to its registration was lost", async () => {
    server.losesAnswer = ({ method, path }) => method === "POST" && path.endsWith("/hosts") && server.hosts.size === 1;
    await newRig().start();
    await rig.pass(seconds(10));
    expect(server.hosts.size).toBe(1);
    expect(id()).toBe([...server.hosts.keys()][0]);
  });
});

describe("a server that is away", () => {
  test("gets everything afterwards, each minute once, in order, from before the registration on", async () => {
    await server.stop();
    await newRig().start();
    await rig.pass(minutes(30));
    expect(spooled()).toHaveLength(32); // two short samples and thirty minutes
    expect(rig.lines.filter((line) => line.includes("does not answer properly")).length).toBeLessThan(3);
    await server.start();
    await rig.pass(minutes(4));
    expect(rig.minutesAt()).toEqual(["12:00", "12:00", ...twelve(1, rig.minutesAt().length - 2)]);
    expect(rig.minutesAt().length).toBeGreaterThanOrEqual(34);
    expect(spooled().length).toBeLessThanOrEqual(1);
    expect(server.complaints).toEqual([]);
  });

  test("in the middle of the day costs no point and no order, and hears the description again", async () => {
    await newRig().start();
    await rig.pass(minutes(3));
    await server.stop();
    await rig.pass(minutes(20));
    await server.start();
    await rig.pass(minutes(5));
    expect(rig.minutesAt()).toEqual(["12:00", "12:00", ...twelve(1, rig.minutesAt().length - 2)]);
    expect(rig.minutesAt().at(-1)).toMatch(/12:2[78]/u); // 12:28 may still wait for this host's second
    expect(server.of("PUT", /hosts/u).length).toBe(2);
    expect(rig.lines.join("\n")).toMatch(/Metrics wait on disk.*[^]*The server takes metrics again/u);
  });

  test.each([["empty"], ["page"], ["hang-up"], [500], [429]] as const)(
    "by answering %s counts as away: nothing is forgotten",
    async (fault) => {
      await newRig().start();
      await rig.pass(seconds(20));
      server.fault = ({ path }) => (path.endsWith("/tsdb") ? fault : undefined);
      await rig.pass(minutes(3));
      const before = rig.minutesAt();
      expect(spooled()).toHaveLength(3);
      server.fault = () => undefined;
      await rig.pass(minutes(2));
      expect(rig.minutesAt()).toEqual([...before, ...twelve(1, 5).slice(0, rig.minutesAt().length - before.length)]);
      expect(rig.minutesAt()).toContain("12:04");
      expect(server.complaints).toEqual([]);
    },
  );

  test("by never answering is given up after half a minute", async () => {
    await newRig().start();
    await rig.pass(seconds(20));
    server.fault = ({ path }) => (path.endsWith("/tsdb") ? "hang" : undefined);
    await rig.pass(minutes(2));
    expect(rig.lines.join("\n")).toContain("did not answer within 30 s");
    server.fault = () => undefined;
    await rig.pass(minutes(3));
    expect(rig.minutesAt()).toContain("12:04");
  });

  test("and answers late does not lose what it took: the minute is sent again and simply overwrites", async () => {
    await newRig().start();
    await rig.pass(seconds(20));
    server.losesAnswer = ({ path }) => path.endsWith("/tsdb") && server.posts.length === 3;
    await rig.pass(minutes(4));
    expect(rig.minutesAt().filter((minute) => minute === "12:01")).toHaveLength(2);
    expect([...new Set(rig.minutesAt())]).toEqual(twelve(0, 4).slice(0, new Set(rig.minutesAt()).size));
  });

  test("for seven hours costs the first hour, which the log counts", async () => {
    await newRig().start();
    await rig.pass(seconds(20));
    await server.stop();
    await rig.pass(hours(7));
    expect(spooled()).toHaveLength(360);
    expect(rig.lines.join("\n")).toContain("The spool is full");
    await server.start();
    await rig.pass(minutes(9));
    const arrived = server.posts.flat().slice(2);
    const gaps = new Set(arrived.slice(1).map((time, at) => time - (arrived[at] ?? 0)));
    expect([...gaps]).toEqual([60]);
    expect(arrived.length).toBeGreaterThanOrEqual(360);
    expect(rig.minutesAt()[2]).toMatch(/^13:0[12]$/u); // one more goes when a minute passes before the next try
  }, 120_000);
});

describe("a server that says no", () => {
  test("to the key hears of it, loses nothing, and gets all when the key is repaired", async () => {
    await newRig().start("wrong-key");
    await rig.pass(minutes(2));
    expect(rig.lines.join("\n")).toContain("does not accept the API key (401: unknown key). Make a key with the rights Read and Write");
    expect(server.points).toEqual([]);
    await rig.stop();
    await rig.start();
    await rig.pass(minutes(2));
    expect(rig.minutesAt().slice(0, 3)).toEqual(["12:00", "12:00", "12:01"]);
  });

  test("to the key only later keeps the spool as well", async () => {
    await newRig().start();
    await rig.pass(seconds(20));
    server.fault = () => 403;
    await rig.pass(minutes(5));
    expect(spooled().length).toBeGreaterThanOrEqual(5);
    server.fault = () => undefined;
    await rig.pass(minutes(7));
    expect(rig.minutesAt()).toEqual(["12:00", "12:00", ...twelve(1, rig.minutesAt().length - 2)]);
  });

  test("to one minute does not hold back the others, and that minute is dropped in the end", async () => {
    await newRig().start();
    await rig.pass(seconds(20));
    const poison = Date.UTC(2026, 10, 22, 12, 2, 0) / 1000;
    let refusals = 0;
    server.fault = ({ body }) => {
      const isBad = Array.isArray(body) && body.some((point: { time?: number }) => point.time === poison);
      if (isBad) refusals += 1;
      return isBad ? 400 : undefined;
    };
    await rig.pass(minutes(10));
    expect(rig.minutesAt()).toContain("12:08");
    expect(rig.minutesAt()).not.toContain("12:02");
    await rig.pass(minutes(60));
    expect(rig.lines.join("\n")).toContain("A minute was refused too often and was dropped.");
    expect(refusals).toBeGreaterThanOrEqual(61);
    expect(spooled().length).toBeLessThanOrEqual(1);
    const others = rig.minutesAt().slice(2);
    expect(others).toEqual([...others].sort());
  });

  test("to a merged post is asked minute by minute, so that only the bad one waits", async () => {
    await server.stop();
    await newRig().start();
    await rig.pass(minutes(8));
    const poison = Date.UTC(2026, 10, 22, 12, 3, 0) / 1000;
    server.fault = ({ body }) => (Array.isArray(body) && body.some((point: { time?: number }) => point.time === poison) ? 400 : undefined);
    await server.start();
    await rig.pass(minutes(3));
    expect(rig.minutesAt().slice(0, 8)).toEqual(["12:00", "12:00", "12:01", "12:02", "12:04", "12:05", "12:06", "12:07"]);
    expect(spooled()).toContainEqual(expect.stringContaining(String(poison)));
  });

  test("to a host that it does not know tells which file to remove, and heals when the host is back", async () => {
    await newRig().start();
    await rig.pass(seconds(20));
    await rig.stop();
    const [[key, host] = ["", {}]] = server.hosts;
    server.hosts.clear();
    await rig.start();
    await rig.pass(minutes(1));
    expect(rig.lines.join("\n")).toContain(
      `The server does not know host ${key}. If it was deleted on purpose, remove ${join(rig.stateFolder, "id")}`,
    );
    server.hosts.set(key, host);
    await rig.pass(minutes(6));
    expect(rig.minutesAt()).toContain("12:05");
    expect(server.hosts.size).toBe(1);
  });

  test("to a retired host ends the agent with what to do", async () => {
    await newRig().start();
    await rig.pass(seconds(20));
    await rig.stop();
    for (const host of server.hosts.values()) host["isRetired"] = true;
    await rig.start();
    expect(await rig.ended()).toMatchObject({ code: "gone", message: expect.stringContaining("remove") });
  });
});

describe("the agent itself", () => {
  test("sends what waits when it is stopped", async () => {
    await newRig().start();
    await rig.pass(seconds(60));
    await rig.stop();
    expect(rig.minutesAt()).toEqual(["12:00", "12:00", "12:01"]);
    expect(spooled()).toEqual([]);
    expect(existsSync(join(rig.stateFolder, "agent.pid"))).toBe(false);
  });

  test("keeps what it could not send when it is stopped, and sends it after the next start", async () => {
    await newRig().start();
    await rig.pass(seconds(20));
    await server.stop();
    await rig.pass(minutes(2));
    await rig.stop();
    expect(spooled()).toHaveLength(2);
    await server.start();
    await rig.start();
    await rig.pass(seconds(10));
    expect(rig.minutesAt().slice(0, 4)).toEqual(["12:00", "12:00", "12:01", "12:02"]);
  });

  test("refuses to share its folder with another one that lives", async () => {
    await newRig().start();
    await rig.stop();
    writeFileSync(join(rig.stateFolder, "agent.pid"), `${process.ppid}\n`);
    await rig.start();
    expect(await rig.ended()).toMatchObject({ code: "conflict" });
  });

  test("leaves no timer behind", async () => {
    await newRig().start();
    await rig.pass(minutes(2));
    await rig.stop();
    expect(rig.clock.timers).toEqual([]);
  });

  test("writes what it is doing for `status`, without the key", async () => {
    await newRig().start();
    await rig.pass(minutes(1));
    const report = readFileSync(join(rig.stateFolder, "status.json"), "utf8");
    expect(JSON.parse(report)).toMatchObject({ hostId: id(), server: server.url, dropped: 0, lastSampleAt: expect.any(String) });
    expect(report + rig.lines.join("\n")).not.toContain(server.key);
  });
});
