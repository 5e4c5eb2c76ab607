import type { Clock } from "#base/clock";
import { minutes, unixSeconds, type Millis, type UnixSeconds } from "#base/duration";
import type { TimedValue } from "../integration.ts";
import type { CloudKind } from "./catalogue.ts";
import type { AwsClient } from "./client.ts";
import { discover, type CloudResource } from "./discover.ts";
import { fetchSeries, seriesOf, type Series, type SeriesValues } from "./metric-data.ts";

/** What a region is asked for. */
export interface RegionSettings {
  readonly kinds: readonly CloudKind[];
  readonly isWanted: (id: string) => boolean;
  readonly mostResources: number;
  /** Minutes whose values CloudWatch may still change. */
  readonly delayMinutes: number;
  /** Minutes that are fetched the first time. */
  readonly historyMinutes: number;
}

/** What is new about one thing. */
export interface ResourceValues {
  readonly resource: CloudResource;
  readonly points: readonly TimedValue[];
}

/** What one round in a region found. */
export interface RegionValues {
  readonly resources: number;
  /** Things beyond the limit, which were left out. */
  readonly leftOut: number;
  readonly values: readonly ResourceValues[];
  /** There are later minutes that were not asked for yet. */
  readonly isBehind: boolean;
}

const discoverEvery: Millis = minutes(10);

/** CloudWatch's data is asked for at most this far back, however long the agent was away. */
const longestAbsence = 6 * 3600;

/** A long absence is made up for an hour at a time, so that a round of hundreds of things ends in time. */
const mostAtOnce = 3600;

/**
 * Watches one region. Each round asks for everything since the end of the round before, and again for the last minutes before it, because
 * CloudWatch completes its values late; only values that are new or have changed come out, so that each is sent once.
 */
export class RegionWatch {
  readonly #client: AwsClient;
  readonly #clock: Clock;
  readonly #settings: RegionSettings;
  #resources: readonly CloudResource[] = [];
  #leftOut = 0;
  #discoveredAt: Millis | undefined;
  #fetchedUntil: UnixSeconds | undefined;
  readonly #told = new Map<string, Map<UnixSeconds, number>>();

  constructor(client: AwsClient, clock: Clock, settings: RegionSettings) {
    this.#client = client;
    this.#clock = clock;
    this.#settings = settings;
  }

  /** @throws AwsError or HinobanError; the next round then asks for the same minutes again */
  async round(signal: AbortSignal): Promise<RegionValues> {
    await this.#discover(signal);
    const now = unixSeconds(Math.floor(this.#clock.now() / 60_000) * 60);
    const from = this.#from(now);
    const to = unixSeconds(Math.min(now, from + this.#settings.delayMinutes * 60 + mostAtOnce));
    const series = this.#resources.flatMap(seriesOf);
    const found = await fetchSeries(this.#client, series, from, to, signal);
    this.#fetchedUntil = to;
    const byResource = new Map<CloudResource, TimedValue[]>(this.#resources.map((resource) => [resource, []]));
    for (const one of found) byResource.get(one.series.resource)?.push(...this.#news(one, from, to, now));
    this.#forget(series, from);
    const values = [...byResource].map(([resource, points]) => ({ resource, points }));
    return { resources: this.#resources.length, leftOut: this.#leftOut, values, isBehind: to < now };
  }

  #from(now: UnixSeconds): UnixSeconds {
    const { delayMinutes, historyMinutes } = this.#settings;
    const until = this.#fetchedUntil;
    if (until === undefined || until > now) return unixSeconds(now - historyMinutes * 60); // the first round, or the clock was set back
    return unixSeconds(Math.max(until - delayMinutes * 60, now - longestAbsence));
  }

  async #discover(signal: AbortSignal): Promise<void> {
    const now = this.#clock.mono();
    if (this.#discoveredAt !== undefined && now - this.#discoveredAt < discoverEvery) return;
    const { kinds, isWanted, mostResources } = this.#settings;
    const found = (await discover(this.#client, kinds, signal)).filter(({ id }) => isWanted(id));
    this.#resources = found.slice(0, mostResources);
    this.#leftOut = found.length - this.#resources.length;
    this.#discoveredAt = now;
  }

  /** The values of a series that were not told yet. A count that CloudWatch leaves out was 0, once nothing can come any more. */
  #news({ series, byMinute, isComplete }: SeriesValues, from: UnixSeconds, to: UnixSeconds, now: UnixSeconds): readonly TimedValue[] {
    const told = this.#toldOf(series);
    const news: TimedValue[] = [];
    const settled = now - this.#settings.delayMinutes * 60;
    for (let at = from; at < to; at = unixSeconds(at + 60)) {
      const isZero = series.metric.isZeroUnsaid === true && isComplete && at < settled;
      const value = byMinute.get(at) ?? (isZero ? 0 : undefined);
      if (value === undefined || told.get(at) === value) continue;
      told.set(at, value);
      news.push({ name: series.name, time: at, value });
    }
    return news;
  }

  #toldOf(series: Series): Map<UnixSeconds, number> {
    const key = keyOf(series);
    const known = this.#told.get(key) ?? new Map<UnixSeconds, number>();
    this.#told.set(key, known);
    return known;
  }

  /** Keeps in mind only what the next round may ask for again, of things that still exist. */
  #forget(series: readonly Series[], from: UnixSeconds): void {
    const alive = new Set(series.map(keyOf));
    for (const [key, told] of this.#told) {
      if (!alive.has(key)) this.#told.delete(key);
      for (const at of told.keys()) if (at < from) told.delete(at);
    }
  }
}

const keyOf = ({ name, dimensions }: Series): string => `${name} ${dimensions.map(([, value]) => value).join(" ")}`;

/** A sentence about a round that went well. */
export function summarise({ resources, leftOut, values }: RegionValues): string {
  const points = values.reduce((sum, { points: { length } }) => sum + length, 0);
  return `${resources} watched, ${points} new values${leftOut > 0 ? `; ${leftOut} more were left out: raise most_resources` : ""}`;
}
