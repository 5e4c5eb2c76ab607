import { expect, test } from "vitest";
import { unixMs, type UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { FakeClock } from "#test/fake-clock";
import { FakeMetricStore } from "#ports/metric-store/fake";
import { Combined, type CombinedShape } from "./combined.ts";
import { CounterRates } from "./counter-rates.ts";
import { Intake } from "./intake.ts";
import { gauge, part, rate } from "./outputs.ts";
import { PointBatch } from "./point-batch.ts";
import { SeriesBudget } from "./series-budget.ts";

const clock = new FakeClock();
const start = Math.floor(clock.now() / 60_000) * 60_000;
const at = (seconds: number): UnixMs => unixMs(start + seconds * 1000);
const cores: CombinedShape = { combine: "sum", waits: true };

function rig() {
  const store = new FakeMetricStore(clock);
  const rates = new CounterRates();
  const combined = new Combined();
  let isBroken = false;
  const intake = (): Intake =>
    new Intake({
      batch: new PointBatch(store),
      rates,
      combined,
      append: async (batch) => {
        if (isBroken) throw new HinobanError("unavailable", "the disk is gone");
        return { ...(await store.append(batch.columns())), malformed: batch.malformed };
      },
    });
  /** One post: series, output, seconds, value. */
  const post = async (...samples: readonly (readonly [string, ReturnType<typeof gauge>, number, number])[]): Promise<void> => {
    const one = intake();
    for (const [series, output, seconds, value] of samples) one.feed(output, { source: "h", series, at: at(seconds), value });
    await one.commit();
  };
  const values = (name: string): number[] => store.pointsOf("h", name).map((point) => point.value);
  return { post, values, rates, breakStore: (broken: boolean) => void (isBroken = broken) };
}

test("a rate tells about the whole minute however often a counter is sampled", async () => {
  const { post, values } = rig();
  const rx = rate("rx");
  // 60 a second in the first half of each minute, nothing in the second.
  for (const [seconds, total] of [
    [0, 0],
    [15, 900],
    [30, 1800],
    [45, 1800],
    [60, 1800],
    [75, 2700],
    [90, 3600],
    [105, 3600],
    [120, 3600],
  ] as const) {
    await post(["rx", rx, seconds, total]);
  }
  expect(values("rx")).toEqual([40, 30, 0]); // 1800 in 45 s; 1800 in 60 s; nothing yet in the first second of the third minute
});

test("a post that could not be stored says the same when it comes again", async () => {
  const { post, values, breakStore } = rig();
  await post(["rx", rate("rx"), 0, 0], ["c0", part(gauge("cpu"), cores, "c0"), 0, 1]);
  const second = [
    ["rx", rate("rx"), 60, 60],
    ["new", rate("new"), 60, 5],
    ["rx", rate("rx"), 120, 180],
    ["c0", part(gauge("cpu"), cores, "c0"), 60, 2],
  ] as const;
  breakStore(true);
  await expect(post(...second)).rejects.toMatchObject({ code: "unavailable" });
  await expect(post(...second)).rejects.toMatchObject({ code: "unavailable" });
  breakStore(false);
  await post(...second);
  await post(...second); // the answer was lost: it comes once more
  expect(values("rx")).toEqual([1, 2]);
  expect(values("cpu")).toEqual([1, 2]);
  await post(["new", rate("new"), 120, 65]);
  expect(values("new")).toEqual([1]);
});

test("a counter that says when it began has a rate at once, and another one after it began anew", async () => {
  const store = new FakeMetricStore(clock);
  const intake = new Intake({
    batch: new PointBatch(store),
    rates: new CounterRates(),
    combined: new Combined(),
    append: async () => ({ accepted: 0, tooOld: 0, tooNew: 0, malformed: 0 }),
  });
  expect(intake.rateOf("h", "c", at(60), 120, at(0))).toBe(2);
  expect(intake.rateOf("h", "c", at(120), 30, at(90))).toBe(1);
  expect(intake.rateOf("h", "old", at(60), 120, at(-3600))).toBeUndefined();
  expect(intake.rateOfGrowth("h", "d", at(0), at(60), 60)).toBe(1);
  expect(intake.rateOfGrowth("h", "d", at(60), at(120), 120)).toBe(2);
  expect(intake.rateOfGrowth("h", "d", at(60), at(120), 120), "the same growth again").toBeUndefined();
});

test("a metric of several parts waits for all of them, over posts", async () => {
  const { post, values } = rig();
  const core = (name: string): ReturnType<typeof gauge> => part(gauge("cpu"), cores, name);
  await post(["0", core("0"), 0, 10], ["1", core("1"), 0, 20]);
  await post(["0", core("0"), 60, 11]);
  expect(values("cpu")).toEqual([30]);
  await post(["1", core("1"), 60, 21]);
  expect(values("cpu")).toEqual([30, 32]);
});

test("one sender may run half an hour ahead of the other", async () => {
  const { post, values } = rig();
  const core = (name: string): ReturnType<typeof gauge> => part(gauge("cpu"), cores, name);
  await post(["0", core("0"), 0, 1], ["1", core("1"), 0, 1]);
  for (let minute = 1; minute <= 25; minute += 1) await post(["0", core("0"), minute * 60, minute]);
  for (let minute = 1; minute <= 25; minute += 1) await post(["1", core("1"), minute * 60, minute]);
  expect(values("cpu")).toEqual([2, ...Array.from({ length: 25 }, (_, index) => (index + 1) * 2)]);
});

test("a part that fell silent is waited for three minutes and no longer", async () => {
  const { post, values } = rig();
  const core = (name: string): ReturnType<typeof gauge> => part(gauge("cpu"), cores, name);
  await post(["0", core("0"), 0, 1], ["1", core("1"), 0, 1]);
  for (let minute = 1; minute <= 5; minute += 1) await post(["0", core("0"), minute * 60, 1]);
  expect(values("cpu")).toEqual([2, 1, 1]); // minutes 0, 4 and 5
});

test("required parts, means and extremes", async () => {
  const { post, values } = rig();
  const used: CombinedShape = { combine: "sum", waits: true, required: ["total", "available"] };
  await post(["t", part(gauge("used"), used, "total"), 0, 100]);
  expect(values("used")).toEqual([]);
  await post(["a", part(gauge("used", -1), used, "available"), 0, 30]);
  expect(values("used")).toEqual([70]);
  for (const combine of ["mean", "min", "max"] as const) {
    const shape: CombinedShape = { combine, waits: false };
    await post(["a", part(gauge(combine), shape, "a"), 0, 1], ["b", part(gauge(combine), shape, "b"), 0, 5]);
  }
  expect([values("mean"), values("min"), values("max")]).toEqual([[3], [1], [5]]);
});

test("a source keeps the series that it has and no more than its limit", async () => {
  const store = new FakeMetricStore(clock);
  await store.append({
    count: 1,
    series: Uint32Array.of(store.seriesOf("h", "custom.x.old")),
    times: Uint32Array.of(start / 1000),
    values: Float64Array.of(1),
  });
  const budget = new SeriesBudget(store, "custom.x.");
  await Promise.all([budget.open("h"), budget.open("h")]);
  expect(["custom.x.a", "custom.x.b", "custom.x.old", "custom.x.a", "custom.x.c"].map((name) => budget.admits("h", name, 2))).toEqual([
    true,
    false,
    true,
    true,
    false,
  ]);
  expect(budget.over()).toEqual([{ source: "h", kept: 2, refused: 2 }]);
  expect(budget.admits("h", "custom.x.b", 3), "once the limit was raised").toBe(true);
  expect(budget.over()).toEqual([{ source: "h", kept: 3, refused: 1 }]);
});
