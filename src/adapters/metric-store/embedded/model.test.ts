import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FakeMetricStore } from "#ports/metric-store/fake";
import { put, range, type Sample } from "#ports/metric-store/contract";
import type { BucketColumns, GroupMember, MetricStore } from "#ports/metric-store/port";
import { startEmbedded, type EmbeddedRig } from "#test/embedded-metric-store";

// The embedded store must give what the plain one in memory gives, whatever happens in whatever order.

const sources = ["a", "b", "c"];
const names = ["loadavg5", "memory.used"];
const day = 86_400;

type Step =
  | { readonly do: "append"; readonly samples: readonly { source: number; name: number; ago: number; value: number }[] }
  | { readonly do: "fill"; readonly hours: number; readonly every: number; readonly value: number }
  | { readonly do: "advance"; readonly seconds: number }
  | { readonly do: "leap"; readonly days: number }
  | { readonly do: "maintain" | "settle" | "reopen" | "compare" }
  | { readonly do: "drop"; readonly source: number }
  | {
      readonly do: "query";
      readonly back: number;
      readonly length: number;
      readonly buckets: number;
      readonly during: readonly (readonly [number, number])[];
    };

const value = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.integer({ min: 0, max: 10_000 }).map((n) => n / 100),
  fc.integer({ min: 0, max: 1e6 }).map((n) => n / 60),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }),
);
const sample = fc.record({
  source: fc.nat({ max: sources.length - 1 }),
  name: fc.nat({ max: names.length - 1 }),
  ago: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 1800 }) },
    { weight: 2, arbitrary: fc.integer({ min: -day, max: day + 120 }) },
  ),
  value,
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.array(sample, { minLength: 1, maxLength: 30 }).map((samples): Step => ({ do: "append", samples })) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("fill" as const),
      hours: fc.integer({ min: 1, max: 24 }),
      every: fc.integer({ min: 1, max: 20 }),
      value,
    }),
  },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 5000 }).map((seconds): Step => ({ do: "advance", seconds })) },
  {
    weight: 2,
    arbitrary: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 40 })).map((days): Step => ({ do: "leap", days })),
  },
  { weight: 5, arbitrary: fc.constantFrom<Step>({ do: "maintain" }, { do: "settle" }, { do: "reopen" }, { do: "compare" }) },
  { weight: 1, arbitrary: fc.nat({ max: sources.length - 1 }).map((source): Step => ({ do: "drop", source })) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("query" as const),
      back: fc.oneof(fc.integer({ min: 0, max: 5 * day }), fc.integer({ min: 0, max: 80 * day })),
      length: fc.oneof(fc.integer({ min: 60, max: 5 * day }), fc.integer({ min: 60, max: 80 * day })),
      buckets: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 400 })),
      during: fc.array(fc.tuple(fc.integer({ min: 0, max: 5 * day }), fc.integer({ min: 0, max: 5 * day })), { maxLength: 2 }),
    }),
  },
);

/** Sums that were added in another order differ in their last digits. Rounding both would tell two apart that lie beside each other. */
function expectNear(real: Iterable<number> | undefined, model: Iterable<number> | undefined): void {
  const [a, b] = [Array.from(real ?? []), Array.from(model ?? [])];
  expect(a.length).toBe(b.length);
  for (const [index, one] of a.entries()) {
    const other = b[index] ?? Number.NaN;
    const isSame = Number.isNaN(one)
      ? Number.isNaN(other)
      : Math.abs(one - other) <= 1e-10 + 1e-9 * Math.max(Math.abs(one), Math.abs(other));
    if (!isSame) expect(`${index}: ${one}`).toBe(`${index}: ${other}`);
  }
}

async function compare(real: MetricStore, model: MetricStore, now: number): Promise<void> {
  const all = range(now - 200 * day, now + 2 * day);
  for (const source of sources) {
    expect(await real.names(source)).toEqual(await model.names(source));
    for (const name of names) {
      expect(await real.read(source, name, all)).toEqual(await model.read(source, name, all));
      expect(await real.latest(source, name)).toEqual(await model.latest(source, name));
    }
  }
  expect(real.status().series).toBe(model.status().series);
}

