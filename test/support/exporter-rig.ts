import type { AddressInfo } from "node:net";
import { pino } from "pino";
import type { FastifyInstance } from "fastify";
import type { Clock } from "#base/clock";
import { unixSeconds } from "#base/duration";
import { Secret } from "#base/secret";
import { openInventory, registerInventory, type Inventory } from "#features/inventory";
import { openMetrics, type Metrics } from "#features/metrics";
import { openOtlp, registerOtlp, type Otlp } from "#features/otlp";
import { openPrometheus, registerPrometheus, Scraper, type Prometheus } from "#features/prometheus";
import { openReceivers, type Receivers } from "#features/receivers";
import { createApp } from "#http";
import { FakeMetricStore } from "#ports/metric-store/fake";
import { FakePageReader } from "#ports/page-reader/fake";
import type { PageReader } from "#ports/page-reader/port";
import type { KeyRights } from "#wire/permissions";
import { createKey } from "../../src/server/features/identity/create-key.ts";
import type { People, Somebody } from "./people.ts";

export interface ExporterRigOptions {
  /** The people's clock when absent. */
  readonly clock?: Clock;
  readonly reader?: PageReader;
  /** The store of a server before, which is no more. */
  readonly store?: FakeMetricStore;
  readonly port?: number;
}

export interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly text: string;
}

/** A server that takes in Prometheus's and OpenTelemetry's data, over the database of the calling test file. */
export interface ExporterRig {
  readonly app: FastifyInstance;
  readonly url: string;
  readonly store: FakeMetricStore;
  readonly reader: FakePageReader;
  readonly inventory: Inventory;
  readonly metrics: Metrics;
  readonly receivers: Receivers;
  readonly prometheus: Prometheus;
  readonly otlp: Otlp;
  readonly scraper: Scraper;
  /** A key of the first organisation that may read and write. */
  readonly key: string;
  readonly logged: readonly string[];
  newKey(of: Somebody, rights: KeyRights): Promise<string>;
  post(path: string, body: Buffer | string, headers?: Readonly<Record<string, string>>): Promise<Got>;
  /** The id of the present host of that name. */
  hostId(name: string): Promise<string>;
  /** Values of a metric, by unix seconds. */
  values(source: string, name: string): Promise<Readonly<Record<number, number>>>;
  names(source: string): Promise<readonly string[]>;
  /** Ends as a server does that is told to. */
  close(): Promise<void>;
  /** Ends without writing anything down, as when it was killed. */
  kill(): Promise<void>;
}

export async function openExporterRig(people: People, options: ExporterRigOptions = {}): Promise<ExporterRig> {
  const { identity, gate } = people;
  const { db } = identity;
  const clock = options.clock ?? people.clock;
  const logged: string[] = [];
  const logger = pino({ level: "warn" }, { write: (line: string) => void logged.push(line) });
  const serverKey = new Secret("a server key for tests");
  const store = options.store ?? new FakeMetricStore(clock);
  const reader = new FakePageReader();
  const inventory = openInventory({ db, clock });
  const metrics = openMetrics({ db, clock, log: logger, store, inventory });
  const receivers = openReceivers({ db, clock, inventory, metrics });
  const prometheus = openPrometheus({ db, clock, receivers, inventory, reader: options.reader ?? reader, serverKey, log: logger });
  const otlp = openOtlp({ db, clock, receivers, inventory });
  const app = await createApp({ logger, version: "0.0.0", trustProxy: [] });
  const served = { app, gate };
  registerInventory(served, inventory);
  await registerPrometheus(served, prometheus);
  await registerOtlp(served, otlp);
  await app.listen({ host: "127.0.0.1", port: options.port ?? 0 });
  const { port } = app.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const newKey = async (of: Somebody, rights: KeyRights): Promise<string> =>
    (await createKey(identity, of.actor, { name: "exporters", rights })).secret.reveal();
  const key = await newKey(people.first, "read-write");
  const stop = receivers.start();
  const scraper = new Scraper(prometheus);
  const end = async (): Promise<void> => {
    app.server.closeAllConnections();
    await app.close();
    await scraper.stop();
  };
  return {
    app,
    url,
    store,
    reader,
    inventory,
    metrics,
    receivers,
    prometheus,
    otlp,
    scraper,
    key,
    logged,
    newKey,
    post: async (path, body, headers = {}) => {
      const answer = await fetch(url + path, { method: "POST", headers: { "x-api-key": key, ...headers }, body });
      const bytes = Buffer.from(await answer.arrayBuffer());
      return { status: answer.status, headers: answer.headers, bytes, text: bytes.toString("utf8") };
    },
    hostId: async (name) => {
      const { rows } = await people.owner.query<{ id: string }>("select id from inventory_host where name = $1 and retired_at is null", [
        name,
      ]);
      const id = rows[0]?.id;
      if (id === undefined) throw new Error(`there is no host ${name}`);
      return id;
    },
    values: async (source, name) => {
      const columns = await store.read(source, name, { from: unixSeconds(0), to: unixSeconds(0xffff_ffff) });
      return Object.fromEntries([...(columns?.times ?? [])].map((time, index) => [time, columns?.values[index] ?? Number.NaN]));
    },
    names: (source) => store.names(source),
    close: async () => {
      await end();
      await stop();
    },
    kill: end,
  };
}
