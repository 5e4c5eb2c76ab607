import { pino } from "pino";
import { SystemClock } from "#adapters/clock/system";
import { HinobanError } from "#base/errors";
import { Secret } from "#base/secret";
import { Sequencer } from "#features/ledger";
import { ChangeFeed } from "#http";
import type { MetricStore } from "#ports/metric-store/port";
import type { Db } from "#store";
import { compose } from "./compose.ts";
import { loadSettings } from "./config/load.ts";

const absent = (what: string) => () => {
  throw new HinobanError("internal", `Describing the API needs no ${what}.`);
};

/** The OpenAPI 3.1 description of /api/v1, made from the contracts without a database. */
export async function describeApi(): Promise<object> {
  const clock = new SystemClock();
  const db: Db = { tx: absent("database"), ping: absent("database"), close: absent("database") };
  const nothing = absent("metric store");
  const metrics: MetricStore = {
    seriesOf: nothing,
    append: nothing,
    names: nothing,
    latest: nothing,
    read: nothing,
    buckets: nothing,
    group: nothing,
    groupSummary: nothing,
    drop: nothing,
    status: nothing,
    snapshot: nothing,
    close: nothing,
  };
  const { settings } = loadSettings({ args: [], env: {}, cwd: "/nowhere" });
  const composed = await compose({
    settings,
    dist: "/nowhere",
    clock,
    db,
    metrics,
    logger: pino({ level: "silent" }),
    sequencer: new Sequencer({ db, clock, device: "none", onProblem: () => undefined }),
    serverKey: new Secret("0".repeat(64)),
    feed: new ChangeFeed(),
  });
  await composed.app.ready();
  const description = composed.app.swagger();
  await composed.app.close();
  return description;
}
