import { appendFile, copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openEmbeddedMetricStore } from "#adapters/metric-store/embedded/index";
import { unixMs } from "#base/duration";
import { put, range, type Sample } from "#ports/metric-store/contract";
import type { MetricStore } from "#ports/metric-store/port";
import { codeOf, startEmbedded, type EmbeddedRig } from "#test/embedded-metric-store";

let rig: EmbeddedRig;

beforeEach(async () => {
  rig = await startEmbedded({ segmentBytes: 2000, extentBytes: 0 });
});

afterEach(async () => {
  await rig.close();
});

const valuesOf = async (store: MetricStore): Promise<number[] | undefined> => {
  const columns = await store.read("h", "m", range(0, rig.now() + 86_400));
  return columns && [...columns.values];
};

const countTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Appends n points one commit after the other. */
async function appendOneByOne(n: number): Promise<void> {
  for (const i of countTo(n)) await put(rig.store(), [["h", "m", rig.now() - 86_000 + i * 60, i]]);
}

/** A copy of the store's files as a crash at this moment would leave them, without the lock. */
async function crashedCopy(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), "hinoban-crashed-"));
  for (const name of await readdir(rig.directory))
    if (!name.startsWith("lock")) await copyFile(join(rig.directory, name), join(copy, name));
  return copy;
}

const segmentsOf = async (directory: string): Promise<string[]> =>
  (await readdir(directory)).filter((name) => name.startsWith("wal-")).sort();

async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  await writeFile(path, bytes);
}

