import type { Clock } from "#base/clock";
import { messageOf } from "#base/errors";
import { BlockSet } from "./block-set.ts";
import { Catalog } from "./catalog.ts";
import { nodeDisk, type Disk } from "./disk.ts";
import { Head, windowSeconds } from "./head.ts";
import { Housekeeping, type Log, type RunMerge } from "./housekeeping.ts";
import { lockDirectory } from "./lock.ts";
import { runMerge } from "./merge.ts";
import { MergeWorker } from "./worker-client.ts";
import { slices } from "./pace.ts";
import { Priorities, type StoreState } from "./state.ts";
import { sealPage } from "./seal.ts";
import { EmbeddedMetricStore } from "./store.ts";
import { Tombstones } from "./tombstones.ts";
import { readFrames, type FrameHandler } from "./wal-frame.ts";
import { replayLog } from "./wal-replay.ts";
import { WriteAheadLog } from "./wal.ts";

export interface EmbeddedOptions {
  /** Made when missing; nobody else may write in it. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log?: Log;
  /** Whole days for which points are kept; daily summaries stay for ever. Default: 460. */
  readonly retentionDays?: number;
  /** The bundled `worker.ts`. Without it merges run in this thread, in slices of a few milliseconds. */
  readonly workerUrl?: URL;
  /** Open in spite of damage and lose what cannot be read. Default: refuse. */
  readonly repair?: boolean;
  /** Memory for points that no block holds yet, about. Default: 192 MiB. */
  readonly headBytes?: number;
  /** Size at which a log segment is followed by the next. Default: 64 MiB. */
  readonly segmentBytes?: number;
  /** Room that the log takes ahead of need. Default: 1 MiB. */
  readonly extentBytes?: number;
  /** Memory for indexes of blocks. Default: 32 MiB. */
  readonly indexCacheBytes?: number;
  /** The file system; tests hand in one that fails. */
  readonly disk?: Disk;
}

const mebibyte = 1024 * 1024;
const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * Opens the metric store in a directory: takes its lock, opens the blocks, replays the log.
 * @throws HinobanError "locked" while another process has it open; "storage-damaged" when something acknowledged cannot be read
 * (an interrupted last write is not damage and is cut off).
 */
