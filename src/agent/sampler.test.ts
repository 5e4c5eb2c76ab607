import { expect, test } from "vitest";
import { seconds } from "#base/duration";
import { FakeClock } from "#test/fake-clock";
import type { Collector, MetricValues } from "./collectors/collector.ts";
import { createLog } from "./log.ts";
import { Sampler } from "./sampler.ts";

function rig(...collectors: readonly Collector[]): { sampler: Sampler; clock: FakeClock; lines: string[] } {
  const clock = new FakeClock();
  const lines: string[] = [];
  const sampler = new Sampler(
    collectors,
    clock,
    createLog((text) => void lines.push(text), clock),
  );
  return { sampler, clock, lines };
}

const giving = (values: MetricValues): Collector => ({ name: "fixed", collect: async () => values });

test("what cannot be a point is left out", async () => {
  const { sampler } = rig(
    giving({
      loadavg1: 0.123456,
      "cpu.user.percentage": 12.3456,
      nan: Number.NaN,
      inf: Number.POSITIVE_INFINITY,
      "bad name": 1,
      "two..dots": 1,
      [`a.${"b".repeat(254)}`]: 1,
    }),
  );
  expect(await sampler.sample()).toEqual({ loadavg1: 0.1235, "cpu.user.percentage": 12.35 });
});

test("a collector that fails costs only its own metrics and is logged once until it recovers", async () => {
  let isBroken = true;
  const flaky: Collector = {
    name: "flaky",
    collect: async () => {
      if (isBroken) throw new Error("no such file");
      return { flaky: 1 };
    },
  };
  const { sampler, lines } = rig(flaky, giving({ good: 2 }));
  expect(await sampler.sample()).toEqual({ good: 2 });
  await sampler.sample();
  expect(lines.filter((line) => line.includes("No metrics of flaky: no such file"))).toHaveLength(1);
  isBroken = false;
  expect(await sampler.sample()).toEqual({ good: 2, flaky: 1 });
  expect(lines.at(-1)).toContain("can be read again");
});

test("a collector that hangs neither stalls the sample nor is asked a second time", async () => {
  let asked = 0;
  const hanging: Collector = {
    name: "hanging",
    collect: () => {
      asked += 1;
      return new Promise<MetricValues>(() => undefined);
    },
  };
  const { sampler, clock } = rig(hanging, giving({ good: 1 }));
  const sample = sampler.sample();
  await clock.advance(seconds(25));
  expect(await sample).toEqual({ good: 1 });
  expect(await sampler.sample()).toEqual({ good: 1 });
  expect(asked).toBe(1);
});