function expectSameColumns(real: BucketColumns | undefined, model: BucketColumns | undefined): void {
  expect([real?.from, real?.step]).toEqual([model?.from, model?.step]);
  for (const column of ["avg", "min", "max", "count"] as const) expectNear(real?.[column], model?.[column]);
}

async function query(real: MetricStore, model: MetricStore, now: number, q: Extract<Step, { do: "query" }>): Promise<void> {
  const wanted = range(now - q.back, now - q.back + q.length);
  for (const source of sources) {
    expectSameColumns(
      await real.buckets(source, "loadavg5", wanted, q.buckets),
      await model.buckets(source, "loadavg5", wanted, q.buckets),
    );
  }
  const during = q.during.map(([back, length]) => range(now - back, now - back + length)).sort((x, y) => x.from - y.from);
  const disjoint = during.filter((d, i) => i === 0 || d.from >= (during[i - 1]?.to ?? 0));
  const members: GroupMember[] = [{ source: "c" }, { source: "nobody" }, { source: "a", during: disjoint }, { source: "b" }];
  const g = { ...wanted, name: "loadavg5", buckets: q.buckets, members };
  const [a, b] = [await real.group(g), await model.group(g)];
  expect([a.from, a.step, a.width, a.sources]).toEqual([b.from, b.step, b.width, b.sources]);
  expectNear(a.values, b.values);
}

/** A stretch of points up to now of every source, the value going up and down. */
function filling(s: Extract<Step, { do: "fill" }>, now: number): Sample[] {
  const samples: Sample[] = [];
  for (let minute = s.hours * 60; minute >= 0; minute -= s.every) {
    for (const [k, source] of sources.entries()) samples.push([source, "loadavg5", now - minute * 60, s.value + (minute % 7) * k]);
  }
  return samples;
}

async function append(rig: EmbeddedRig, model: FakeMetricStore, samples: readonly Sample[]): Promise<void> {
  expect(await put(rig.store(), samples)).toEqual(await put(model, samples));
}

/** One step of each kind. */
const doers: { readonly [K in Step["do"]]: (rig: EmbeddedRig, model: FakeMetricStore, s: Extract<Step, { do: K }>) => Promise<void> } = {
  append: (rig, model, { samples }) =>
    append(
      rig,
      model,
      samples.map((p) => [sources[p.source] ?? "", names[p.name] ?? "", rig.now() - p.ago, p.value + 0]),
    ),
  fill: (rig, model, s) => append(rig, model, filling(s, rig.now())),
  advance: (rig, _model, s) => rig.advance(s.seconds),
  // Days without any housekeeping do not happen while the store is open.
  leap: async (rig, _model, s) => {
    await rig.settle();
    await rig.advance(s.days * day);
    await rig.embedded().maintain();
  },
  maintain: (rig) => rig.embedded().maintain(),
  settle: (rig) => rig.settle(),
  reopen: (rig) => rig.reopen(),
  drop: async (rig, model, s) => {
    await rig.store().drop(sources[s.source] ?? "");
    await model.drop(sources[s.source] ?? "");
  },
  compare: (rig, model) => compare(rig.store(), model, rig.now()),
  query: (rig, model, s) => query(rig.store(), model, rig.now(), s),
};

async function run(rig: EmbeddedRig, model: FakeMetricStore, steps: readonly Step[]): Promise<void> {
  for (const one of steps) {
    const doer = doers[one.do] as (rig: EmbeddedRig, model: FakeMetricStore, s: Step) => Promise<void>; // the one for this kind of step
    await doer(rig, model, one);
  }
  await compare(rig.store(), model, rig.now());
}

describe("the embedded metric store under random use", () => {
  test("gives what a plain map gives, through late points, overwriting, merging, retention, dropping and restarts", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), fc.boolean(), async (steps, isTiny) => {
        const rig = await startEmbedded({ retentionDays: 20, ...(isTiny ? { segmentBytes: 500, headBytes: 1, indexCacheBytes: 1 } : {}) });
        try {
          await run(rig, new FakeMetricStore(rig.clock, { retentionDays: 20 }), steps);
        } finally {
          await rig.close();
        }
      }),
      { numRuns: 30 },
    );
  }, 120_000);
});
