import type { Clock } from "#base/clock";
import type { Metrics } from "#features/metrics";
import { RateLimit } from "#http";
import type { Rasteriser } from "#ports/rasteriser/port";
import type { Db, Deps } from "#store";
import { Pictures } from "./pictures.ts";

export interface SharingDeps extends Deps {
  readonly metrics: Metrics;
  readonly rasteriser: Rasteriser;
}

/** A wall of screens behind one address asks for dozens of graphs a minute; a scraper for more. */
const mostAMinute = 600;

/** Shared and embedded graphs of one process. */
export class Sharing implements SharingDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly rasteriser: Rasteriser;
  readonly pictures: Pictures;
  readonly strangers: RateLimit;

  constructor({ db, clock, metrics, rasteriser }: SharingDeps) {
    this.db = db;
    this.clock = clock;
    this.metrics = metrics;
    this.rasteriser = rasteriser;
    this.pictures = new Pictures({ clock, rasteriser });
    this.strangers = new RateLimit(clock, mostAMinute);
  }
}

export const openSharing = (deps: SharingDeps): Sharing => new Sharing(deps);
