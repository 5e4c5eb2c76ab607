import { basename, join } from "node:path";
import type { Clock, Timer } from "#base/clock";
import { seconds, toSeconds } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import type { BlockReader } from "./block-reader.ts";
import type { BlockKind, BlockMeta } from "./block-format.ts";
import { isDiskFull } from "./disk.ts";
import { windowSeconds, type HeadPage } from "./head.ts";
import type { MergeJob, MergeResult } from "./merge.ts";
import { planExpiry, planMerge, type MergeTask } from "./merge-plan.ts";
import { slices } from "./pace.ts";
import { sealPage } from "./seal.ts";
import type { StoreState } from "./state.ts";
import { frameType, windowPayload } from "./wal-frame.ts";
import { segmentName } from "./wal.ts";

/** How long a page stays open after its half hour, and after it was made: agents deliver within two minutes, those that were cut off come in bursts. */
const pageSettles = 5 * 60;
const pageLives = 30 * 60_000;
const round = seconds(30);
/** A log segment of this size is left behind once its points are in blocks: a restart need not read it again. */
const wornSegment = 4 * 1024 * 1024;
/** Merges forget dropped sources anyway; what they have not reached within a day is written anew. */
const purgeAfter = 86_400;

/** How merges are run: in this thread, in slices, or in a worker. */
export type RunMerge = (job: MergeJob) => Promise<MergeResult>;

export interface Log {
  info(facts: Readonly<Record<string, unknown>>, message: string): void;
  warn(facts: Readonly<Record<string, unknown>>, message: string): void;
  error(facts: Readonly<Record<string, unknown>>, message: string): void;
}

/** Moves points from memory into blocks, small blocks into larger ones, and old ones out. One step at a time. */
export class Housekeeping {
  readonly #state: StoreState;
  readonly #clock: Clock;
  readonly #runMerge: RunMerge;
  readonly #log: Log;
  readonly #retentionDays: number;
  readonly #headBytes: number;
  #timer: Timer | undefined;
  #queue: Promise<void> = Promise.resolve();
  #isStopping = false;
  #isWaiting = false;
  /** Merges that met a damaged block. */
  readonly #hopeless = new Set<string>();
  #damage: string | undefined;
  #trouble: string | undefined;

  constructor(
    state: StoreState,
    clock: Clock,
    runMerge: RunMerge,
    log: Log,
    options: { readonly retentionDays: number; readonly headBytes: number },
  ) {
    this.#state = state;
    this.#clock = clock;
    this.#runMerge = runMerge;
    this.#log = log;
    this.#retentionDays = options.retentionDays;
    this.#headBytes = options.headBytes;
  }

  /** Why the last round failed, or what is damaged, in a sentence for the operator. */
  get problem(): string | undefined {
    return this.#trouble ?? this.#damage;
  }

  start(): void {
    this.#timer = this.#clock.every("metric-store.housekeeping", round, () => this.wake());
  }

