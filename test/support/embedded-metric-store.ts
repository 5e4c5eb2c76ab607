import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openEmbeddedMetricStore, type EmbeddedOptions } from "#adapters/metric-store/embedded/index";
import { nodeDisk, type Disk, type DiskFile, type OpenMode } from "#adapters/metric-store/embedded/disk";
import type { EmbeddedMetricStore } from "#adapters/metric-store/embedded/store";
import { unixMs } from "#base/duration";
import { HinobanError, type ErrorCode } from "#base/errors";
import type { Rig, TestApi } from "#ports/metric-store/contract";
import { FakeClock } from "#test/fake-clock";

/** The contract's wishes, fulfilled by Vitest. */
export const vitestApi: TestApi = {
  test: (name, body) => {
    test(name, body);
  },
  equal: (actual, expected) => {
    expect(actual).toEqual(expected);
  },
  rejects: async (promise, code) => {
    expect(await codeOf(promise)).toBe(code);
  },
};

/** The code that a promise is rejected with; undefined when it is fulfilled. */
export async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    if (error instanceof HinobanError) return error.code;
    throw error;
  }
}

const failure = (code: string): Error => Object.assign(new Error(`${code}: simulated`), { code });

/** The machine's file system, with levers: it can be full, fail to sync, write short, or be slow to sync. */
export class FaultyDisk implements Disk {
  isFull = false;
  isBroken = false;
  /** At most this many bytes per write. */
  shortWrites = Number.POSITIVE_INFINITY;
  /** Bytes that still fit before the disk is full. */
  room = Number.POSITIVE_INFINITY;
  syncs = 0;
  /** Every sync waits for this. */
  gate: Promise<void> = Promise.resolve();

  readonly list = nodeDisk.list;
  readonly makeDirectory = nodeDisk.makeDirectory;
  readonly rename = nodeDisk.rename;
  readonly remove = nodeDisk.remove;
  readonly link = nodeDisk.link;
  readonly syncDirectory = nodeDisk.syncDirectory;

  async open(path: string, mode: OpenMode): Promise<DiskFile> {
    const file = await nodeDisk.open(path, mode);
    return {
      isSynchronous: false,
      read: (into, position) => file.read(into, position),
      size: () => file.size(),
      truncate: (length) => file.truncate(length),
      close: () => file.close(),
      writev: async (buffers, position) => {
        const fits = Math.min(this.shortWrites, this.isFull ? 0 : this.room);
        if (fits <= 0) throw failure("ENOSPC");
        const bytes = Buffer.concat(buffers).subarray(0, fits);
        this.room -= bytes.length;
        return file.writev([bytes], position);
      },
      datasync: async () => {
        this.syncs++;
        await this.gate;
        if (this.isBroken) throw failure("EIO");
        await file.datasync();
      },
    };
  }
}

export interface EmbeddedRig extends Rig {
  readonly directory: string;
  readonly clock: FakeClock;
  readonly disk: FaultyDisk;
  embedded(): EmbeddedMetricStore;
}

/** An embedded store in a new folder, under a clock that stands still. */
export async function startEmbedded(options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedRig> {
  const directory = await mkdtemp(join(tmpdir(), "hinoban-metrics-"));
  const clock = new FakeClock(unixMs(Date.UTC(2026, 0, 5, 6, 0, 0)));
  const disk = new FaultyDisk();
  const open = (): Promise<EmbeddedMetricStore> => openEmbeddedMetricStore({ directory, clock, disk, ...options });
  let store = await open();
  return {
    directory,
    clock,
    disk,
    embedded: () => store,
    store: () => store,
    now: () => Math.floor(clock.now() / 1000),
    advance: (seconds) => {
      clock.jumpTo(unixMs(clock.now() + seconds * 1000));
      return Promise.resolve();
    },
    settle: () => store.maintain(true),
    reopen: async () => {
      await store.close();
      store = await open();
    },
    breakDisk: () => {
      disk.isBroken = true;
    },
    fillDisk: () => {
      disk.isFull = true;
    },
    freeDisk: () => {
      disk.isFull = false;
    },
    close: async () => {
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
