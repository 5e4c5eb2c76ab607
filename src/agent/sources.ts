import type { Clock } from "#base/clock";
import { seconds, unixSeconds, type Millis, type UnixSeconds } from "#base/duration";
import { messageOf } from "#base/errors";
import type { MetricValues } from "./collectors/collector.ts";
import type { ExtraPoint } from "./extra-points.ts";
import type { Log } from "./log.ts";
import { withinTime } from "./system.ts";

/** What a source found in one round. */
export interface Found {
  /** Of this host, at the minute of the round. */
  readonly values: MetricValues;
  readonly extra: readonly ExtraPoint[];
}

/** Something beside the system's own collectors that gives values: a plugin, an integration. */
export interface Source {
  readonly name: string;
  /** Minutes between two rounds. */
  readonly everyMinutes: number;
  /** One round for the minute `time`. It ends by itself. @throws Error whose message is for the operator */
  round(time: UnixSeconds, signal: AbortSignal): Promise<Found>;
}

/** How long a minute waits for its sources. Who needs longer is not cut off: its values follow with the next minute, under their own time. */
const waitFor: Millis = seconds(10);

/** Values of all sources in one minute, so that a minute fits into a post. */
const mostValues = 8000;

/** Runs the sources each minute and gathers what they found. One that fails or is slow costs nobody else anything. */
export class Sources {
  readonly #clock: Clock;
  readonly #log: Log;
  #sources: readonly Source[] = [];
  readonly #busy = new Set<string>();
  readonly #dueAt = new Map<string, number>();
  readonly #troubles = new Map<string, string>();
  #late: ExtraPoint[] = [];

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** The sources from now on. One that stays keeps its rhythm. */
  set(sources: readonly Source[]): void {
    this.#sources = sources;
    const names = new Set(sources.map((source) => source.name));
    for (const name of this.#dueAt.keys()) if (!names.has(name)) this.#dueAt.delete(name);
  }

  /** Values that come with the next minute: of checks, and of rounds that took longer. */
  add(points: readonly ExtraPoint[]): void {
    this.#late.push(...points.slice(0, Math.max(mostValues - this.#late.length, 0)));
  }

  /** What waits for the next minute, without another round. */
  drain(): readonly ExtraPoint[] {
    return this.#late.splice(0);
  }

  /** One round of everything that is due. Never throws. */
  async collect(time: UnixSeconds, signal: AbortSignal): Promise<Found> {
    const due = this.#sources.filter((source) => this.#isDue(source, time));
    const ends = due.map(() => new AbortController()); // one each: a signal warns of more than ten listeners
    const inTime: Found[] = [];
    let isOver = false;
    const rounds = due.map(async (source, index) => {
      const found = await this.#ask(source, time, ends[index]?.signal ?? signal);
      if (!isOver) inTime.push(found);
      else this.add(asPoints(found, time));
    });
    const all = Promise.all(rounds);
    const stopped = new AbortController();
    const onEnd = new Promise<void>((resolve) => {
      const end = (): void => {
        for (const each of ends) each.abort();
        resolve(); // when the agent ends nobody is waited for
      };
      if (signal.aborted) end();
      else signal.addEventListener("abort", end, { once: true, signal: stopped.signal });
    });
    void all.finally(() => stopped.abort());
    await withinTime(this.#clock, "agent.sources", waitFor, Promise.race([all, onEnd])).catch(() => undefined);
    isOver = true;
    const values: Record<string, number> = {};
    for (const found of inTime) Object.assign(values, found.values);
    const extra = [...this.drain(), ...inTime.flatMap((found) => found.extra)];
    return this.#capped({ values, extra });
  }

  #isDue(source: Source, time: UnixSeconds): boolean {
    const period = source.everyMinutes * 60;
    const due = this.#dueAt.get(source.name) ?? time;
    if (this.#busy.has(source.name) || (due > time && due <= time + period)) return false; // further away: the clock was set back
    this.#dueAt.set(source.name, time + period - 30); // half a minute of tolerance: minutes are not counted, they are looked at
    return true;
  }

  async #ask(source: Source, time: UnixSeconds, signal: AbortSignal): Promise<Found> {
    this.#busy.add(source.name);
    try {
      const found = await source.round(time, signal);
      if (this.#troubles.delete(source.name)) this.#log.info(`${source.name} gives values again.`);
      return found;
    } catch (error) {
      const trouble = messageOf(error);
      if (this.#troubles.get(source.name) !== trouble && !signal.aborted) this.#log.warn(`${source.name} gives no values: ${trouble}`);
      this.#troubles.set(source.name, trouble);
      return { values: {}, extra: [] };
    } finally {
      this.#busy.delete(source.name);
    }
  }

  #capped(found: Found): Found {
    const names = Object.keys(found.values);
    const surplus = names.length + found.extra.length - mostValues;
    if (surplus <= 0) return found;
    this.#log.warn("Plugins and integrations give more values in a minute than a post may hold; the rest was dropped.", {
      dropped: surplus,
    });
    const kept = names.slice(0, mostValues);
    return {
      values: Object.fromEntries(kept.map((name) => [name, found.values[name] ?? 0])),
      extra: found.extra.slice(0, mostValues - kept.length),
    };
  }
}

const asPoints = ({ values, extra }: Found, time: UnixSeconds): readonly ExtraPoint[] => [
  ...Object.entries(values).map(([name, value]) => ({ name, value, time: unixSeconds(time) })),
  ...extra,
];
