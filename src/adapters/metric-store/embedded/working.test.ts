import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { describe, expect, test } from "vitest";
import { openEmbeddedMetricStore } from "#adapters/metric-store/embedded/index";
import { minutes, seconds } from "#base/duration";
import { put, range, type Sample } from "#ports/metric-store/contract";
import { codeOf, startEmbedded, type EmbeddedRig } from "#test/embedded-metric-store";

const countTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

async function withRig(options: Parameters<typeof startEmbedded>[0], body: (rig: EmbeddedRig) => Promise<void>): Promise<void> {
  const rig = await startEmbedded(options);
  try {
    await body(rig);
  } finally {
    await rig.close();
  }
}

const kinds = async (directory: string): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const name of await readdir(directory)) {
    const kind = name.split("-")[0] ?? "";
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
};

describe("the log at work", () => {
  test("appends that arrive together share a sync", async () => {
    await withRig({}, async ({ disk, store, now }) => {
      await put(store(), [["h", "m", now(), 0]]);
      const before = disk.syncs;
      await Promise.all(countTo(500).map((i) => put(store(), [[`h${i % 7}`, "m", now() - i * 60, i]])));
      expect(disk.syncs - before).toBeLessThanOrEqual(2);
    });
  });

  test("no append is answered before its sync, and readers do not see it either", async () => {
    await withRig({}, async ({ disk, store, now }) => {
      await put(store(), [["h", "m", now(), 1]]);
      let open: () => void = () => undefined;
      disk.gate = new Promise((done) => {
        open = done;
      });
      let isAnswered = false;
      const append = (async () => {
        await put(store(), [["h", "m", now() + 60, 2]]);
        isAnswered = true;
      })();
      const before = disk.syncs;
      while (disk.syncs === before) await new Promise((done) => setImmediate(done));
      expect(isAnswered).toBe(false);
      expect((await store().read("h", "m", range(0, now() + 100)))?.values.length).toBe(1);
      open();
      await append;
      expect((await store().read("h", "m", range(0, now() + 100)))?.values.length).toBe(2);
    });
  });

  test("short writes are carried on with", async () => {
    await withRig({}, async (rig) => {
      rig.disk.shortWrites = 13;
      await Promise.all(countTo(50).map((i) => put(rig.store(), [["h", "m", rig.now() + i * 60, i]])));
      await rig.settle();
      rig.disk.shortWrites = Number.POSITIVE_INFINITY;
      await rig.reopen();
      expect([...((await rig.store().read("h", "m", range(0, rig.now() + 86_400)))?.values ?? [])]).toEqual(countTo(50));
    });
  });

  test("a disk that fills in the middle of a write keeps nothing of it, also after a restart", async () => {
    for (const room of [1, 40, 100, 150]) {
      await withRig({ segmentBytes: 400 }, async (rig) => {
        const good = countTo(10);
        for (const i of good) await put(rig.store(), [["h", "m", rig.now() + i * 60, i]]);
        rig.disk.room = room;
        const refused = countTo(5).map((i) => codeOf(put(rig.store(), [["h", "m", rig.now() + (20 + i) * 60, 99]])));
        expect(new Set(await Promise.all(refused))).toEqual(new Set(["storage-full"]));
        rig.disk.room = Number.POSITIVE_INFINITY;
        await put(rig.store(), [["h", "m", rig.now() + 600, 10]]);
        await rig.reopen();
        expect([...((await rig.store().read("h", "m", range(0, rig.now() + 86_400)))?.values ?? [])]).toEqual([...good, 10]);
      });
    }
  });

  test("after a failed sync the store takes nothing until it is opened again", async () => {
    await withRig({}, async (rig) => {
      await put(rig.store(), [["h", "m", rig.now(), 1]]);
      rig.breakDisk();
      expect(await codeOf(put(rig.store(), [["h", "m", rig.now() + 60, 2]]))).toBe("unavailable");
      rig.disk.isBroken = false;
      expect(await codeOf(put(rig.store(), [["h", "m", rig.now() + 120, 3]]))).toBe("unavailable");
      await rig.reopen();
      await put(rig.store(), [["h", "m", rig.now() + 180, 4]]);
      expect((await rig.store().latest("h", "m"))?.value).toBe(4);
    });
  });

  test("segments are removed once their points are in blocks, and a full disk does not stop that for good", async () => {
    await withRig({ segmentBytes: 500 }, async (rig) => {
      for (const i of countTo(60)) await put(rig.store(), [["h", "m", rig.now() - i * 60, i]]);
      expect((await kinds(rig.directory))["wal"]).toBeGreaterThan(3);
      rig.fillDisk();
      expect(
        await rig
          .embedded()
          .maintain(true)
          .then(
            () => "done",
            () => "failed",
          ),
      ).toBe("failed");
      expect((await rig.store().read("h", "m", range(0, rig.now() + 60)))?.values.length).toBe(60);
      rig.freeDisk();
      await rig.settle();
      await rig.settle();
      expect((await kinds(rig.directory))["wal"]).toBe(1);
      await rig.reopen();
      expect((await rig.store().read("h", "m", range(0, rig.now() + 60)))?.values.length).toBe(60);
    });
  });
});