  /** Asks for a round soon. */
  wake(): void {
    if (this.#isWaiting || this.#isStopping) return;
    this.#isWaiting = true;
    void this.exclusive(async () => {
      this.#isWaiting = false;
      await this.#guardedRound();
    });
  }

  /** Runs `work` when no round is running, and keeps rounds off while it runs. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  /** Does everything that is due now. `isForced`: also pages that could still wait. @throws what went wrong. */
  runNow(isForced: boolean): Promise<void> {
    return this.exclusive(() => this.#round(isForced));
  }

  async #guardedRound(): Promise<void> {
    try {
      await this.#round(false);
      this.#trouble = undefined;
    } catch (error) {
      this.#trouble = isDiskFull(error)
        ? "The disk of the metric store is full: points stay in its log until there is room for their blocks."
        : `Housekeeping of the metric store failed: ${messageOf(error)}`;
      this.#log.error({ error: messageOf(error) }, "the metric store could not put its blocks in order; it tries again");
    }
  }

  async #round(isForced: boolean): Promise<void> {
    await this.#freezePages(isForced);
    for (const page of this.#state.head.closed) {
      if (this.#isStopping) return;
      await this.seal(page);
    }
    await this.#state.tombstones.save();
    await this.#trimLog();
    while (!this.#isStopping && (await this.#mergeNext()));
    await this.#expire();
    if (!this.#isStopping) await this.#purge(isForced);
  }

  get #now(): number {
    return toSeconds(this.#clock.now());
  }

  #isDue(page: HeadPage): boolean {
    return this.#now >= (page.window + 1) * windowSeconds + pageSettles && this.#clock.mono() - page.createdAt >= pageLives;
  }

  async #freezePages(isForced: boolean): Promise<void> {
    const { head } = this.#state;
    const due = [...head.open].filter((page) => isForced || this.#isDue(page));
    if (!isForced) this.#addForMemory(due);
    for (const page of due) await this.freeze(page);
  }

  /** Too much in memory: the pages furthest from now go first, whatever their age. */
  #addForMemory(due: HeadPage[]): void {
    const { head } = this.#state;
    let excess = head.bytes - due.reduce((sum, page) => sum + page.bytes, 0) - this.#headBytes;
    const current = this.#now / windowSeconds;
    const others = [...head.open]
      .filter((page) => !due.includes(page))
      .sort((a, b) => Math.abs(b.window - current) - Math.abs(a.window - current));
    for (const page of others) {
      if (excess <= 0) return;
      due.push(page);
      excess -= page.bytes;
    }
  }

  /** Closes an open page through the log, so that a replay closes it at the same point. */
  async freeze(page: HeadPage): Promise<void> {
    await this.#state.wal.append(frameType.freeze, 0, windowPayload(page.window, this.#state.priorities.next()));
  }

  /** Writes a closed page as a block, then says so in the log. */
  async seal(page: HeadPage): Promise<void> {
    const state = this.#state;
    const meta: BlockMeta = {
      kind: "raw",
      from: page.window * windowSeconds,
      to: (page.window + 1) * windowSeconds,
      priority: page.priority,
      id: state.blocks.nextId(),
      replaces: [],
    };
    const file = await sealPage(page, state.catalog, state.disk, state.directory, meta, slices(this.#clock));
    if (file !== undefined) await state.blocks.exchange([file], []);
    state.head.discard(page.window, page.priority);
    await state.wal.append(frameType.sealed, 0, windowPayload(page.window, page.priority));
  }

  /** Removes log segments whose points are all in blocks. */
  async #trimLog(): Promise<void> {
    const { wal, head, segments, disk, directory } = this.#state;
    const keep = Math.min(head.oldestSegment() ?? wal.segment, wal.segment);
    for (const number of [...segments.keys()].sort((a, b) => a - b)) {
      if (number >= keep) break;
      await disk.remove(join(directory, segmentName(number)));
      segments.delete(number);
    }
    await wal.removeBefore(keep);
    if (keep === wal.segment && wal.position().bytes > wornSegment) wal.rollSoon();
  }

  async #mergeNext(): Promise<boolean> {
    const { head, blocks } = this.#state;
    const isInMemory = (from: number, to: number): boolean =>
      head.pages().some((p) => p.window * windowSeconds < to && (p.window + 1) * windowSeconds > from);
    const isHopeless = (level: string, kind: BlockKind, from: number): boolean => this.#hopeless.has(`${level} ${kind} ${from}`);
    const task = planMerge({ now: this.#now, blocks: blocks.all, isInMemory, isHopeless });
    if (!task) return false;
    const kinds: BlockKind[] = task.level === "day" ? ["raw", "hour", "day"] : [task.kind];
    try {
      await this.#merge(task, kinds);
    } catch (error) {
      if (!(error instanceof HinobanError && error.code === "storage-damaged")) throw error;
      this.#hopeless.add(`${task.level} ${task.kind} ${task.from}`);
      this.#damage = messageOf(error);
      this.#log.error({ error: this.#damage }, "a damaged metric block cannot be merged; it stays as it is");
    }
    return true;
  }

  async #merge(task: Omit<MergeTask<BlockReader>, "level">, kinds: readonly BlockKind[]): Promise<void> {
    const { blocks, tombstones, directory } = this.#state;
    const started = this.#clock.mono();
    const priority = task.inputs.reduce((max, b) => Math.max(max, b.meta.priority), 0);
    const outputs = kinds.map((kind): BlockMeta => ({
      kind,
      from: task.from,
      to: task.to,
      priority,
      id: blocks.nextId(),
      replaces: task.replaced[kind].map((b) => b.meta.id),
    }));
    const job: MergeJob = {
      directory,
      kind: task.kind,
      inputs: task.inputs.map((b) => basename(b.path)),
      from: task.from,
      to: task.to,
      isThorough: kinds.length > 1,
      outputs,
      dropped: tombstones.all,
    };
    const files = await this.#runMerge(job);
    const replaced = kinds.flatMap((kind) => task.replaced[kind]);
    await blocks.exchange(
      files.filter((file) => file !== undefined),
      replaced,
    );
    this.#log.info(
      { kind: task.kind, from: task.from, to: task.to, blocks: task.inputs.length, took: this.#clock.mono() - started },
      "metric blocks merged",
    );
  }

  /** First second whose points are still kept. */
  get cut(): number {
    return Math.floor((this.#now - this.#retentionDays * 86_400) / 86_400) * 86_400;
  }

  async #expire(): Promise<void> {
    const expired = planExpiry(this.#state.blocks.all, this.cut);
    if (expired.length > 0) await this.#state.blocks.exchange([], expired);
  }

  /** Writes blocks anew that still hold something of a dropped source; then the source needs no mark any more. */
  async #purge(isForced: boolean): Promise<void> {
    const { tombstones, blocks, catalog, head } = this.#state;
    if (!isForced && tombstones.all.every((stone) => this.#now < stone.at + purgeAfter)) return;
    for (const { source, priority } of tombstones.all) {
      const id = catalog.findSource(source);
      for (const block of id === undefined ? [] : blocks.all) {
        if (block.meta.priority > priority || !block.holdsSource(id ?? -1)) continue;
        const { kind, from, to } = block.meta;
        const replaced = { raw: [], hour: [], day: [], [kind]: [block] };
        await this.#merge({ kind, from, to, inputs: [block], replaced }, [kind]);
      }
      if (head.closed.every((page) => page.priority > priority)) tombstones.remove(source);
    }
    await tombstones.save();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#timer?.cancel();
    await this.#queue;
  }
}
