import { unixSeconds } from "#base/duration";
import type { ErrorCode } from "#base/errors";
import type { AppendReport, MetricStore, TimeRange } from "#ports/metric-store/port";

/** The little that a contract asks of a test runner. */
export interface TestApi {
  test(name: string, body: () => Promise<void>): void;
  /** Fails the test unless both are deeply equal. */
  equal(actual: unknown, expected: unknown): void;
  /** Fails the test unless the promise rejects with a HinobanError of this code. */
  rejects(promise: Promise<unknown>, code: ErrorCode): Promise<void>;
}

/** A store to test, and the world around it. */
export interface Rig {
  /** The store; a new one after `reopen`. */
  store(): MetricStore;
  /** Unix seconds; a multiple of 3600 at the start. */
  now(): number;
  /** Moves the clock, without letting the store tidy up. */
  advance(seconds: number): Promise<void>;
  /** Lets the store put everything away as it would in time. */
  settle(): Promise<void>;
  /** Closes the store and opens it again, where it can. */
  reopen(): Promise<void>;
  breakDisk(): void;
  fillDisk(): void;
  freeDisk(): void;
  close(): Promise<void>;
}

/** source, name, unix seconds, value */
export type Sample = readonly [string, string, number, number];

/** Appends samples in one call. */
export function put(store: MetricStore, samples: readonly Sample[]): Promise<AppendReport> {
  return store.append({
    count: samples.length,
    series: Uint32Array.from(samples, ([source, name]) => store.seriesOf(source, name)),
    times: Uint32Array.from(samples, ([, , time]) => time),
    values: Float64Array.from(samples, ([, , , value]) => value),
  });
}

export const range = (from: number, to: number): TimeRange => ({ from: unixSeconds(from), to: unixSeconds(to) });

const list = (numbers: Iterable<number> | undefined): (number | null)[] | undefined =>
  numbers && Array.from(numbers, (n) => (Number.isNaN(n) ? null : Math.round(n * 1e9) / 1e9));

async function points(store: MetricStore, source: string, name: string, from: number, to: number): Promise<[number, number][] | undefined> {
  const columns = await store.read(source, name, range(from, to));
  return columns && Array.from(columns.times, (time, i) => [time, columns.values[i] ?? Number.NaN]);
}

const minute = 60;
const hour = 3600;
const day = 24 * hour;

/** What every metric store must do. Each test runs once on fresh points and once after they were put away. */
export function metricStoreContract(t: TestApi, start: () => Promise<Rig>): void {
  const each = (name: string, body: (rig: Rig, store: () => MetricStore) => Promise<void>): void => {
    t.test(name, async () => {
      const rig = await start();
      try {
        await body(rig, rig.store);
      } finally {
        await rig.close();
      }
    });
  };
  appending(t, each);
  reading(t, each);
  grouping(t, each);
  aging(t, each);
  failing(t, each);
}

type Each = (name: string, body: (rig: Rig, store: () => MetricStore) => Promise<void>) => void;