describe("housekeeping", () => {
  test("half hours become two hours, a day with its summaries, a month", async () => {
    await withRig({}, async (rig) => {
      const start = Math.floor(rig.now() / 86_400) * 86_400;
      const day = (d: number): Sample[] => countTo(1440).map((m): Sample => ["h", "m", start + d * 86_400 + m * 60, m]);
      await rig.advance(start + 86_400 - 60 - rig.now());
      await put(rig.store(), day(0));
      await rig.settle();
      expect(await kinds(rig.directory)).toMatchObject({ raw: 11 + 4 });
      await rig.advance(2 * 3600);
      await rig.settle();
      expect(await kinds(rig.directory)).toMatchObject({ raw: 1, hour: 1, day: 1 });
      await rig.advance(86_400);
      await put(
        rig.store(),
        day(1).filter((s) => s[2] > rig.now() - 86_000),
      );
      await rig.settle();
      await rig.advance(40 * 86_400);
      await rig.settle();
      await rig.settle();
      expect(await kinds(rig.directory)).toMatchObject({ raw: 1, hour: 1, day: 1 });
      await rig.advance(400 * 86_400);
      await rig.settle();
      expect(await kinds(rig.directory)).toMatchObject({ raw: 1, hour: 1, day: 1 });
      await rig.advance(200 * 86_400);
      await rig.settle();
      expect((await kinds(rig.directory))["raw"]).toBeUndefined();
      expect((await kinds(rig.directory))["hour"]).toBeUndefined();
      expect((await kinds(rig.directory))["day"]).toBe(1);
    });
  });

  test("runs by itself: pages leave memory within minutes of their end", async () => {
    await withRig({}, async (rig) => {
      await put(rig.store(), [["h", "m", rig.now(), 1]]);
      await rig.clock.advance(minutes(29));
      expect((await kinds(rig.directory))["raw"]).toBeUndefined();
      await rig.clock.advance(minutes(7));
      for (let i = 0; i < 2000 && (await kinds(rig.directory))["raw"] === undefined; i++) await rig.clock.advance(seconds(1));
      expect((await kinds(rig.directory))["raw"]).toBe(1);
      expect((await rig.store().read("h", "m", range(0, rig.now())))?.values.length).toBe(1);
    });
  });

  test("a dropped source leaves the disk", async () => {
    await withRig({}, async (rig) => {
      await put(
        rig.store(),
        countTo(100).flatMap((i): Sample[] => [
          ["secret-source", "m", rig.now() - i * 60, i],
          ["h", "m", rig.now() - i * 60, i],
        ]),
      );
      await rig.settle();
      await rig.advance(2 * 86_400);
      await rig.settle();
      await rig.store().drop("secret-source");
      await rig.settle();
      await rig.settle();
      for (const name of await readdir(rig.directory)) {
        if (name.endsWith(".block")) expect((await readFile(join(rig.directory, name))).includes("secret-source"), name).toBe(false);
      }
      expect((await rig.store().read("h", "m", range(0, rig.now())))?.values.length).toBe(100);
    });
  });

  test("merges run in a thread of their own when there is one", async () => {
    const folder = await mkdtemp(join(tmpdir(), "hinoban-worker-"));
    const built = await rolldown({ input: resolve("src/adapters/metric-store/embedded/worker.ts"), platform: "node", logLevel: "silent" });
    const file = join(folder, "worker.mjs");
    await built.write({ file, format: "esm", codeSplitting: false });
    await built.close();
    await withRig({ workerUrl: pathToFileURL(file) }, async (rig) => {
      await put(
        rig.store(),
        countTo(600).map((i): Sample => ["h", "m", rig.now() - i * 60, i]),
      );
      await rig.settle();
      await rig.advance(2 * 86_400);
      await rig.settle();
      expect(await kinds(rig.directory)).toMatchObject({ hour: 2, day: 2, raw: 2 });
      expect((await rig.store().read("h", "m", range(0, rig.now())))?.values.length).toBe(600);
    });
    await rm(folder, { recursive: true, force: true });
  });

  test("a log with more points than memory may hold is replayed in bounded memory", async () => {
    await withRig({ headBytes: 1 }, async (rig) => {
      // 40 half hours at 120 kB each, and a log of 17 MB that is read in four pieces.
      for (const h of countTo(40)) {
        const many = countTo(2000).flatMap((s): Sample[] =>
          countTo(15).map((i): Sample => [`h${s % 50}`, `m${Math.floor(s / 50)}`, rig.now() - h * 1800 - i * 60, s + i]),
        );
        await put(rig.store(), many);
      }
      await rig.reopen();
      expect((await kinds(rig.directory))["raw"]).toBeGreaterThan(20);
      const columns = await rig.store().read("h7", "m3", range(0, rig.now() + 60));
      expect(columns?.values.length).toBe(600);
      await rig.settle();
      await rig.reopen();
      expect((await rig.store().read("h7", "m3", range(0, rig.now() + 60)))?.values).toEqual(columns?.values);
    });
  });
});