export async function openEmbeddedMetricStore(options: EmbeddedOptions): Promise<EmbeddedMetricStore> {
  const { directory, clock, log = silent, disk = nodeDisk } = options;
  await disk.makeDirectory(directory);
  const lock = await lockDirectory(directory);
  try {
    const state = await openState(options, disk, log);
    const worker = options.workerUrl ? new MergeWorker(options.workerUrl) : undefined;
    const run: RunMerge = worker ? (job) => worker.run(job) : (job) => runMerge(disk, job, slices(clock));
    const housekeeping = new Housekeeping(state, clock, run, log, {
      retentionDays: options.retentionDays ?? 460,
      headBytes: options.headBytes ?? 192 * mebibyte,
    });
    housekeeping.start();
    return new EmbeddedMetricStore(state, housekeeping, clock, async () => {
      await worker?.close();
      await lock.release();
    });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openState(options: EmbeddedOptions, disk: Disk, log: Log): Promise<StoreState> {
  const { directory, clock, repair = false } = options;
  const catalog = new Catalog();
  const head = new Head();
  const priorities = new Priorities();
  const tombstones = await Tombstones.load(disk, directory);
  const blocks = new BlockSet(disk, directory, catalog, options.indexCacheBytes ?? 32 * mebibyte);
  try {
    const onDamage = (message: string): void => log.error({ message }, "a damaged block was left out");
    await blocks.load(repair, onDamage);
    priorities.seen(blocks.highestPriority);
    priorities.seen(tombstones.highest);
    await findSeries(blocks, catalog, tombstones, repair, onDamage);
    const parts = { disk, directory, catalog, head, blocks, tombstones, priorities };
    const report = await replay(parts, clock, repair, options.headBytes ?? 192 * mebibyte);
    if (report.tornBytes > 0)
      log.warn({ bytes: report.tornBytes }, "the log ended in an interrupted write that was never acknowledged; it was cut off");
    for (const damage of report.damages) log.error({ damage }, "damage in the log was skipped");
    const wal: WriteAheadLog = new WriteAheadLog({
      disk,
      directory,
      segmentBytes: options.segmentBytes ?? 64 * mebibyte,
      extentBytes: options.extentBytes ?? mebibyte,
      pendingBytes: 64 * mebibyte,
      firstSegment: report.nextSegment,
      onCommitted: (buffers, segment) => {
        handler.segment = segment;
        for (const buffer of buffers) readFrames(buffer, handler);
      },
    });
    const handler = new Taker(parts, clock, undefined);
    return { ...parts, wal, segments: new Map(report.segments) };
  } catch (error) {
    await blocks.close();
    throw error;
  }
}

type Parts = Omit<StoreState, "wal" | "segments">;

/** Marks every series that a block holds. Daily summaries know all that is older, so most blocks need not be looked through. */
async function findSeries(
  blocks: BlockSet,
  catalog: Catalog,
  tombstones: Tombstones,
  repair: boolean,
  onDamage: (message: string) => void,
): Promise<void> {
  const days = blocks.of("day");
  for (const block of blocks.all) {
    const { kind, from, to, priority } = block.meta;
    if (kind === "hour") continue;
    if (kind === "raw" && days.some((d) => d.meta.from <= from && d.meta.to >= to && d.meta.priority >= priority)) continue;
    try {
      await block.eachSeries((sourceId, nameId) => {
        const source = catalog.sourceText(sourceId);
        if (tombstones.of(source) < priority) catalog.markExisting(catalog.seriesOf(source, catalog.nameText(nameId)));
      });
    } catch (error) {
      if (!repair) throw error;
      onDamage(messageOf(error));
      await blocks.setAside(block);
    }
  }
}

/** Takes over what the log says, at work and in a replay. */
class Taker implements FrameHandler {
  readonly #parts: Parts;
  readonly #clock: Clock;
  /** In a replay: this process' number for each number of the log. */
  refs: Uint32Array | undefined;
  segment = 0;
  readonly #seen: (ref: number, time: number, value: number) => void;

  constructor(parts: Parts, clock: Clock, refs: Uint32Array | undefined) {
    this.#parts = parts;
    this.#clock = clock;
    this.refs = refs;
    this.#seen = (ref, time, value) => parts.catalog.see(ref, time, value);
  }

  define(ref: number, source: string, name: string): void {
    if (!this.refs) return;
    if (ref >= this.refs.length) {
      const grown = new Uint32Array(Math.max(ref + 1, this.refs.length * 2));
      grown.set(this.refs);
      this.refs = grown;
    }
    this.refs[ref] = this.#parts.catalog.seriesOf(source, name);
  }

  points(frame: Parameters<FrameHandler["points"]>[0]): void {
    this.#parts.head.put(frame, this.refs, this.segment, this.#clock.mono(), this.#seen);
  }

  freeze(window: number, priority: number): void {
    this.#parts.priorities.seen(priority);
    this.#parts.head.freeze(window, priority);
  }

  sealed(window: number, priority: number): void {
    this.#parts.priorities.seen(priority);
    this.#parts.head.discard(window, priority);
  }

  drop(source: string, priority: number): void {
    const { catalog, head, tombstones, priorities } = this.#parts;
    priorities.seen(priority);
    head.clear(catalog.refsOf(source));
    catalog.forget(source);
    tombstones.add({ source, priority, at: Math.floor(this.#clock.now() / 1000) });
  }
}

async function replay(parts: Parts, clock: Clock, repair: boolean, headBytes: number): ReturnType<typeof replayLog> {
  const { disk, directory, head, priorities, blocks, catalog } = parts;
  const taker = new Taker(parts, clock, new Uint32Array(1024));
  return replayLog({
    disk,
    directory,
    repair,
    handler: taker,
    onSegment: (segment) => {
      taker.segment = segment;
      taker.refs = new Uint32Array(1024);
    },
    onPause: async () => {
      if (head.bytes <= headBytes) return;
      // More than memory should hold: put everything away as blocks. Should the log tell of the same points again, that changes nothing.
      for (const page of head.open) head.freeze(page.window, priorities.between());
      for (const page of head.closed) {
        const { window, priority } = page;
        const meta = {
          kind: "raw",
          from: window * windowSeconds,
          to: (window + 1) * windowSeconds,
          priority,
          id: blocks.nextId(),
          replaces: [],
        } as const;
        const file = await sealPage(page, catalog, disk, directory, meta, slices(clock));
        if (file !== undefined) await blocks.exchange([file], []);
        head.discard(window, priority);
      }
    },
  });
}
