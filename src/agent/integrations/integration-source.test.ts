import { expect, test } from "vitest";
import { minutes, seconds, unixSeconds } from "#base/duration";
import { FakeClock } from "#test/fake-clock";
import type { CheckReport } from "../checks/check.ts";
import type { HostToMake } from "../extra-points.ts";
import { createLog } from "../log.ts";
import { Sources } from "../sources.ts";
import { IntegrationSource } from "./integration-source.ts";
import type { Collected, Integration } from "./integration.ts";

const time = unixSeconds(1_800_000_000);

function rig(integration: Partial<Integration>) {
  const clock = new FakeClock();
  const reports: CheckReport[] = [];
  const allowed: [string, HostToMake][] = [];
  let told = 0;
  const made = { integration: { kind: "x", name: "x.one", collect: async () => ({}), ...integration } };
  const source = new IntegrationSource(made, {
    clock,
    report: async (report) => void reports.push(report),
    allowHost: (customIdentifier, host) => void allowed.push([customIdentifier, host]),
    onChecks: () => void (told += 1),
  });
  return { clock, source, reports, allowed, told: () => told };
}

const heard = (reports: readonly CheckReport[]): readonly string[] =>
  reports.map(({ name, status, message }) => `${name}: ${status} ${message}`);
const never = new AbortController().signal;

test("what an integration finds goes where it belongs, without what the server would refuse", async () => {
  const collected: Collected = {
    metrics: { "custom.a.b": 1.23456, "custom.a.nan": Number.NaN, "custom..bad": 1 },
    points: [
      { name: "custom.p", time: unixSeconds(5), value: 2 },
      { name: "bad name", time, value: 1 },
    ],
    serviceMetrics: { shop: { "access.2xx": 3 } },
    hosts: [
      {
        customIdentifier: "rds",
        metrics: { "custom.c.d": 4 },
        points: [{ name: "custom.e", time: unixSeconds(6), value: 5 }],
        register: { name: "db" },
      },
    ],
    checks: [{ name: "db slow", status: "WARNING", message: "slow" }],
  };
  const { source, reports, allowed, told } = rig({ collect: async () => collected });
  expect(source.checkNames).toBeUndefined();
  expect(await source.round(time, never)).toEqual({
    values: { "custom.a.b": 1.23 },
    extra: [
      { name: "custom.p", time: 5, value: 2 },
      { name: "access.2xx", time, value: 3, service: "shop" },
      { name: "custom.c.d", time, value: 4, host: "rds" },
      { name: "custom.e", time: 6, value: 5, host: "rds" },
    ],
  });
  await source.round(time, never);
  expect(heard(reports)).toEqual(["integration x.one: OK It works.", "db slow: WARNING slow", "db slow: WARNING slow"]);
  expect(source.checkNames).toEqual(["integration x.one", "db slow"]);
  expect(allowed[0]).toEqual(["rds", { name: "db" }]);
  expect(told()).toBe(1);
});

test("one that fails is a CRITICAL check with its reason, and OK when it works again", async () => {
  let isBroken = true;
  const { source, reports } = rig({
    collect: async () => {
      if (isBroken) throw new Error("no answer");
      return {};
    },
  });
  await expect(source.round(time, never)).rejects.toThrow("no answer");
  isBroken = false;
  await source.round(time, never);
  expect(heard(reports)).toEqual(["integration x.one: CRITICAL no answer", "integration x.one: OK It works."]);
});

test("one that hangs is told to stop, then reported, and never runs twice at once", async () => {
  let running = 0;
  let most = 0;
  let aborted = 0;
  let release = (): void => undefined;
  const { clock, source, reports } = rig({
    collect: async (signal) => {
      running += 1;
      most = Math.max(most, running);
      signal.addEventListener("abort", () => (aborted += 1));
      await new Promise<void>((resolve) => (release = resolve));
      running -= 1;
      return {};
    },
  });
  const first = source.round(time, never).catch((error: unknown) => String(error));
  await clock.advance(minutes(1));
  expect(await first).toContain("took longer than 50000 ms");
  expect(aborted).toBe(1);
  await expect(source.round(time, never)).rejects.toThrow("an earlier round still hangs");
  release();
  await clock.advance(seconds(1));
  const third = source.round(time, never);
  release();
  await third;
  expect(most).toBe(1);
  expect(reports.map(({ status }) => status)).toEqual(["CRITICAL", "CRITICAL", "OK"]);
});

test("a source that fails or is slow costs the others nothing, and comes at its own pace", async () => {
  const clock = new FakeClock();
  const lines: string[] = [];
  const sources = new Sources(
    clock,
    createLog((line) => void lines.push(line), clock),
  );
  let rounds = 0;
  sources.set([
    { name: "good", everyMinutes: 1, round: async () => ({ values: { a: 1 }, extra: [] }) },
    {
      name: "bad",
      everyMinutes: 1,
      round: async () => {
        throw new Error("why");
      },
    },
    {
      name: "slow",
      everyMinutes: 1,
      round: async () => clock.sleep("test.slow", seconds(30)).then(() => ({ values: { b: 2 }, extra: [] })),
    },
    { name: "rare", everyMinutes: 5, round: async () => ({ values: { c: (rounds += 1) }, extra: [] }) },
  ]);
  const minute = async (at: number) => {
    const found = sources.collect(unixSeconds(time + at * 60), never);
    await clock.advance(minutes(1));
    return found;
  };
  expect(await minute(0)).toEqual({ values: { a: 1, c: 1 }, extra: [] });
  expect(await minute(1)).toEqual({ values: { a: 1 }, extra: [{ name: "b", value: 2, time }] });
  for (const at of [2, 3, 4]) await minute(at);
  expect(rounds).toBe(1);
  expect((await minute(5)).values).toEqual({ a: 1, c: 2 });
  expect((await minute(-1440)).values).toMatchObject({ a: 1, c: 3 }); // the clock was set back by a day
  expect(lines.filter((line) => line.includes("bad gives no values: why"))).toHaveLength(1);
});

test("a source that does not end holds up nobody who stops the agent", async () => {
  const clock = new FakeClock();
  const sources = new Sources(
    clock,
    createLog(() => undefined, clock),
  );
  sources.set([{ name: "deaf", everyMinutes: 1, round: () => new Promise(() => undefined) }]);
  const end = new AbortController();
  const found = sources.collect(time, end.signal);
  end.abort();
  expect(await found).toEqual({ values: {}, extra: [] });
});