function appending(t: TestApi, each: Each): void {
  each("gives back the exact second and value of every point, also after a restart", async (rig, store) => {
    const now = rig.now();
    const samples: Sample[] = [
      ["h1", "loadavg5", now, 0.07],
      ["h1", "loadavg5", now - 83, 1 / 3],
      ["h1", "memory.used", now, 2 ** 40 + 1],
      ["service:s", "custom.x", now - 3600, -1e-300],
    ];
    t.equal(await put(store(), samples), { accepted: 4, tooOld: 0, tooNew: 0 });
    const expected = [
      [now - 83, 1 / 3],
      [now, 0.07],
    ];
    t.equal(await points(store(), "h1", "loadavg5", now - hour, now + 1), expected);
    await rig.reopen();
    t.equal(await points(store(), "h1", "loadavg5", now - hour, now + 1), expected);
    await rig.settle();
    t.equal(await points(store(), "h1", "loadavg5", now - hour, now + 1), expected);
    await rig.reopen();
    t.equal(await points(store(), "h1", "loadavg5", now - hour, now + 1), expected);
    t.equal(await points(store(), "service:s", "custom.x", 0, now), [[now - 3600, -1e-300]]);
  });

  each("the last point of a minute wins, in any order of arrival", async (rig, store) => {
    const now = rig.now();
    await put(store(), [["h", "m", now + 5, 1]]);
    await put(store(), [
      ["h", "m", now + 59, 2],
      ["h", "m", now - 60, 10],
    ]);
    await rig.settle();
    await put(store(), [
      ["h", "m", now + 1, 3],
      ["h", "m", now - 60, 11],
      ["h", "m", now - 120, 20],
    ]);
    const expected = [
      [now - 120, 20],
      [now - 60, 11],
      [now + 1, 3],
    ];
    t.equal(await points(store(), "h", "m", now - hour, now + hour), expected);
    await rig.settle();
    t.equal(await points(store(), "h", "m", now - hour, now + hour), expected);
    await rig.reopen();
    t.equal(await points(store(), "h", "m", now - hour, now + hour), expected);
  });

  each("points more than 24 hours away are counted and dropped, the others stay", async (rig, store) => {
    const now = rig.now();
    const report = await put(store(), [
      ["h", "m", now - day, 1],
      ["h", "m", now - day - minute, 2],
      ["h", "m", now + day, 3],
      ["h", "m", now + day + minute, 4],
      ["h", "m", now, 5],
      ["h2", "only-old", now - 2 * day, 6],
    ]);
    t.equal(report, { accepted: 3, tooOld: 2, tooNew: 1 });
    t.equal(await points(store(), "h", "m", 0, now + 3 * day), [
      [now - day, 1],
      [now, 5],
      [now + day, 3],
    ]);
    t.equal(await store().names("h2"), []);
    t.equal(store().status().pointsReceived, 3);
    t.equal(store().status().series, 1);
  });

  each("a negative zero is kept as zero, and what is no number is refused as a whole", async (rig, store) => {
    const now = rig.now();
    await put(store(), [["h", "m", now, -0]]);
    t.equal(await points(store(), "h", "m", now, now + 1), [[now, 0]]);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const bad = put(store(), [
        ["h", "n", now, 1],
        ["h", "n", now + 60, value],
      ]);
      await t.rejects(bad, "invalid-input");
    }
    t.equal(await store().names("h"), ["m"]);
  });

  each("a reference alone leaves no trace", async (_rig, store) => {
    t.equal(store().seriesOf("h", "m"), store().seriesOf("h", "m"));
    t.equal(await store().names("h"), []);
    t.equal(await store().latest("h", "m"), undefined);
    t.equal(store().status().series, 0);
  });
}

function reading(t: TestApi, each: Each): void {
  each("names and the newest point of a source are known, also after a restart", async (rig, store) => {
    const now = rig.now();
    await put(store(), [
      ["h", "b", now - 60, 1],
      ["h", "a.z", now - 120, 2],
      ["h", "a-z", now - 120, 3],
      ["g", "c", now, 4],
    ]);
    for (const step of ["fresh", "reopened", "settled", "reopened again"]) {
      if (step.startsWith("reopened")) await rig.reopen();
      if (step === "settled") await rig.settle();
      t.equal(await store().names("h"), ["a-z", "a.z", "b"]);
      t.equal(await store().latest("h", "b"), { time: now - 60, value: 1 });
      t.equal(await store().latest("h", "c"), undefined);
      t.equal(await store().names("nobody"), []);
    }
    await put(store(), [["h", "b", now - 600, 9]]);
    t.equal(await store().latest("h", "b"), { time: now - 60, value: 1 });
    await put(store(), [["h", "b", now - 59, 8]]);
    t.equal(await store().latest("h", "b"), { time: now - 59, value: 8 });
  });

  each("an unknown series reads as undefined, an empty stretch of a known one as no points", async (rig, store) => {
    const now = rig.now();
    await put(store(), [["h", "m", now, 1]]);
    t.equal(await store().read("h", "x", range(0, now)), undefined);
    t.equal(await store().buckets("x", "m", range(0, now), 10), undefined);
    t.equal(await points(store(), "h", "m", now - hour, now), []);
  });

  each("buckets hold average, extremes and count, and NaN where nothing was", async (rig, store) => {
    const now = rig.now();
    const samples = Array.from({ length: 60 }, (_, i): Sample => ["h", "m", now - hour + i * 60 + (i % 7), i]);
    await put(
      store(),
      samples.filter((_, i) => i < 10 || i >= 20),
    );
    for (const settle of [false, true]) {
      if (settle) await rig.settle();
      const b = await store().buckets("h", "m", range(now - hour, now), 6);
      t.equal([b?.from, b?.step], [now - hour, 600]);
      t.equal(list(b?.avg), [4.5, null, 24.5, 34.5, 44.5, 54.5]);
      t.equal(list(b?.min), [0, null, 20, 30, 40, 50]);
      t.equal(list(b?.max), [9, null, 29, 39, 49, 59]);
      t.equal(list(b?.count), [10, 0, 10, 10, 10, 10]);
    }
  });

  each("there are never more buckets than asked for, and they cover the range", async (rig, store) => {
    const now = rig.now();
    await put(store(), [["h", "m", now, 1]]);
    for (const [from, to, n] of [
      [now - 3 * day, now, 300],
      [now - 7 * day + 1, now + 17, 100],
      [now - 460 * day, now, 1000],
      [now - 100, now, 1],
      [now - 460 * day, now, 3],
    ] as const) {
      const b = await store().buckets("h", "m", range(from, to), n);
      const width = b?.avg.length ?? 0;
      t.equal(
        [width <= n, (b?.step ?? 1) % 60, (b?.from ?? 0) <= from, (b?.from ?? 0) + (b?.step ?? 0) * width >= to],
        [true, 0, true, true],
      );
    }
    await t.rejects(store().buckets("h", "m", range(0, 60), 0), "invalid-input");
  });
}