async function inCrashedCopy(
  body: (directory: string, open: (repair?: boolean) => ReturnType<typeof openEmbeddedMetricStore>) => Promise<void>,
): Promise<void> {
  const directory = await crashedCopy();
  try {
    await body(directory, (repair = false) => openEmbeddedMetricStore({ directory, clock: rig.clock, repair, segmentBytes: 2000 }));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

describe("the log after a crash", () => {
  test("a write that was cut short anywhere loses only itself, and the store goes on", async () => {
    await appendOneByOne(10);
    const before = (await stat(join(rig.directory, (await segmentsOf(rig.directory)).at(-1) ?? ""))).size;
    await put(rig.store(), [["h", "m", rig.now(), 10]]);
    for (let cut = 0; ; cut += 5) {
      let isWhole = false;
      await inCrashedCopy(async (directory, open) => {
        const last = join(directory, (await segmentsOf(directory)).at(-1) ?? "");
        const { size } = await stat(last);
        isWhole = before + cut >= size;
        await truncate(last, Math.min(size, before + cut));
        const store = await open();
        expect(await valuesOf(store)).toEqual(countTo(isWhole ? 11 : 10));
        await put(store, [["h", "m", rig.now() + 60, 11]]);
        await store.close();
        const again = await open();
        expect((await valuesOf(again))?.at(-1)).toBe(11);
        await again.close();
      });
      if (isWhole) break;
    }
  });

  test("the room that the log took ahead of need is no damage, in any segment", async () => {
    await rig.close();
    rig = await startEmbedded({ segmentBytes: 2000, extentBytes: 4096 });
    await appendOneByOne(60);
    await inCrashedCopy(async (directory, open) => {
      const [first = "", second = ""] = await segmentsOf(directory);
      await appendFile(join(directory, first), Buffer.alloc(3000));
      expect((await stat(join(directory, (await segmentsOf(directory)).at(-1) ?? ""))).size).toBeGreaterThan(4096);
      const store = await open();
      expect(await valuesOf(store)).toEqual(countTo(60));
      await store.close();
      await flip(join(directory, second), 120);
      expect(await codeOf(open())).toBe("storage-damaged");
    });
  });

  test("rubbish behind the last write is cut off", async () => {
    await appendOneByOne(5);
    await inCrashedCopy(async (directory, open) => {
      await appendFile(join(directory, (await segmentsOf(directory)).at(-1) ?? ""), Buffer.alloc(777, 0xff));
      const store = await open();
      expect(await valuesOf(store)).toEqual(countTo(5));
      await store.close();
    });
  });

  test("a segment that was only just begun is no damage", async () => {
    await appendOneByOne(5);
    await inCrashedCopy(async (directory, open) => {
      await writeFile(join(directory, "wal-0000000099.log"), Buffer.alloc(7));
      const store = await open();
      await put(store, [["h", "m", rig.now(), 5]]);
      await store.close();
      const again = await open();
      expect(await valuesOf(again)).toEqual(countTo(6));
      await again.close();
    });
  });

  test("a flipped bit in what was acknowledged refuses to open, in any segment; repair opens without what is lost", async () => {
    await appendOneByOne(120);
    expect((await segmentsOf(rig.directory)).length).toBeGreaterThan(2);
    for (const place of [0, 1, -1]) {
      await inCrashedCopy(async (directory, open) => {
        const path = join(directory, (await segmentsOf(directory)).at(place) ?? "");
        await flip(path, 120);
        expect(await codeOf(open())).toBe("storage-damaged");
        const store = await open(true);
        const values = await valuesOf(store);
        expect(values?.length).toBeGreaterThan(60);
        expect(values?.length).toBeLessThan(120);
        await store.close();
      });
    }
  });
});

describe("blocks", () => {
  const samples = (): Sample[] => countTo(300).map((i): Sample => ["h", "m", rig.now() - 20_000 + i * 60, i]);

  test("a flipped bit is found: at start where it is needed to open, at the read of the chunk elsewhere", async () => {
    await put(rig.store(), samples());
    await rig.settle();
    const blocks = (await readdir(rig.directory)).filter((name) => name.endsWith(".block"));
    const [name = ""] = blocks;
    const { size } = await stat(join(rig.directory, name));
    for (let at = 0; at < size; at += 3) {
      await inCrashedCopy(async (directory, open) => {
        await flip(join(directory, name), at);
        await open(true).then((store) => store.close()); // repair opens whatever is damaged
        if ((await readdir(directory)).includes(`${name}.damaged`)) await rename(join(directory, `${name}.damaged`), join(directory, name));
        const read = async (): Promise<unknown> => {
          const store = await open();
          try {
            return await valuesOf(store);
          } finally {
            await store.close();
          }
        };
        const code = await codeOf(read().then((values) => expect(values).toEqual(countTo(300))));
        expect(code === undefined || code === "storage-damaged").toBe(true);
        if (at >= 64 && at < 100) expect(code).toBe("storage-damaged");
      });
    }
  });

  test("a damaged block cannot be merged: it is told, and everything else goes on", async () => {
    await put(rig.store(), samples());
    await rig.settle();
    const [name = ""] = (await readdir(rig.directory)).filter((file) => file.endsWith(".block"));
    await inCrashedCopy(async (directory, open) => {
      await flip(join(directory, name), 66); // within the first chunk
      const now = rig.clock.now();
      rig.clock.jumpTo(unixMs(now + 30 * 86_400_000));
      const store = await open();
      await put(store, [["h", "m", rig.now(), 1]]);
      await store.maintain(true);
      await store.maintain(true);
      expect(store.status().problem).toContain("damaged");
      expect((await readdir(directory)).filter((file) => file.startsWith("day-")).length).toBe(0);
      expect((await store.latest("h", "m"))?.value).toBe(1);
      await store.close();
      rig.clock.jumpTo(now);
    });
  });

  test("with the repair option a damaged block is set aside and the others stay readable", async () => {
    await put(rig.store(), samples());
    await rig.settle();
    const [name = ""] = (await readdir(rig.directory)).filter((file) => file.endsWith(".block"));
    await inCrashedCopy(async (directory, open) => {
      const { size } = await stat(join(directory, name));
      await flip(join(directory, name), size - 40);
      expect(await codeOf(open())).toBe("storage-damaged");
      const store = await open(true);
      expect((await valuesOf(store))?.length).toBeGreaterThan(200);
      await store.close();
      expect(await readdir(directory)).toContain(`${name}.damaged`);
    });
  });

  test("a half-written block is removed at start", async () => {
    await put(rig.store(), samples());
    await inCrashedCopy(async (directory, open) => {
      await writeFile(join(directory, "raw-0000000000-0000001800-000000000001.block.tmp"), "half");
      const store = await open();
      expect(await valuesOf(store)).toEqual(countTo(300));
      expect((await readdir(directory)).some((file) => file.endsWith(".tmp"))).toBe(false);
      await store.close();
    });
  });
});

describe("copies", () => {
  test("a snapshot holds all that was appended before it, while appends go on, and a merge later changes nothing in it", async () => {
    const target = await mkdtemp(join(tmpdir(), "hinoban-snapshot-"));
    try {
      await put(rig.store(), [["h", "m", rig.now() - 7200, 0]]);
      await put(rig.store(), [["gone", "m", rig.now(), 1]]);
      await rig.store().drop("gone");
      await rig.settle();
      await put(rig.store(), [["h", "m", rig.now() - 60, 1]]);
      const pending = put(rig.store(), [["h", "m", rig.now(), 2]]);
      const snapshot = rig.store().snapshot(join(target, "copy"));
      const later = put(rig.store(), [["h", "m", rig.now() + 60, 3]]);
      await Promise.all([pending, snapshot, later]);
      await rig.advance(3 * 86_400);
      await rig.settle();
      const copy = await openEmbeddedMetricStore({ directory: join(target, "copy"), clock: rig.clock });
      expect((await valuesOf(copy))?.slice(0, 3)).toEqual([0, 1, 2]);
      expect(await copy.names("gone")).toEqual([]);
      await put(copy, [["h", "m", rig.now(), 9]]);
      await copy.close();
      expect(await valuesOf(rig.store())).toEqual([0, 1, 2, 3]);
      expect(await codeOf(rig.store().snapshot(join(target, "copy")))).toBe("conflict");
    } finally {
      await rm(target, { recursive: true, force: true });
    }
  });

  test("a folder that is not there yet is made", async () => {
    const target = await mkdtemp(join(tmpdir(), "hinoban-snapshot-"));
    await mkdir(join(target, "empty"));
    await rig.store().snapshot(join(target, "empty"));
    expect(await readdir(join(target, "empty"))).toEqual([]);
    await rm(target, { recursive: true, force: true });
  });
});
