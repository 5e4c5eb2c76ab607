import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hours, minutes, seconds, type Millis } from "#base/duration";
import { FakeProber } from "#ports/prober/fake";
import { FakeClock } from "#test/fake-clock";
import { until } from "#test/until";
import type { ProbeOutcome } from "#wire/probe-outcomes";
import type { Outcome } from "../api.ts";
import { createLog } from "../log.ts";
import { parseAssigned } from "./assignment.ts";
import { ProbeWatch, type ProbeApi } from "./probe-watch.ts";
import { mostWaiting, ProbeResults, type ProbeResult } from "./results.ts";

const ok: ProbeOutcome = {
  verdict: "ok",
  message: "connected",
  millis: 3,
  steps: [{ phase: "connect", startMillis: 0, millis: 3, verdict: "ok", detail: "x" }],
};
const tcp = (host: string) => ({ kind: "tcp", host, port: 443 }) as const;
const away: Outcome = { kind: "away", why: "gone", retryAfter: undefined };

/** A server in memory. */
class FakeApi implements ProbeApi {
  answer: unknown = { version: "0", probes: [], orders: [], holdSeconds: 0 };
  readonly asked: { readonly known: string; readonly hold: number }[] = [];
  readonly results: ProbeResult[] = [];
  readonly told: { readonly run: string; readonly found: object }[] = [];
  organisation: Outcome = { kind: "ok", value: { name: "first" } };
  isAway = false;
  closed = 0;

  async findOrganisation(): Promise<Outcome> {
    return this.isAway ? away : this.organisation;
  }
  async fetchProbes(place: { organisation: string; hostId: string }, question: { known: string; hold: number }): Promise<Outcome> {
    expect(place).toEqual({ organisation: "first", hostId: "h1" });
    this.asked.push(question);
    return this.isAway ? away : { kind: "ok", value: this.answer };
  }
  async postProbeResults(_place: unknown, results: readonly unknown[]): Promise<Outcome> {
    if (this.isAway) return away;
    this.results.push(...(results as ProbeResult[]));
    return { kind: "ok", value: { taken: results.length, ignored: 0 } };
  }
  async reportProbeRun(_place: unknown, run: string, found: object): Promise<Outcome> {
    this.told.push({ run, found });
    return { kind: "ok", value: { success: true } };
  }
  close(): void {
    this.closed += 1;
  }
}

let folder: string;
let clock: FakeClock;
let api: FakeApi;
let prober: FakeProber;
let end: AbortController;
let opened: number;
let done: Promise<void>;
const lines: string[] = [];

async function start(): Promise<void> {
  end = new AbortController();
  const log = createLog((line) => void lines.push(line), clock);
  const watch = new ProbeWatch({
    clock,
    log,
    random: () => 0.5,
    openApi: async () => api,
    openProber: async () => {
      opened += 1;
      return prober;
    },
    results: new ProbeResults(join(folder, "probes.json"), clock, log),
  });
  done = watch.run("h1", end.signal);
  await until("the watch has read what was left", 10_000, () => clock.timers.includes("agent.probes-start"));
}
const settle = async (): Promise<void> => {
  for (let round = 0; round < 20; round += 1) await new Promise((resolve) => setImmediate(resolve));
};
const pass = async (by: Millis): Promise<void> => {
  await settle();
  for (let left: number = by; left > 0; left -= 1000) {
    await clock.advance(seconds(Math.min(left, 1000) / 1000));
    await settle();
  }
};
const assign = (version: string, probes: readonly object[], more: object = {}): void => {
  api.answer = { version, probes, orders: [], holdSeconds: 0, ...more };
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hinoban-probes-"));
  clock = new FakeClock();
  api = new FakeApi();
  prober = new FakeProber();
  opened = 0;
  lines.length = 0;
});
afterEach(async () => {
  end.abort();
  prober.release();
  await done;
  rmSync(folder, { recursive: true, force: true });
});

