import type { Logger } from "pino";
import type { Clock } from "#base/clock";
import type { Secret } from "#base/secret";
import type { Sequencer } from "#features/ledger";
import type { ChangeFeed } from "#http";
import type { MetricStore } from "#ports/metric-store/port";
import type { Db } from "#store";
import type { Settings } from "./config.ts";

/** What an application is made of, opened by whoever runs it. */
export interface Parts {
  readonly settings: Settings;
  /** The folder of the build; without a built console in it, only the API is served. */
  readonly dist: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly db: Db;
  readonly metrics: MetricStore;
  readonly sequencer: Sequencer;
  readonly serverKey: Secret;
  readonly feed: ChangeFeed;
}
