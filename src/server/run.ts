import { mkdir } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { SystemClock } from "#adapters/clock/system";
import { openEmbeddedMetricStore } from "#adapters/metric-store/embedded/index";
import type { Clock } from "#base/clock";
import { seconds } from "#base/duration";
import { Lifetime } from "#base/lifetime";
import { version } from "#base/version";
import { Sequencer, record } from "#features/ledger";
import { ChangeFeed } from "#http";
import type { MetricStore } from "#ports/metric-store/port";
import { ChangeListener, installationScope, migrate, openDatabase, openDb, type Database, type Db } from "#store";
import type { Logger } from "pino";
import { compose, type Composed } from "./compose.ts";
import type { Settings } from "./config.ts";
import { openControl } from "./control.ts";
import { backupAction, keyFileOf } from "./backup.ts";
import { deviceOf } from "./device.ts";
import { LocalAgent } from "./local-agent.ts";
import { resetPasswordAction } from "./reset-password.ts";
import { verificationAction } from "./verification.ts";
import { loadServerKey } from "./server-key.ts";

export interface RunOptions {
  readonly settings: Settings;
  /** The folder of the build: hinoban-agent.js, metric-worker.js and ui/. */
  readonly dist: string;
  readonly logger: Logger;
}

/** A server that listens. */
export interface RunningServer {
  /** Where people on this machine find it. */
  readonly url: string;
  /** The one-time link, while nobody has set the installation up. */
  readonly setupUrl: string | undefined;
  readonly database: string;
  close(): Promise<void>;
}

/** Starts everything, in order, and on failure ends what had started. */
export async function runServer(options: RunOptions): Promise<RunningServer> {
  const life = new Lifetime();
  try {
    return await start(options, life);
  } catch (error) {
    await life.close().catch((second: unknown) => options.logger.error({ err: second }, "closing after a failed start failed too"));
    throw error;
  }
}

/** What the application stands on, running. */
interface Stores {
  readonly database: Database;
  readonly db: Db;
  readonly sequencer: Sequencer;
  readonly metrics: MetricStore;
}

async function openStores({ settings, dist, logger }: RunOptions, clock: Clock, life: Lifetime): Promise<Stores> {
  const { dataDir, databaseUrl, pgBin } = settings;
  const device = await deviceOf(dataDir);
  const database = await openDatabase({ databaseUrl, dataDir: join(dataDir, "postgres"), clock, log: logger, binDir: pgBin || undefined });
  life.own("database", () => database.stop());
  const { applied } = await migrate(database.connection("owner"));
  if (applied.length > 0) logger.info({ steps: applied.length }, "the database's schema was brought up to date");
  const onError = (error: Error): void => logger.warn({ error: error.message }, "a database connection was lost");
  const db = openDb({ connection: database.connection("app"), device, clock, onError });
  life.own("pool", () => db.close());

  const onProblem = (problem: string): void => logger.error({ problem }, "entries wait for their place in the ledger");
  const sequencer = new Sequencer({ db, clock, device, onProblem });
  sequencer.start();
  life.own("sequencer", () => sequencer.stop());

  const metrics = await openEmbeddedMetricStore({
    directory: join(dataDir, "metrics"),
    clock,
    log: logger,
    retentionDays: settings.retentionDays,
    workerUrl: pathToFileURL(join(dist, "metric-worker.js")),
  });
  life.own("metrics", () => metrics.close());
  return { database, db, sequencer, metrics };
}