describe("the directory", () => {
  test("is refused to a second store, in this process or another, and free again after the first is closed", async () => {
    await withRig({}, async (rig) => {
      expect(await codeOf(openEmbeddedMetricStore({ directory: rig.directory, clock: rig.clock }))).toBe("locked");
      await rig.reopen();
      expect((await readdir(rig.directory)).filter((name) => name.startsWith("lock"))).toEqual(["lock"]);
    });
  });

  test("is taken over from an owner that died, also when its number belongs to somebody else now", async () => {
    for (const left of ["999999999 x:1 y\n", `${process.ppid} another-boot:123 y\n`, "rubbish"]) {
      const directory = await mkdtemp(join(tmpdir(), "hinoban-lock-"));
      await writeFile(join(directory, "lock"), left);
      await withRig({ directory }, async (rig) => {
        await put(rig.store(), [["h", "m", rig.now(), 1]]);
      });
      await rm(directory, { recursive: true, force: true });
    }
  });

  test("texts of 255 characters in any script come back", async () => {
    await withRig({}, async (rig) => {
      const long = "漢".repeat(255);
      await put(rig.store(), [[long, long, rig.now(), 1]]);
      await rig.reopen();
      await rig.settle();
      await rig.reopen();
      expect(await rig.store().names(long)).toEqual([long]);
      expect(() => rig.store().seriesOf(`${long}x`, "m")).toThrow("255");
      expect(() => rig.store().seriesOf("h", "")).toThrow("255");
    });
  });
});