describe("an agent that probes", () => {
  test("loads no prober and asks once a minute while there is nothing to do", async () => {
    await start();
    await pass(minutes(5));
    expect(opened).toBe(0);
    expect(api.asked.length).toBeGreaterThanOrEqual(4);
    expect(api.asked.length).toBeLessThanOrEqual(6);
  });

  test("probes at the interval, reports, and follows what changes", async () => {
    prober.answer("a", ok);
    assign("1", [{ monitorId: "m1", version: 1, intervalSeconds: 60, spec: tcp("a") }]);
    await start();
    await pass(minutes(4));
    expect(api.results.length).toBeGreaterThanOrEqual(3);
    expect(api.results.every((result) => result.monitorId === "m1" && result.outcome.verdict === "ok")).toBe(true);
    const times = api.results.map(({ at }) => at);
    expect(times.slice(1).map((at, index) => at - (times[index] ?? 0))).toEqual(times.slice(1).map(() => 60_000));
    expect(api.asked.at(-1)?.known).toBe("1");
    assign("2", []);
    await pass(minutes(2));
    const count = api.results.length;
    await pass(minutes(3));
    expect(api.results.length).toBe(count);
  });

  test("never runs one probe twice at a time, however long it lasts", async () => {
    prober.hang("slow");
    assign("1", [{ monitorId: "m1", version: 1, intervalSeconds: 10, spec: tcp("slow") }]);
    await start();
    await pass(minutes(3));
    expect(prober.mostAtOnce).toBe(1);
    expect(prober.probed).toHaveLength(1);
    prober.release();
    await pass(seconds(25));
    expect(prober.probed.length).toBe(2);
  });

  test("probes at most twenty things at a time", async () => {
    const many = Array.from({ length: 50 }, (_, index) => ({ monitorId: `m${index}`, version: 1, intervalSeconds: 60, spec: tcp("slow") }));
    prober.hang("slow");
    assign("1", many);
    await start();
    await pass(minutes(3));
    expect(prober.mostAtOnce).toBe(20);
  });

  test("keeps what it found through an outage and a kill, and sends it in order", async () => {
    prober.answer("a", ok);
    assign("1", [{ monitorId: "m1", version: 1, intervalSeconds: 60, spec: tcp("a") }]);
    await start();
    await pass(minutes(2));
    const before = api.results.length;
    api.isAway = true;
    await pass(minutes(30));
    expect(api.results.length).toBe(before);
    await until("what waits is written down", 10_000, () => existsSync(join(folder, "probes.json")));
    end.abort();
    await done;
    // Another process begins with what the one before wrote.
    const written = JSON.parse(readFileSync(join(folder, "probes.json"), "utf8")) as unknown[];
    expect(written.length).toBeGreaterThanOrEqual(28);
    api.isAway = false;
    await start();
    await pass(minutes(3));
    expect(api.results.length).toBeGreaterThanOrEqual(before + 29);
    const times = api.results.map(({ at }) => at);
    expect(times.toSorted((a, b) => a - b)).toEqual(times);
    expect(new Set(times).size).toBe(times.length);
    await until("nothing waits on disk", 10_000, () => !existsSync(join(folder, "probes.json")));
  });

  test("waits at the server when told to, and does at once what somebody wants", async () => {
    prober.answer("x", ok);
    assign("1", [], { holdSeconds: 25, orders: [{ id: "r1", spec: tcp("x") }] });
    await start();
    await pass(seconds(31));
    assign("1", [], { holdSeconds: 25 });
    await pass(seconds(5));
    expect(api.told[0]).toMatchObject({ run: "r1", found: { steps: [{ phase: "connect" }] } });
    expect(api.told.at(-1)).toMatchObject({ run: "r1", found: { outcome: { verdict: "ok" } } });
    expect(api.asked.at(-1)).toEqual({ known: "1", hold: 25 });
  });

  test("asks a server that knows no probes once an hour", async () => {
    api.organisation = { kind: "refused", status: 404, why: "404" };
    await start();
    await pass(minutes(2));
    expect(api.asked).toHaveLength(0);
    api.organisation = { kind: "ok", value: { name: "first" } };
    await pass(hours(1));
    expect(api.asked.length).toBeGreaterThan(0);
  });
});

test.each([
  [undefined, undefined],
  [{ version: 1 }, undefined],
  [{ version: "1" }, { version: "1", probes: undefined, orders: [], holdSeconds: 0 }],
  [
    {
      version: "1",
      probes: [{ monitorId: "m" }, { monitorId: "m", version: 1, intervalSeconds: 1, spec: { kind: "telepathy", host: "x" } }],
    },
    { probes: [] },
  ],
  [
    { version: "1", probes: [{ monitorId: "m", version: 1, intervalSeconds: 1, spec: tcp("x") }], holdSeconds: 9999 },
    { probes: [{ intervalSeconds: 10 }], holdSeconds: 30 },
  ],
  [{ version: "1", orders: [{ id: 1 }, { id: "a", spec: {} }] }, { orders: [] }],
])("what the server says is read with care: %j", (value, expected) => {
  const read = parseAssigned(value);
  if (expected === undefined) expect(read).toBeUndefined();
  else expect(read).toMatchObject(expected);
  end = new AbortController();
  done = Promise.resolve();
});

test("when there is no room, what says the same as the next goes first", () => {
  const results = new ProbeResults(
    join(folder, "probes.json"),
    clock,
    createLog(() => undefined, clock),
  );
  for (let index = 0; index < mostWaiting + 100; index += 1) {
    const verdict = index === 5 ? "refused" : "ok";
    results.add({ monitorId: "m", version: 1, at: clock.now() + index, outcome: { ...ok, verdict } });
  }
  expect(results.waiting).toHaveLength(mostWaiting);
  expect(results.waiting.some(({ outcome }) => outcome.verdict === "refused")).toBe(true);
  expect(results.dropped).toBe(100);
  end = new AbortController();
  done = Promise.resolve();
});
