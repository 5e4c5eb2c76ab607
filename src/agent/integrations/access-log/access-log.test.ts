import { execFileSync } from "node:child_process";
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { minutes, unixMs } from "#base/duration";
import { FakeClock } from "#test/fake-clock";
import { openFolder } from "#test/folder";
import { createLog } from "../../log.ts";
import { MachineReader } from "../../system.ts";
import type { Collected, Integration, IntegrationConfig } from "../integration.ts";
import { Options } from "../options.ts";
import { accessLog } from "./index.ts";

let folder = "";
let clock: FakeClock;
let logged = "";
const opened: Integration[] = [];

beforeEach(() => {
  folder = openFolder("hinoban-access-log-");
  clock = new FakeClock(unixMs(Date.UTC(2026, 10, 22, 5, 0, 0)));
  logged = "";
  mkdirSync(join(folder, "state"));
});

afterEach(async () => {
  for (const integration of opened.splice(0)) await integration.close?.();
  rmSync(folder, { recursive: true, force: true });
});

function start(options: Readonly<Record<string, unknown>> = {}, name = "access-log"): Integration {
  const config: IntegrationConfig = {
    kind: "access-log",
    name,
    options: { files: [join(folder, "access.log")], ...options },
    file: "agent.conf",
    line: 7,
    lineOf: () => 8,
  };
  const log = createLog((text) => (logged += text), clock);
  const deps = {
    clock,
    log,
    reader: new MachineReader(clock),
    platform: "linux",
    stateFolder: () => Promise.resolve(join(folder, "state")),
  };
  const integration = accessLog(new Options({ ...config, label: `integrations.${name}` }, log.warn), deps, config);
  opened.push(integration);
  return integration;
}

const at = (name: string): string => join(folder, name);
let written = 0;
const line = (status: number, time = ""): string =>
  `192.0.2.1 - - [22/Nov/2026:05:00:00 +0900] "GET /${(written += 1)} HTTP/1.1" ${status} 100 "-" "curl"${time}\n`;
const add = (name: string, ...statuses: readonly number[]): void =>
  appendFileSync(at(name), statuses.map((status) => line(status)).join(""));

/** One round, a minute after the one before. */
async function round(integration: Integration): Promise<Collected> {
  const found = await integration.collect(new AbortController().signal);
  await clock.advance(minutes(1));
  return found;
}

async function total(integration: Integration): Promise<number | undefined> {
  return (await round(integration)).metrics?.["custom.accesslog.access_num.total_count"];
}

