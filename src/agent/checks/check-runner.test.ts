import { describe, expect, test } from "vitest";
import { minutes, seconds } from "#base/duration";
import { FakeRunner } from "#test/agent/fake-runner";
import { FakeClock } from "#test/fake-clock";
import type { CheckPluginConfig } from "../conf/plugins.ts";
import type { ExtraPoint } from "../extra-points.ts";
import { createLog } from "../log.ts";
import type { RunResult } from "../plugins/command.ts";
import { judge, runCheck } from "./check-runner.ts";
import type { CheckReport } from "./check.ts";

const config: CheckPluginConfig = {
  name: "web",
  signature: "",
  run: { command: "check", user: undefined, env: {}, timeout: seconds(30) },
  interval: minutes(1),
  maxCheckAttempts: undefined,
  notificationInterval: undefined,
  preventAutoClose: false,
  action: undefined,
  customIdentifier: undefined,
  memo: undefined,
  perfdata: false,
};

/** Runs the check once for each result, a minute apart. */
async function looks(results: readonly RunResult[], more: Partial<CheckPluginConfig> = {}) {
  const clock = new FakeClock();
  const runner = new FakeRunner();
  const left = [...results];
  runner.answers.set("check", () => left.shift() ?? FakeRunner.exit(3, "no more"));
  runner.answers.set("act", "");
  const reports: [CheckReport, boolean][] = [];
  const points: ExtraPoint[] = [];
  const end = new AbortController();
  const done = runCheck(
    { ...config, ...more },
    {
      clock,
      runner,
      random: () => 0,
      spread: seconds(10),
      log: createLog(() => undefined, clock),
      report: async (report, isChange) => void reports.push([report, isChange]),
      points: (found) => void points.push(...found),
    },
    end.signal,
  );
  await clock.advance(seconds(1));
  for (const _ of results.slice(1)) await clock.advance(minutes(1));
  end.abort();
  await clock.advance(minutes(1));
  await done;
  return { reports, points, runs: runner.runs };
}

describe("what a program's end means", () => {
  test.each([
    [FakeRunner.exit(0, "fine\n"), "OK", "fine\n"],
    [FakeRunner.exit(1, "a\nb\n"), "WARNING", "a\nb\n"],
    [FakeRunner.exit(2, "bad"), "CRITICAL", "bad"],
    [FakeRunner.exit(3, "?"), "UNKNOWN", "?"],
    [FakeRunner.exit(127, ""), "UNKNOWN", ""],
    [{ kind: "exited", code: 126, stdout: " \n", stderr: "not found" }, "UNKNOWN", "not found"],
    [{ kind: "timeout", stdout: "", stderr: "" }, "UNKNOWN", "The check gave no result: it took longer than 30 s and was ended."],
    [{ kind: "failed", why: "x was not found" }, "UNKNOWN", "The check gave no result: x was not found."],
  ] as const)("%j is %s", (result, status, message) => {
    expect(judge(result, seconds(30))).toEqual({ status, message });
  });

  test("a message is cut at 1,024 characters, never inside one", () => {
    expect([...judge(FakeRunner.exit(2, "𠮷".repeat(2000)), seconds(1)).message]).toHaveLength(1024);
    expect(judge(FakeRunner.exit(2, "x".repeat(1025)), seconds(1)).message).toHaveLength(1024);
  });
});

describe("what the server hears", () => {
  const statuses = ({ reports }: { readonly reports: readonly [CheckReport, boolean][] }): string =>
    reports.map(([{ status, message }, isChange]) => `${status.slice(0, 1)}${message}${isChange ? "!" : ""}`).join(" ");
  const ok = (text = ""): RunResult => FakeRunner.exit(0, text);
  const bad = (text = ""): RunResult => FakeRunner.exit(2, text);

  test("an OK only when it is news, everything else each time, a changed status at once", async () => {
    expect(statuses(await looks([ok("a"), ok("a"), ok("b"), bad("c"), bad("c"), ok("b"), ok("b")]))).toBe("Oa! Ob Cc! Cc Ob!");
  });

  test("never an OK when a person shall close the alert", async () => {
    expect(statuses(await looks([ok(), bad("x"), ok(), bad("x")], { preventAutoClose: true }))).toBe("Cx! Cx!");
  });

  test("attempts, repetition and the other host come with each result", async () => {
    const { reports } = await looks([bad("x")], { maxCheckAttempts: 3, notificationInterval: 30, customIdentifier: "db" });
    expect(reports[0]?.[0]).toMatchObject({ name: "web", maxCheckAttempts: 3, notificationInterval: 30, customIdentifier: "db" });
  });

  test("performance data only when it is asked for", async () => {
    expect((await looks([ok("a|x=1")])).points).toEqual([]);
    const { points } = await looks([ok("a|x=1 'y z'=2")], { perfdata: true });
    expect(points).toMatchObject([
      { name: "custom.check.web.x", value: 1 },
      { name: "custom.check.web.y_z", value: 2 },
    ]);
  });

  test("the action hears the status, the one before and the message after each look", async () => {
    const action = { command: "act", user: undefined, env: { OWN: "1" }, timeout: seconds(5) };
    const { runs } = await looks([bad("x\0y"), ok("fine")], { action });
    expect(runs.filter(({ command }) => command === "act").map(({ env }) => env)).toEqual([
      { OWN: "1", MACKEREL_STATUS: "CRITICAL", MACKEREL_PREVIOUS_STATUS: "", MACKEREL_CHECK_MESSAGE: "xy" },
      { OWN: "1", MACKEREL_STATUS: "OK", MACKEREL_PREVIOUS_STATUS: "CRITICAL", MACKEREL_CHECK_MESSAGE: "fine" },
    ]);
  });

  test("looks follow the interval", async () => {
    expect((await looks([ok(), ok(), ok(), ok(), ok(), ok()], { interval: minutes(5) })).runs).toHaveLength(2);
  });
});
