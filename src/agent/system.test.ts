import { expect, test } from "vitest";
import { SystemClock } from "#adapters/clock/system";
import { millis, seconds } from "#base/duration";
import { FakeClock } from "#test/fake-clock";
import { collectorsFor } from "./collectors/index.ts";
import { createLog } from "./log.ts";
import { Sampler } from "./sampler.ts";
import { MachineReader, withinTime } from "./system.ts";

test.runIf(process.platform === "linux")("this very machine gives Mackerel's metrics, complete and plausible", async () => {
  const clock = new SystemClock();
  const lines: string[] = [];
  const reader = new MachineReader(clock);
  const sampler = new Sampler(
    collectorsFor("linux", { reader, mono: () => clock.mono() }),
    clock,
    createLog((text) => void lines.push(text), clock),
  );
  const first = await sampler.sample();
  expect(first).not.toHaveProperty("cpu.user.percentage");
  const began = clock.mono();
  await expect.poll(() => clock.mono() - began).toBeGreaterThan(700); // long enough for a rate
  const values = await sampler.sample();
  expect(lines).toEqual([]);
  for (const name of [
    "loadavg1",
    "loadavg5",
    "loadavg15",
    "cpu.idle.percentage",
    "memory.total",
    "memory.used",
    "custom.uptime.seconds",
    "custom.processes.total",
  ]) {
    expect(values).toHaveProperty([name]);
  }
  const cpu = Object.entries(values).filter(([name]) => name.startsWith("cpu."));
  const total = cpu.reduce((sum, [, value]) => sum + value, 0);
  expect(total / 100).toBeCloseTo(Math.round(total / 100), 2);
  expect(values["memory.used"]).toBeLessThan(values["memory.total"] ?? 0);
  expect(values["custom.processes.total"]).toBeGreaterThan(1);
  expect(Object.entries(values).filter(([, value]) => value < 0)).toEqual([]);
});

test("a file that is not there is an error with its path", async () => {
  await expect(new MachineReader(new SystemClock()).text("/proc/does-not-exist")).rejects.toThrow("/proc/does-not-exist");
  await expect(new MachineReader(new SystemClock()).command("/does/not/exist", [])).rejects.toMatchObject({ code: "unavailable" });
});

test("a question that hangs is given up after its time", async () => {
  const clock = new FakeClock();
  const answer = withinTime(clock, "agent.statfs /mnt", seconds(3), new Promise<number>(() => undefined));
  const outcome = answer.catch((error: unknown) => error);
  await clock.advance(millis(3001));
  expect(await outcome).toMatchObject({ code: "timeout" });
  expect(clock.timers).toEqual([]);
});
