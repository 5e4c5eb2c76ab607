import { describe, expect, test } from "vitest";
import { farthest, learn, oddness } from "./mixture.ts";
import { features, judgeRow, neededSamples, train } from "./training.ts";

const breathe = (): Promise<void> => Promise.resolve();

/** The same numbers in every run; nearly Gaussian. */
function noise(seed: number): () => number {
  let state = seed;
  const next = (): number => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  return () => Array.from({ length: 12 }, next).reduce((sum, one) => sum + one, -6);
}

/** Hosts that are busy by day and idle by night: two clouds. */
function usualRows(count: number, seed = 7): number[][] {
  const random = noise(seed);
  return Array.from({ length: count }, (_, i) => {
    const isDay = i % 144 > 50;
    const load = isDay ? 4 : 0.5;
    return features.map((_feature, f) => Math.max(0, load * (f + 1) * 10 * (1 + 0.08 * random())));
  });
}

describe("a mixture", () => {
  test("finds two clouds where there are two, and one where there is one", async () => {
    const random = noise(3);
    const two = Array.from({ length: 800 }, (_, i) => [(i % 2) * 10 + random() * 0.5, (i % 2) * -5 + random() * 0.5]);
    const found = await learn(two, breathe);
    expect(found.weights).toHaveLength(2);
    expect(found.means.map(([x = 0]) => Math.round(x) + 0).toSorted((a, b) => a - b)).toEqual([0, 10]);
    const one = Array.from({ length: 800 }, () => [random(), random()]);
    expect((await learn(one, breathe)).weights).toHaveLength(1);
    expect(oddness([5, 2.5], found)).toBeGreaterThan(oddness([0, 0], found) + 10);
    expect(farthest([0, 3], found)).toMatchObject({ column: 1 });
  });

  test("of rows that never move makes no small step odd", async () => {
    const still = Array.from({ length: 600 }, () => [0, 0]);
    const mixture = await learn(still, breathe);
    expect(oddness([0.05, 0], mixture) - oddness([0, 0], mixture)).toBeLessThan(1);
  });
});

describe("what a role's hosts are like", () => {
  test("is not learnt from too little", async () => {
    expect(await train(usualRows(neededSamples - 1), breathe)).toBeUndefined();
    expect(await train([], breathe)).toBeUndefined();
    expect(
      await train(
        usualRows(1000).map((row) => row.map(() => Number.NaN)),
        breathe,
      ),
    ).toBeUndefined();
  });

  test("lets the usual pass, by day and by night, and tells which metric differs most", async () => {
    const model = await train(usualRows(4000), breathe);
    if (!model) throw new Error("it learnt nothing");
    const fresh = usualRows(2000, 99).map((row) => judgeRow(row, model)?.oddness ?? Infinity);
    const beyond = (level: "insensitive" | "normal" | "sensitive"): number => fresh.filter((odd) => odd > model.limits[level]).length;
    expect(beyond("insensitive")).toBe(0);
    expect(beyond("normal")).toBeLessThan(4);
    expect(beyond("sensitive")).toBeLessThan(40);
    const [usual = []] = usualRows(1);
    const odd = usual.map((value, f) => (features[f]?.name === "memory.used" ? value * 8 : value));
    const said = judgeRow(odd, model);
    expect(said?.metric).toBe("memory.used");
    expect(said?.deviations).toBeGreaterThan(5);
    expect(said?.oddness).toBeGreaterThan(model.limits.insensitive);
  });

  test("is not asked of a host that lacks what was learnt, and does not miss what was never there", async () => {
    const rows = usualRows(1000).map((row) => row.map((value, f) => (f === 3 ? Number.NaN : value)));
    const model = await train(rows, breathe);
    if (!model) throw new Error("it learnt nothing");
    expect(model.columns).not.toContain(3);
    expect(judgeRow(rows[0] ?? [], model)).toBeDefined();
    expect(
      judgeRow(
        (rows[0] ?? []).map(() => Number.NaN),
        model,
      ),
    ).toBeUndefined();
  });
});
