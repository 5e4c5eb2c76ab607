import { describe, expect, test } from "vitest";
import { HinobanError } from "#base/errors";
import { fuzz } from "#test/fuzz";
import { IntegrationRig } from "#test/integration-rig";
import { parseServerStatus } from "./status.ts";

const page = [
  "127.0.0.1",
  "ServerVersion: Apache/2.4.62 (Debian)",
  "ServerMPM: event",
  "ServerUptimeSeconds: 3601",
  "Load1: 0.10",
  "Total Accesses: 1200",
  "Total kBytes: 34567",
  "Total Duration: 998",
  "CPULoad: .0277701",
  "Uptime: 3601",
  "ReqPerSec: .333241",
  "BusyWorkers: 3",
  "IdleWorkers: 47",
  "Processes: 2",
  "ConnsTotal: 9",
  "ConnsAsyncWriting: 1",
  "ConnsAsyncKeepAlive: 5",
  "ConnsAsyncClosing: 0",
  "Scoreboard: ___W__RK_.........G",
  "",
].join("\n");

describe("server-status?auto", () => {
  test("workers, counters and the scoreboard are read", () => {
    expect(parseServerStatus(page)).toMatchObject({
      requests: 1200,
      kbytes: 34_567,
      cpu_load: 0.027_770_1,
      busy_workers: 3,
      idle_workers: 47,
      conns_keep_alive: 5,
      "score-_": 6,
      "score-W": 1,
      "score-G": 1,
      "score-": 9,
      "score-D": 0,
    });
  });

  test("without ExtendedStatus there are workers only", () => {
    const figures = parseServerStatus("BusyWorkers: 1\nIdleWorkers: 4\nScoreboard: W____\n");
    expect(figures).toMatchObject({ busy_workers: 1, "score-_": 4 });
    expect(figures).not.toHaveProperty("requests");
  });

  test("the page for people is refused", () => {
    expect(() => parseServerStatus("<html>BusyWorkers</html>")).toThrow("no page of server-status?auto");
  });

  test("broken pages are refused or give numbers", () => {
    const isExpected = (error: unknown): boolean => error instanceof HinobanError && error.code === "invalid-input";
    const parse = (input: Buffer): void => {
      if (!Object.values(parseServerStatus(input.toString("latin1"))).every((value) => value >= 0))
        throw new Error("a figure is no number");
    };
    const { taken, refused } = fuzz([page], parse, isExpected);
    expect(Math.min(taken, refused)).toBeGreaterThan(1000);
  });
});

test("wrong options are told all at once, and never a password", () => {
  const options = {
    url: "http://u:secret@127.0.0.1/server-status",
    headers: { "a b": "x" },
    password: "hidden",
    password_file: "/x",
    timeout: 0,
  };
  const make = (): unknown => new IntegrationRig("apache", options);
  expect(make).toThrow(/url.*must not hold a user.*timeout.*headers.*password.*keep one of the three.*\?auto/su);
  try {
    make();
  } catch (error) {
    expect(String(error)).not.toMatch(/secret|hidden/u);
  }
});
