import http from "node:http";
import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { afterAll, beforeAll } from "vitest";
import { registerDashboards, registerDashboardsV0 } from "#features/dashboards";
import { registerExpressions } from "#features/expressions";
import { openDowntimes, registerDowntimes, registerDowntimesV0, type Downtimes } from "#features/downtimes";
import { registerIdentity, registerIdentityV0 } from "#features/identity";
import { openInventory, registerInventory, registerInventoryV0, type Inventory } from "#features/inventory";
import { openIncidents, registerIncidents, registerIncidentsV0, type Incidents } from "#features/incidents";
import { openMonitors, registerMonitors, registerMonitorsV0, type Monitors } from "#features/monitors";
import { openMetrics, registerMetrics, registerMetricsV0, type Metrics } from "#features/metrics";
import { openNotify, registerNotify, registerNotifyV0, type Notify } from "#features/notify";
import { openProbes, registerProbes, type Probes } from "#features/probes";
import { openDuty } from "#features/duty";
import { openReceivers, registerReceivers, type Receivers } from "#features/receivers";
import { openReports, registerReports } from "#features/reports";
import { openRouting, registerRouting, registerRoutingV0, type Routing } from "#features/routing";
import { Secret } from "#base/secret";
import { createApp, serveV0 } from "#http";
import { SystemClock } from "#adapters/clock/system";
import { SmtpMailer } from "#adapters/mailer/smtp";
import { NodeOutgoingHttp } from "#adapters/outgoing-http/node";
import { AddressRules } from "#base/ip-networks";
import { FakeMetricStore } from "#ports/metric-store/fake";
import { FakeProber } from "#ports/prober/fake";
import { ChangeListener } from "#store";
import type { KeyRights } from "#wire/permissions";
import { directPrinter } from "./report-printer.ts";
import { withPeople, type People, type Somebody } from "./people.ts";
import { createKey } from "../../src/server/features/identity/create-key.ts";

/** One answer, with its body read as JSON: every answer of this interface must be JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- the tests look into many shapes
  readonly json: any;
}

export interface Ask {
  readonly key?: string;
  /** Exactly these bytes; an object is sent as JSON. */
  readonly body?: string | Buffer | object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server with a database of its own, as agents reach it over the network. */
export interface Rig {
  readonly people: People;
  readonly app: FastifyInstance;
  readonly inventory: Inventory;
  readonly metrics: Metrics;
  readonly incidents: Incidents;
  readonly monitors: Monitors;
  readonly notify: Notify;
  readonly downtimes: Downtimes;
  readonly routing: Routing;
  readonly receivers: Receivers;
  readonly probes: Probes;
  readonly prober: FakeProber;
  readonly store: FakeMetricStore;
  readonly logged: readonly string[];
  /** A key of the first organisation that may do everything. */
  readonly key: string;
  /** Unix seconds of the rig's clock. */
  now(): number;
  newKey(of: Somebody, rights: KeyRights): Promise<string>;
  /** Sends one request below the root of the host, such as `GET /api/v0/hosts?`. */
  ask(method: string, path: string, ask?: Ask): Promise<Answer>;
}