function grouping(t: TestApi, each: Each): void {
  each("a group has a row per member with points, and only from the time it belonged", async (rig, store) => {
    const now = rig.now();
    const from = now - 600;
    const samples = ["a", "b", "c"].flatMap((source, k) =>
      Array.from({ length: 10 }, (_, i): Sample => [source, "m", from + i * 60, 100 * k + i]),
    );
    await put(store(), [...samples, ["d", "other", now, 1]]);
    const query = {
      ...range(from, now),
      name: "m",
      buckets: 5,
      members: [
        { source: "c", during: [range(from + 180, from + 300), range(from + 480, now)] },
        { source: "x" },
        { source: "a" },
        { source: "d" },
        { source: "b", during: [] },
      ],
    };
    for (const settle of [false, true]) {
      if (settle) await rig.settle();
      const g = await store().group(query);
      t.equal([g.from, g.step, g.width, g.sources], [from, 120, 5, ["c", "a"]]);
      t.equal(list(g.values), [null, 203, 204, null, 208.5, 0.5, 2.5, 4.5, 6.5, 8.5]);
      const s = await store().groupSummary(query);
      t.equal(list(s.sum), [0.5, 205.5, 208.5, 6.5, 217]);
      t.equal(list(s.min), [0.5, 2.5, 4.5, 6.5, 8.5]);
      t.equal(list(s.max), [0.5, 203, 204, 6.5, 208.5]);
      t.equal(list(s.members), [1, 2, 2, 1, 2]);
    }
  });

  each("a group without members or points is empty, not an error", async (rig, store) => {
    const now = rig.now();
    const g = await store().group({ ...range(now - hour, now), name: "m", buckets: 10, members: [{ source: "a" }] });
    t.equal([g.sources, g.values.length], [[], 0]);
    const s = await store().groupSummary({ ...range(now - hour, now), name: "m", buckets: 10, members: [] });
    t.equal(list(s.sum), s.sum.length === 0 ? [] : Array.from(s.sum, () => null));
  });
}