describe("counting", () => {
  test("metrics carry the names of mackerel-plugin-accesslog, and every name has a definition", async () => {
    writeFileSync(at("access.log"), line(200));
    const log = start({ statuses: [404], time_unit: "s" });
    expect(await total(log)).toBe(0);
    appendFileSync(at("access.log"), [line(200, " 0.1"), line(201, " 0.2"), line(404, " 0.3"), line(500, " 0.4"), "prose\n"].join(""));
    const { metrics = {} } = await round(log);
    expect(metrics).toMatchObject({
      "custom.accesslog.access_num.total_count": 4,
      "custom.accesslog.access_num.2xx_count": 2,
      "custom.accesslog.access_num.3xx_count": 0,
      "custom.accesslog.access_num.4xx_count": 1,
      "custom.accesslog.access_num.5xx_count": 1,
      "custom.accesslog.access_rate.2xx_percentage": 50,
      "custom.accesslog.access_rate.5xx_percentage": 25,
      "custom.accesslog.latency.max": 0.4,
      "custom.accesslog.latency.90_percentile": 0.4,
      "custom.accesslog.latency.50_percentile": 0.2,
      "custom.accesslog.access_status.404_count": 1,
      "custom.accesslog.traffic.bytes_sent": 400,
      "custom.accesslog.unread.unread_count": 1,
    });
    expect(metrics["custom.accesslog.latency.average"]).toBeCloseTo(0.25, 9);
    const defined = JSON.stringify(log.graphDefs);
    expect(Object.keys(metrics).filter((name) => !defined.includes(`"${name}"`))).toEqual([]);
  });

  test("a minute without requests has counts of 0 and neither shares nor times", async () => {
    writeFileSync(at("access.log"), "");
    const log = start({ time_unit: "s" });
    await round(log);
    const names = Object.keys((await round(log)).metrics ?? {});
    expect(names.some((name) => /access_rate|latency/u.test(name))).toBe(false);
    expect(names).toContain("custom.accesslog.access_num.5xx_count");
  });

  test("values that overwrite each other within a minute add up", async () => {
    writeFileSync(at("access.log"), "");
    const log = start();
    const { signal } = new AbortController();
    await log.collect(signal);
    add("access.log", 200, 200);
    await log.collect(signal);
    add("access.log", 200);
    expect(await total(log)).toBe(3);
    add("access.log", 200);
    expect(await total(log)).toBe(1);
  });

  test("several files are counted together, an instance has its own names", async () => {
    writeFileSync(at("a.log"), "");
    writeFileSync(at("b.log"), "");
    writeFileSync(at("b.log.1"), line(200));
    const log = start({ files: [at("*.log*")] }, "access-log.front");
    await round(log);
    add("a.log", 200);
    add("b.log", 200, 500);
    writeFileSync(at("c.log"), line(200)); // new since the last round: all of it counts
    const { metrics, checks } = await round(log);
    expect(metrics?.["custom.accesslog.front.access_num.total_count"]).toBe(4);
    expect(checks).toEqual([{ name: "access-log.front files", status: "OK", message: "3 files are read." }]);
  });

  test("an unfinished line waits for its end, an endless one is skipped", async () => {
    writeFileSync(at("access.log"), "");
    const log = start();
    await round(log);
    const text = line(200);
    appendFileSync(at("access.log"), text.slice(0, 50));
    expect(await total(log)).toBe(0);
    appendFileSync(at("access.log"), text.slice(50) + "x".repeat(3_000_000));
    expect(await total(log)).toBe(1);
    appendFileSync(at("access.log"), `\n${line(200)}`);
    expect(await total(log)).toBe(1);
  });
});

describe("rotation", () => {
  test("renamed and made anew: the last lines of the old and all of the new file count", async () => {
    writeFileSync(at("access.log"), line(200));
    const log = start();
    await round(log);
    add("access.log", 200);
    renameSync(at("access.log"), at("access.log.1"));
    add("access.log.1", 500); // the server was not told yet
    add("access.log", 200, 200);
    expect(await total(log)).toBe(4);
    add("access.log.1", 500);
    add("access.log", 200);
    expect(await total(log)).toBe(2);
    expect(await total(log)).toBe(0);
  });

  test("a file that was renamed, compressed and removed at once loses nothing", async () => {
    writeFileSync(at("access.log"), line(200));
    const log = start();
    await round(log);
    add("access.log", 200);
    copyFileSync(at("access.log"), at("access.log.1.gz"));
    rmSync(at("access.log"));
    add("access.log", 200);
    expect(await total(log)).toBe(2);
  });

  test("while there is no file, the old one goes on", async () => {
    writeFileSync(at("access.log"), line(200));
    const log = start();
    await round(log);
    renameSync(at("access.log"), at("access.log.1"));
    add("access.log.1", 200);
    const found = await round(log).catch((error: unknown) => error);
    expect(found).toMatchObject({ metrics: { "custom.accesslog.access_num.total_count": 1 } });
    add("access.log", 200);
    expect(await total(log)).toBe(1);
  });

  test("copied and truncated: the rest is read from the copy", async () => {
    writeFileSync(at("access.log"), line(200) + line(200));
    const log = start();
    await round(log);
    add("access.log", 404, 404);
    copyFileSync(at("access.log"), at("access.log.1"));
    truncateSync(at("access.log"));
    add("access.log", 200);
    const { metrics } = await round(log);
    expect(metrics).toMatchObject({ "custom.accesslog.access_num.total_count": 3, "custom.accesslog.access_num.4xx_count": 2 });
  });

  test("truncated and grown beyond the old place is noticed by its first bytes", async () => {
    writeFileSync(at("access.log"), line(200));
    const log = start();
    await round(log);
    truncateSync(at("access.log"));
    add("access.log", 200, 200, 200);
    expect(await total(log)).toBe(3);
  });
});