async function start(options: RunOptions, life: Lifetime): Promise<RunningServer> {
  const { settings, dist, logger } = options;
  const { dataDir } = settings;
  const clock = new SystemClock();
  // As root others may pass through, since the database's own account must reach its folder; every folder below is closed to them.
  await mkdir(dataDir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  const serverKey = await loadServerKey(keyFileOf(settings));
  const { database, db, sequencer, metrics } = await openStores(options, clock, life);

  const feed = new ChangeFeed();
  const composed = await compose({ settings, dist, logger, clock, db, metrics, sequencer, serverKey, feed });
  life.own("periodic work", await composed.start());
  life.own("http", () => composed.app.close());
  const setupPath = await composed.prepare();
  await listenForChanges({ database, clock, logger, feed, sequencer, composed, life });

  await composed.app.listen({ host: settings.host, port: settings.port });
  const url = localUrl(composed, settings.host);
  await recordLife(db, clock, "installation.started");
  life.own("last entry", () => recordLife(db, clock, "installation.stopped").then(() => sequencer.drain()));

  const actions = {
    verify: verificationAction(db),
    "reset-password": resetPasswordAction({ db, clock }),
    backup: backupAction({ database, metrics, dataDir, keyFile: keyFileOf(settings), clock, db }),
  };
  const control = await openControl(dataDir, url, actions);
  life.own("control", () => control.close());
  if (settings.agent) await startLocalAgent({ composed, dist, url, dataDir, clock, logger, life });
  return {
    url,
    setupUrl: setupPath && `${shownUrl(settings, url)}${setupPath}`,
    database: database.description,
    close: () => life.close(),
  };
}

interface Listening {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly feed: ChangeFeed;
  readonly sequencer: Sequencer;
  readonly composed: Composed;
  readonly life: Lifetime;
}

async function listenForChanges({ database, clock, logger, feed, sequencer, composed, life }: Listening): Promise<void> {
  const listener = new ChangeListener({
    connection: database.connection("app"),
    clock,
    onChange: (change) => {
      if (change.topic === "ledger") sequencer.kick();
      composed.onChange(change);
      feed.publish(change);
    },
    onGap: () => {
      sequencer.kick();
      composed.onChange(undefined);
      feed.publishGap();
    },
    onProblem: (error) => logger.warn({ error: error.message }, "the connection for changes was lost; trying again"),
  });
  await listener.start();
  life.own("changes", () => listener.close());
}

interface StartAgent {
  readonly composed: Composed;
  readonly dist: string;
  readonly url: string;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly life: Lifetime;
}

async function startLocalAgent({ composed, dist, url, dataDir, clock, logger, life }: StartAgent): Promise<void> {
  const key = await composed.localAgentKey(join(dataDir, "secrets", "agent.key"));
  const agent = new LocalAgent({
    file: join(dist, "hinoban-agent.js"),
    serverUrl: url,
    key,
    stateDir: join(dataDir, "agent"),
    clock,
    log: logger,
  });
  agent.start();
  life.own("agent", () => agent.stop());
}

function recordLife(db: Db, clock: Clock, verb: "installation.started" | "installation.stopped"): Promise<void> {
  return db.tx(installationScope, (tx) =>
    record(tx, { at: clock.now(), actor: "system:server", verb, object: `version:${version}`, outcome: "done", detail: {} }),
  );
}

const isAny = (host: string): boolean => host === "0.0.0.0" || host === "::" || host === "";

function localUrl(composed: Composed, host: string): string {
  const address = composed.app.server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const name = isAny(host) ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

/** The address to print: the configured one; else this machine's own name for loopback, which a browser beside us understands. */
function shownUrl(settings: Settings, url: string): string {
  if (settings.publicUrl !== "") return settings.publicUrl.replace(/\/$/u, "");
  return isAny(settings.host) ? url.replace("127.0.0.1", "localhost") : url;
}

/** Other addresses under which this machine may be reached, for the banner. */
export function otherAddresses(url: string): string[] {
  const port = new URL(url).port;
  return Object.values(networkInterfaces())
    .flat()
    .filter((one) => one !== undefined && !one.internal && one.family === "IPv4")
    .map((one) => `http://${one?.address}:${port}`);
}

/** How long a clean stop may take before the process ends anyway. */
export const stopWithin = seconds(40);