function aging(t: TestApi, each: Each): void {
  each("long ranges agree with the points they are made of, also with late points and joins within an hour", async (rig, store) => {
    const start = Math.floor(rig.now() / day) * day;
    await rig.advance(start + 2 * day - rig.now());
    const at = (h: number): number => start + day + h * hour;
    const samples = ["a", "b"].flatMap((source, k) =>
      Array.from({ length: 24 * 12 }, (_, i): Sample => [source, "m", at(0) + i * 300, i % 12 === 0 ? k : 10 + k]),
    );
    await put(store(), samples);
    await rig.advance(3 * hour);
    await rig.settle();
    await put(store(), [["a", "m", at(20) + 60, 1000]]);
    const query = {
      ...range(at(0), at(24)),
      name: "m",
      buckets: 24,
      members: [{ source: "a" }, { source: "b", during: [range(at(5) + 1800, at(30))] }],
    };
    const check = async (): Promise<void> => {
      const a = await store().buckets("a", "m", range(at(0), at(24)), 24);
      t.equal([a?.step, a?.count[3], a?.count[20], a?.max[20]], [hour, 12, 13, 1000]);
      t.equal(list(a?.avg.subarray(3, 4)), list([110 / 12]));
      const g = await store().group(query);
      t.equal(list(g.values.subarray(24, 31)), [null, null, null, null, null, 11, Math.round((122 / 12 - 0) * 1e9) / 1e9]);
    };
    await check();
    await rig.settle();
    await check();
    await rig.advance(2 * day);
    await rig.settle();
    await check();
    await rig.advance(62 * day);
    await rig.settle();
    await check();
    await rig.reopen();
    await check();
  });

  each("beyond the retention points are gone, daily summaries stay", async (rig, store) => {
    const start = Math.floor(rig.now() / day) * day + day;
    await rig.advance(start + 12 * hour - rig.now());
    await put(store(), [
      ["h", "m", start + 6 * hour, 4],
      ["h", "m", start + 7 * hour, 8],
      ["h", "m", start + 8 * hour + 5, 3],
    ]);
    await rig.advance(2 * day);
    await rig.settle();
    t.equal((await points(store(), "h", "m", start, start + day))?.length, 3);
    await rig.advance(520 * day);
    await rig.settle();
    for (const reopen of [false, true]) {
      if (reopen) await rig.reopen();
      t.equal(await points(store(), "h", "m", start, start + day), []);
      const b = await store().buckets("h", "m", range(start - day, start + 2 * day), 3);
      t.equal(
        [list(b?.avg), list(b?.min), list(b?.max), list(b?.count)],
        [
          [null, 5, null],
          [null, 3, null],
          [null, 8, null],
          [0, 3, 0],
        ],
      );
      t.equal(await store().names("h"), ["m"]);
      t.equal(await store().latest("h", "m"), { time: start + 8 * hour + 5, value: 3 });
    }
  });

  each("a dropped source is forgotten for good, and may begin anew", async (rig, store) => {
    const now = rig.now();
    await put(store(), [
      ["h", "m", now - 7200, 1],
      ["g", "m", now - 7200, 2],
    ]);
    await rig.settle();
    await put(store(), [["h", "m", now, 3]]);
    await store().drop("h");
    const gone = async (): Promise<void> => {
      t.equal(await store().names("h"), []);
      t.equal(await store().read("h", "m", range(0, now + day)), undefined);
      t.equal(await store().latest("h", "m"), undefined);
      t.equal(await points(store(), "g", "m", 0, now), [[now - 7200, 2]]);
    };
    await gone();
    await rig.reopen();
    await gone();
    await put(store(), [["h", "m", now - 60, 5]]);
    for (const step of ["fresh", "settled", "reopened", "later"]) {
      if (step === "settled") await rig.settle();
      if (step === "reopened") await rig.reopen();
      if (step === "later") {
        await rig.advance(70 * day);
        await rig.settle();
      }
      t.equal(await points(store(), "h", "m", 0, now + day), [[now - 60, 5]]);
    }
  });
}

function failing(t: TestApi, each: Each): void {
  each("a full disk refuses points as 'storage-full', says so, and works again when there is room", async (rig, store) => {
    const now = rig.now();
    await put(store(), [["h", "m", now, 1]]);
    rig.fillDisk();
    await t.rejects(put(store(), [["h", "m", now + 60, 2]]), "storage-full");
    await t.rejects(put(store(), [["h", "new", now + 60, 2]]), "storage-full");
    t.equal(typeof store().status().problem, "string");
    t.equal(await points(store(), "h", "m", now, now + day), [[now, 1]]);
    rig.freeDisk();
    await put(store(), [
      ["h", "m", now + 120, 3],
      ["h", "new", now + 120, 4],
    ]);
    t.equal(store().status().problem, undefined);
    await rig.reopen();
    t.equal(await points(store(), "h", "m", now, now + day), [
      [now, 1],
      [now + 120, 3],
    ]);
    t.equal(await points(store(), "h", "new", now, now + day), [[now + 120, 4]]);
  });

  each("a broken disk refuses points as 'unavailable'", async (rig, store) => {
    const now = rig.now();
    rig.breakDisk();
    await t.rejects(put(store(), [["h", "m", now, 2]]), "unavailable");
    t.equal(typeof store().status().problem, "string");
    t.equal(await store().names("h"), []);
  });
}
