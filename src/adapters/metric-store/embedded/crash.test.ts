import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SystemClock } from "#adapters/clock/system";
import { openEmbeddedMetricStore } from "#adapters/metric-store/embedded/index";
import { range } from "#ports/metric-store/contract";
import type { ChildOptions } from "#test/metric-store-child";

const writers = 8;
const minutes = 1000;

let folder = "";

async function bundle(input: string, name: string): Promise<string> {
  const built = await rolldown({ input: resolve(input), platform: "node", logLevel: "silent" });
  const file = join(folder, name);
  await built.write({ file, format: "esm", codeSplitting: false });
  await built.close();
  return file;
}

/** Lets the child run until `enough` more appends were acknowledged, kills it, and adds to `acknowledged`: per writer and minute the last k. */
async function runAndKill(
  child: string,
  options: ChildOptions,
  enough: number,
  acknowledged: readonly Map<number, number>[],
): Promise<number> {
  const process = spawn(globalThis.process.execPath, [child, JSON.stringify(options)], { stdio: ["ignore", "pipe", "inherit"] });
  let count = 0;
  let highest = options.first;
  for await (const line of createInterface({ input: process.stdout })) {
    const [writer, k] = line.split(" ").map(Number);
    if (writer === undefined || k === undefined) continue;
    acknowledged[writer]?.set(k % minutes, k);
    highest = Math.max(highest, k);
    if (++count === enough) process.kill("SIGKILL");
  }
  expect(process.exitCode, "the child must have been killed, not ended").toBe(null);
  return highest;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hinoban-crash-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("after kill -9 of the process", () => {
  test("every acknowledged point is there, while pages are sealed and blocks merged all the time", async () => {
    const child = await bundle("test/support/metric-store-child.ts", "child.mjs");
    const worker = await bundle("src/adapters/metric-store/embedded/worker.ts", "worker.mjs");
    const directory = join(folder, "store");
    const clock = new SystemClock();
    const from = Math.floor(clock.now() / 60_000) * 60 - 1200 * 60;
    const acknowledged = Array.from({ length: writers }, () => new Map<number, number>());
    let first = 0;
    for (let round = 0; round < 8; round++) {
      const options = { directory, workerUrl: pathToFileURL(worker).href, writers, from, minutes, first };
      const highest = await runAndKill(child, options, 300 + round * 371, acknowledged);
      const store = await openEmbeddedMetricStore({ directory, clock });
      for (let w = 0; w < writers; w++) {
        const columns = await store.read(`w${w}`, "k", range(from, from + minutes * 60));
        const stored = new Map(Array.from(columns?.times ?? [], (time, i) => [Math.floor((time - from) / 60), columns?.values[i] ?? -1]));
        for (const [minute, k] of acknowledged[w] ?? []) {
          const value = stored.get(minute) ?? -1;
          expect(value >= k && value % minutes === minute, `round ${round}: writer ${w}, point ${k} reads ${value}`).toBe(true);
        }
      }
      await store.close();
      first = highest + 2;
    }
  }, 60_000);
});