export function withRig(): Rig {
  const people = withPeople();
  let made:
    | Pick<
        Rig,
        | "app"
        | "inventory"
        | "downtimes"
        | "routing"
        | "metrics"
        | "incidents"
        | "monitors"
        | "notify"
        | "receivers"
        | "probes"
        | "prober"
        | "store"
        | "key"
      >
    | undefined;
  let listener: ChangeListener | undefined;
  const logged: string[] = [];
  const get = (): NonNullable<typeof made> => {
    if (!made) throw new Error("the rig exists only inside hooks and tests");
    return made;
  };
  beforeAll(async () => {
    const { clock, identity, gate, owner } = people;
    const logger = pino({ level: "warn" }, { write: (line: string) => void logged.push(line) });
    const app = await createApp({ logger, version: "0.0.0", trustProxy: [] });
    const served = { app, gate };
    const store = new FakeMetricStore(clock);
    const inventory = openInventory({ db: identity.db, clock });
    const metrics = openMetrics({ db: identity.db, clock, log: logger, store, inventory });
    const downtimes = openDowntimes({ db: identity.db, clock, onError: (error) => void logged.push(String(error)) });
    const incidents = openIncidents({
      db: identity.db,
      clock,
      serverKey: new Secret("a server key for tests"),
      publicUrl: "",
      downtimes,
      onError: (error) => void logged.push(String(error)),
    });
    incidents.watch(inventory);
    const monitors = openMonitors({
      db: identity.db,
      clock,
      inventory,
      metrics,
      downtimes,
      incidents,
      onError: (error) => void logged.push(String(error)),
    });
    const system = new SystemClock();
    const notify = openNotify({
      db: identity.db,
      clock,
      http: new NodeOutgoingHttp(system, new AddressRules({ denied: [] })),
      mailer: new SmtpMailer(system),
      serverKey: new Secret("a server key for tests"),
      log: logger,
    });
    const routing = openRouting({
      db: identity.db,
      clock,
      notify,
      incidents,
      inventory,
      downtimes,
      publicUrl: "https://hinoban.example",
      onError: (error) => void logged.push(String(error)),
    });
    downtimes.extend({ monitorNames: (tx, ids) => monitors.namesOf(tx, ids) });
    routing.extend(monitors);
    const receivers = openReceivers({ db: identity.db, clock, inventory, metrics });
    const prober = new FakeProber();
    const probes = openProbes({ db: identity.db, clock, receivers, monitors, prober, log: logger });
    monitors.listen(probes);
    registerInventory(served, inventory);
    registerProbes(served, probes);
    registerDowntimes(served, downtimes);
    registerIncidents(served, incidents);
    registerNotify(served, notify);
    registerRouting(served, routing);
    registerMetrics(served, metrics);
    registerMonitors(served, monitors);
    registerReceivers(served, receivers);
    registerIdentity(served, identity);
    registerDashboards(served, { db: identity.db, clock });
    registerExpressions(served, { db: identity.db, clock, store });
    registerReports(
      served,
      openReports({
        db: identity.db,
        clock,
        notify,
        duty: openDuty({ db: identity.db, clock, holidays: { nameOf: () => undefined } }),
        mailer: notify.deps.mailer,
        printer: directPrinter,
        publicUrl: "https://hinoban.example",
        onError: (error) => void logged.push(String(error)),
      }),
    );
    await serveV0(served, [
      (v0) => registerIdentityV0(v0, identity),
      (v0) => registerInventoryV0(v0, inventory),
      (v0) => registerDowntimesV0(v0, downtimes),
      (v0) => registerIncidentsV0(v0, incidents),
      (v0) => registerNotifyV0(v0, notify),
      (v0) => registerRoutingV0(v0, routing),
      (v0) => registerMetricsV0(v0, metrics),
      (v0) => registerMonitorsV0(v0, monitors),
      (v0) => registerDashboardsV0(v0, { db: identity.db, clock }),
    ]);
    await app.listen({ host: "127.0.0.1", port: 0 });
    const { key } = await makeKey(people, people.first, "read-write");
    const { user, password, host, port, database } = owner;
    listener = new ChangeListener({
      connection: { user: user ?? "", password: password ?? "", host, port, database: database ?? "" },
      clock,
      onChange: (change) => {
        inventory.directory.onChange(change);
        downtimes.onChange(change);
        incidents.onChange(change);
        monitors.onChange(change);
        receivers.onChange(change);
        probes.onChange(change);
      },
      onGap: () => inventory.directory.onChange(undefined),
      onProblem: () => undefined,
    });
    await listener.start();
    made = { app, inventory, downtimes, routing, metrics, incidents, monitors, notify, receivers, probes, prober, store, key };
  });
  afterAll(async () => {
    await made?.app.close();
    await listener?.close();
  });
  return {
    people,
    logged,
    get app() {
      return get().app;
    },
    get inventory() {
      return get().inventory;
    },
    get downtimes() {
      return get().downtimes;
    },
    get routing() {
      return get().routing;
    },
    get metrics() {
      return get().metrics;
    },
    get incidents() {
      return get().incidents;
    },
    get monitors() {
      return get().monitors;
    },
    get notify() {
      return get().notify;
    },
    get receivers() {
      return get().receivers;
    },
    get probes() {
      return get().probes;
    },
    get prober() {
      return get().prober;
    },
    get store() {
      return get().store;
    },
    get key() {
      return get().key;
    },
    now: () => Math.floor(people.clock.now() / 1000),
    newKey: async (of, rights) => (await makeKey(people, of, rights)).key,
    ask: (method, path, ask = {}) => request(get().app, method, path, { "x-api-key": ask.key ?? get().key, ...ask.headers }, ask.body),
  };
}

async function makeKey(people: People, of: Somebody, rights: KeyRights): Promise<{ key: string }> {
  const { secret } = await createKey(people.identity, of.actor, { name: "agents", rights });
  return { key: secret.reveal() };
}

const agentHeaders = { "user-agent": "mackerel-agent/0.85.2 (Revision abc)", "x-agent-version": "0.85.2", "x-revision": "abc" };

function request(app: FastifyInstance, method: string, path: string, headers: Record<string, string>, body: Ask["body"]): Promise<Answer> {
  const { port } = app.server.address() as AddressInfo; // it listens on a port, not on a socket file
  const bytes =
    body === undefined
      ? undefined
      : typeof body === "string" || Buffer.isBuffer(body)
        ? Buffer.from(body)
        : Buffer.from(JSON.stringify(body));
  const all: http.OutgoingHttpHeaders = {
    ...agentHeaders,
    ...(bytes ? { "content-type": "application/json", "content-length": bytes.length } : {}),
    ...headers,
  };
  for (const [name, value] of Object.entries(all)) if (value === "") delete all[name];
  return new Promise((resolve, reject) => {
    const outgoing = http.request({ host: "127.0.0.1", port, method, path, headers: all, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, json: text === "" ? undefined : JSON.parse(text) });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(bytes);
  });
}
