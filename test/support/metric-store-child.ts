// A process of its own that appends to a metric store as fast as it can and says what was acknowledged, for tests that kill it.
import { SystemClock } from "#adapters/clock/system";
import { openEmbeddedMetricStore } from "#adapters/metric-store/embedded/index";
import { put } from "#ports/metric-store/contract";

export interface ChildOptions {
  readonly directory: string;
  readonly workerUrl: string;
  readonly writers: number;
  /** Unix seconds of minute 0. Point k of a writer has value k and lies in minute k % minutes. */
  readonly from: number;
  readonly minutes: number;
  /** First k. */
  readonly first: number;
}

// What arrives is what the test sent.
const options = JSON.parse(process.argv[2] ?? "{}") as ChildOptions;

const store = await openEmbeddedMetricStore({
  directory: options.directory,
  clock: new SystemClock(),
  workerUrl: new URL(options.workerUrl),
  segmentBytes: 300_000,
});
process.stdout.write("ready\n");

async function write(writer: number): Promise<never> {
  for (let k = options.first; ; k++) {
    await put(store, [
      [`w${writer}`, "k", options.from + (k % options.minutes) * 60 + (k % 60), k],
      [`w${writer}`, `k${k % 50}`, options.from + (k % options.minutes) * 60, k / 60],
    ]);
    process.stdout.write(`${writer} ${k}\n`);
  }
}

async function tidy(): Promise<never> {
  for (;;) {
    await store.maintain(true);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

await Promise.all([tidy(), ...Array.from({ length: options.writers }, (_, w) => write(w))]);