describe("restart", () => {
  test("counting goes on where it stopped, without a line lost or counted twice", async () => {
    writeFileSync(at("access.log"), line(200));
    const before = start();
    await round(before);
    add("access.log", 200);
    expect(await total(before)).toBe(1);
    await before.close?.();
    add("access.log", 200, 500);
    const after = start();
    expect(await total(after)).toBe(2);
    expect(await total(after)).toBe(0);
  });

  test("a rotation during the stop is followed, by the inode and for a copy by its first bytes", async () => {
    for (const rotate of [
      (): void => renameSync(at("access.log"), at("access.log.1")),
      (): void => {
        copyFileSync(at("access.log"), at("access.log.1"));
        truncateSync(at("access.log"));
      },
    ]) {
      for (const name of ["access.log", "access.log.1", "state/places.json"]) rmSync(at(name), { force: true });
      writeFileSync(at("access.log"), line(200));
      const before = start();
      await round(before);
      await before.close?.();
      add("access.log", 500, 500);
      rotate();
      writeFileSync(at("access.log.2.gz"), "\u001f\u008b no text");
      add("access.log", 200);
      expect(await total(start())).toBe(3);
    }
  });

  test("after a long absence the lines of meanwhile are left out, and the log says so", async () => {
    writeFileSync(at("access.log"), line(200));
    const before = start();
    await round(before);
    await before.close?.();
    add("access.log", 200);
    await clock.advance(minutes(30));
    const after = start();
    expect(await total(after)).toBe(0);
    expect(logged).toContain("left out");
    add("access.log", 200);
    expect(await total(after)).toBe(1);
  });

  test("damaged places cost the lines before the start, nothing else", async () => {
    writeFileSync(at("access.log"), line(200));
    writeFileSync(at("state/places.json"), '{"at":1,"files":{"x":');
    const log = start();
    expect(await total(log)).toBe(0);
    add("access.log", 200);
    expect(await total(log)).toBe(1);
    expect(JSON.parse(readFileSync(at("state/places.json"), "utf8"))).toHaveProperty("files");
  });
});

describe("trouble", () => {
  test("a file that is missing is told, and counted from its first line when it comes", async () => {
    const log = start();
    await expect(round(log)).rejects.toThrow(`${at("access.log")} does not exist.`);
    add("access.log", 200, 200);
    expect(await total(log)).toBe(2);
  });

  test.skipIf(process.platform === "win32")("a named pipe and a folder are told, and hold nobody up", async () => {
    execFileSync("mkfifo", [at("access.log")]);
    await expect(round(start())).rejects.toThrow(`${at("access.log")} is no file.`);
    await expect(round(start({ files: [at("state")] }))).rejects.toThrow(`${at("state")} is no file.`);
  });

  test("one missing file does not hinder the others", async () => {
    writeFileSync(at("access.log"), "");
    const log = start({ files: [at("access.log"), at("gone.log"), at("none/*.log")] });
    await round(log);
    add("access.log", 200);
    const { metrics, checks } = await round(log);
    expect(metrics).toMatchObject({ "custom.accesslog.access_num.total_count": 1 });
    expect(checks?.[0]).toMatchObject({ status: "CRITICAL" });
    expect(checks?.[0]?.message).toContain("gone.log does not exist");
  });

  test("lines of another format become a warning that names no line", async () => {
    writeFileSync(at("access.log"), "");
    const log = start({ format: "ltsv" });
    await round(log);
    add("access.log", ...Array.from({ length: 20 }, () => 200));
    const { checks } = await round(log);
    expect(checks?.[0]).toMatchObject({ status: "WARNING" });
    expect(checks?.[0]?.message).toMatch(/^20 of 20 lines are no requests in the format ltsv/u);
  });

  test("wrong options are told all at once", () => {
    expect(() => start({ files: [], format: "csv", time_unit: "min", statuses: ["4xx"], prefix: "a b" })).toThrow(
      /files.*prefix.*format.*time_unit.*statuses/su,
    );
  });
});
