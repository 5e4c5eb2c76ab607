import { mkdirSync } from "node:fs";
import { openEmbeddedMetricStore } from "#adapters/metric-store/embedded/index";
import { nodeDisk, type Disk } from "#adapters/metric-store/embedded/disk";
import type { EmbeddedMetricStore } from "#adapters/metric-store/embedded/store";
import type { PointColumns } from "#ports/metric-store/port";
import { Mix, type MixSpec } from "./mix.ts";
import { MovableClock } from "./movable-clock.ts";

/** Some hosts that send the same metrics over the same minutes. */
export interface Dataset {
  readonly mix: MixSpec;
  readonly hosts: readonly string[];
  /** Unix seconds, a multiple of 3600. */
  readonly from: number;
  readonly hours: number;
}

const hour = 3600;
const day = 24 * hour;

/** Waits for nothing: what is written here can be written again. */
const carelessDisk: Disk = {
  ...nodeDisk,
  open: async (path, mode) => {
    const file = await nodeDisk.open(path, mode === "log" ? "create" : mode);
    return {
      isSynchronous: true,
      writev: (buffers, position) => file.writev(buffers, position),
      read: (into, position) => file.read(into, position),
      truncate: (length) => file.truncate(length),
      size: () => file.size(),
      close: () => file.close(),
      datasync: () => Promise.resolve(),
    };
  },
  syncDirectory: () => Promise.resolve(),
};

/** Writes datasets hour by hour, as time would have brought them, with all the merging that time would have brought; `settleAt` = unix seconds at the end. */
export async function fillStore(directory: string, datasets: readonly Dataset[], settleAt: number): Promise<number> {
  mkdirSync(directory, { recursive: true });
  const clock = new MovableClock();
  const first = Math.min(...datasets.map((d) => d.from));
  clock.set(first);
  const store = await openEmbeddedMetricStore({ directory, clock, disk: carelessDisk });
  let points = 0;
  try {
    const sources = datasets.map((dataset) => ({ dataset, mix: new Mix(dataset.mix, dataset.hosts.length) }));
    const end = Math.max(...datasets.map((d) => d.from + d.hours * hour));
    for (let at = first; at < end; at += hour) {
      clock.set(at + hour);
      for (const { dataset, mix } of sources) {
        if (at >= dataset.from && at < dataset.from + dataset.hours * hour) points += await appendHour(store, dataset, mix, at);
      }
      if ((at + hour) % (6 * hour) === 0) await store.maintain(true);
    }
    // Let the lateness of the last days pass as far as it has passed.
    for (let at = end; at < settleAt; at += day) {
      clock.set(Math.min(at, settleAt));
      await store.maintain(true);
    }
    clock.set(settleAt);
    await store.maintain(true);
    await store.maintain(true);
  } finally {
    await store.close();
  }
  return points;
}

async function appendHour(store: EmbeddedMetricStore, dataset: Dataset, mix: Mix, at: number): Promise<number> {
  const width = mix.metrics.length;
  const columns = dataset.hosts.map((host): PointColumns => {
    const refs = mix.metrics.map(({ name }) => store.seriesOf(host, name));
    const count = 60 * width;
    return {
      count,
      series: Uint32Array.from({ length: count }, (_, i) => refs[i % width] ?? 0),
      times: Uint32Array.from({ length: count }, (_, i) => at + Math.floor(i / width) * 60),
      values: new Float64Array(count),
    };
  });
  for (let m = 0; m < 60; m++) {
    const values = mix.minute();
    for (const [h, column] of columns.entries()) column.values.set(values.subarray(h * width, (h + 1) * width), m * width);
  }
  await Promise.all(columns.map((column) => store.append(column)));
  return columns.length * 60 * width;
}
