import { readFile, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { NodePageReader } from "#adapters/page-reader/node";
import { NodeProber } from "#adapters/prober/prober";
import { ResvgRasteriser } from "#adapters/rasteriser/resvg/index";
import type { Clock } from "#base/clock";
import { hours, minutes } from "#base/duration";
import { Secret } from "#base/secret";
import { version } from "#base/version";
import { keepsPosts, openActs, registerActs } from "#features/acts";
import * as dashboards from "#features/dashboards";
import * as duty from "#features/duty";
import * as downtimes from "#features/downtimes";
import { registerExpressions } from "#features/expressions";
import * as escalation from "#features/escalation";
import * as identity from "#features/identity";
import { openIncidents, namesOf as incidentNames, type Incidents, registerIncidents, registerIncidentsV0 } from "#features/incidents";
import * as inventory from "#features/inventory";
import { registerLedger, type NamesOf, type Sequencer } from "#features/ledger";
import * as metrics from "#features/metrics";
import * as monitors from "#features/monitors";
import { openNotify, registerNotify, registerNotifyV0, type Notify } from "#features/notify";
import * as otlp from "#features/otlp";
import * as probing from "#features/probes";
import * as prometheus from "#features/prometheus";
import { openReceivers, registerReceivers, type Receivers } from "#features/receivers";
import * as routing from "#features/routing";
import * as sharing from "#features/sharing";
import * as sources from "#features/sources";
import * as zabbix from "#features/zabbix";
import {
  createApp,
  serveConsole,
  serveDocs,
  serveEvents,
  serveOperations,
  serveV0,
  type ChangeFeed,
  type Figure,
  type Readiness,
  type Served,
} from "#http";
import type { MetricStore } from "#ports/metric-store/port";
import type { Change, Db } from "#store";
import type { Settings } from "./config.ts";
import { serveAgentDownload } from "./http/agent-download.ts";
import { openOutgoing } from "./outgoing.ts";
import { processFigures } from "./process-figures.ts";

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

/** The application with all features, ready to listen. */
export interface Composed {
  readonly app: FastifyInstance;
  readonly served: Served;
  /** To be called with every change that any process announced; undefined when some may have been missed. */
  onChange(change: Change | undefined): void;
  /**
   * Makes what must exist before anybody set anything up.
   * @returns path of a fresh one-time set-up link, while nobody has used one.
   */
  prepare(): Promise<string | undefined>;
  /** Starts periodic work; the result ends it and writes what waits. */
  start(): Promise<() => Promise<void>>;
  /** The key of this machine's agent, kept in `file`; a new one when there is none or it is no longer valid. */
  localAgentKey(file: string): Promise<Secret>;
}

/** Joins the features: the one place that knows them all. Asks the database nothing and starts nothing. */
export async function compose(parts: Parts): Promise<Composed> {
  const { settings, clock, db, logger } = parts;
  const app = await createApp({ logger, version, trustProxy: settings.trustProxy });
  const people = identity.openIdentity(
    { db, clock },
    { serverKey: parts.serverKey, sessionIdle: minutes(settings.sessionIdleMinutes), sessionAbsolute: hours(settings.sessionHours) },
  );
  const served: Served = { app, gate: identity.createGate(people) };
  const hosts = inventory.openInventory({ db, clock });
  const graphs = metrics.openMetrics({ db, clock, log: logger, store: parts.metrics, inventory: hosts });
  const quiet = downtimes.openDowntimes({
    db,
    clock,
    onError: (error) => logger.warn({ err: error }, "the end of downtimes could not be noted"),
  });
  const incidents = openIncidents({
    db,
    clock,
    serverKey: parts.serverKey,
    publicUrl: settings.publicUrl,
    downtimes: quiet,
    onError: (error) => logger.warn({ err: error }, "snoozed incidents could not be woken"),
  });
  incidents.watch(hosts);
  const rules = monitors.openMonitors({
    db,
    clock,
    inventory: hosts,
    metrics: graphs,
    downtimes: quiet,
    incidents,
    onError: (error) => logger.warn({ err: error }, "monitors could not be judged; they are judged again"),
  });
  quiet.extend({ monitorNames: (tx, ids) => rules.namesOf(tx, ids) });

  const receivers = openReceivers({ db, clock, inventory: hosts, metrics: graphs });
  const zabbixAgents = zabbix.openZabbix({ db, clock, receivers, serverKey: parts.serverKey, log: logger });

  const { serverKey } = parts;
  const reader = new NodePageReader(clock);
  const exporters = prometheus.openPrometheus({ db, clock, receivers, inventory: hosts, reader, serverKey, log: logger });
  const allowed = { allowedNetworks: settings.outgoingAllow, deniedNetworks: settings.outgoingDeny };
  const prober = new NodeProber({ clock, ...allowed });
  const probes = probing.openProbes({ db, clock, inventory: hosts, receivers, monitors: rules, prober, log: logger });
  rules.listen(probes);
  const telemetry = otlp.openOtlp({ db, clock, receivers, inventory: hosts });
  const outgoing = openOutgoing(settings, clock);
  const shared = sharing.openSharing({ db, clock, metrics: graphs, rasteriser: rasteriserIn(parts) });
  const alertPictures = new sharing.AlertPictures(shared, serverKey, settings.publicUrl);
  const notify = openNotify({
    db,
    clock,
    ...outgoing,
    serverKey,
    log: logger,
    publicUrl: settings.publicUrl,
    pictures: (picture, of) => alertPictures.bytes(picture, of),
  });
  const routes = routing.openRouting({
    db,
    clock,
    notify,
    incidents,
    inventory: hosts,
    downtimes: quiet,
    publicUrl: settings.publicUrl,
    pictureUrl: (organisationId, picture) => alertPictures.urlOf(organisationId, picture),
    onError: (error) => logger.warn({ err: error }, "what is due to be told again could not be told"),
  });
  const holidays = await duty.openHolidays(settings.holidaysFile, (problem) => logger.warn({ problem }, "the packaged holidays are used"));
  const onDuty = duty.openDuty({ db, clock, holidays });
  const handOvers = new duty.HandOverWatch(onDuty, (error) =>
    logger.warn({ err: error }, "a schedule could not be looked at; it is looked at again"),
  );
  const ladders = escalation.openEscalation({ db, clock, incidents, notify, duty: onDuty, log: logger });
  rules.listen({
    monitorChanged: (tx, at, { effect, monitor, by }) =>
      routes.monitorChanged(tx, at, { effect, by, monitor: { ...monitor.settings, id: monitor.id } }),
  });
  const acts = openActs({
    db,
    clock,
    incidents,
    notify,
    duty: onDuty,
    http: outgoing.http,
    gate: served.gate,
    publicUrl: settings.publicUrl,
    log: logger,
  });
  incidents.listen(keepsPosts(acts));
  const others = sources.openSources({
    db,
    clock,
    inventory: hosts,
    incidents,
    outgoing: outgoing.http,
    isSound: () => ladders.auditor.isSound,
    log: logger,
  });

  identity.registerIdentity(served, people);
  inventory.registerInventory(served, hosts);
  downtimes.registerDowntimes(served, quiet);
  registerIncidents(served, incidents);
  duty.registerDuty(served, onDuty);
  escalation.registerEscalation(served, ladders);
  await registerActs(served, acts);
  registerNotify(served, notify);
  routing.registerRouting(served, routes);
  metrics.registerMetrics(served, graphs);
  monitors.registerMonitors(served, rules);
  registerExpressions(served, { db, clock, store: parts.metrics });
  registerReceivers(served, receivers);
  await prometheus.registerPrometheus(served, exporters);
  await otlp.registerOtlp(served, telemetry);
  dashboards.registerDashboards(served, { db, clock });
  zabbix.registerZabbix(served, zabbixAgents);
  probing.registerProbes(served, probes);
  await sources.registerSources(served, others);
  sharing.registerSharing(served, shared);
  sharing.registerAlertPictures(served, shared, alertPictures);
  registerLedger(served, { db, sequencer: parts.sequencer, namesOf });
  await serveV0(served, [
    (v0) => identity.registerIdentityV0(v0, people),
    (v0) => inventory.registerInventoryV0(v0, hosts),
    (v0) => downtimes.registerDowntimesV0(v0, quiet),
    (v0) => registerIncidentsV0(v0, incidents),
    (v0) => registerNotifyV0(v0, notify),
    (v0) => routing.registerRoutingV0(v0, routes),
    (v0) => metrics.registerMetricsV0(v0, graphs),
    (v0) => monitors.registerMonitorsV0(v0, rules),
    (v0) => dashboards.registerDashboardsV0(v0, { db, clock }),
  ]);
  serveEvents(served, parts.feed, clock);
  serveOperations(app, readiness(parts), [...figures(parts, graphs), ...ladders.auditor.figures(), ...probes.figures()]);
  await serveDocs(app);
  await serveAgentDownload(served, { file: join(parts.dist, "hinoban-agent.js"), publicUrl: settings.publicUrl });
  if (existsSync(join(parts.dist, "ui", "index.html"))) await serveConsole(app, join(parts.dist, "ui"));

  const local = () => identity.ensureLocalOrganisation(people, Intl.DateTimeFormat().resolvedOptions().timeZone);
  return {
    app,
    served,
    prepare: async () => {
      await local();
      zabbixAgents.onChange(undefined); // the first organisation may just have been made
      return identity.issueSetupLink(people, "");
    },
    onChange: (change) => {
      identity.onChange(people, change);
      inventory.onChange(hosts, change);
      quiet.onChange(change);
      incidents.onChange(change);
      handOvers.onChange(change);
      rules.onChange(change);
      receivers.onChange(change);
      exporters.onChange(change);
      telemetry.onChange(change);
      zabbixAgents.onChange(change);
      probes.onChange(change);
      notify.onChange(change);
      routes.onChange(change);
      ladders.onChange(change);
      others.onChange(change);
    },
    start: () =>
      startPeriodicWork({
        settings,
        logger,
        hosts,
        quiet,
        routes,
        incidents,
        rules,
        people,
        receivers,
        exporters,
        zabbixAgents,
        probes,
        notify,
        others,
        handOvers,
        ladders,
      }),
    localAgentKey: async (file) => localAgentKey(people, (await local()).organisationId, file),
  };
}

/** What draws pictures lies beside the server in the build. Nothing of it is loaded before the first picture. */
const rasteriserIn = ({ dist, clock }: Parts): ResvgRasteriser =>
  new ResvgRasteriser({
    clock,
    workerUrl: pathToFileURL(join(dist, "picture-worker.js")),
    wasm: join(dist, "resvg.wasm"),
    font: join(dist, "m-plus-1p.ttf"),
  });

interface PeriodicWork {
  readonly handOvers: duty.HandOverWatch;
  readonly ladders: escalation.Escalation;
  readonly settings: Settings;
  readonly logger: Logger;
  readonly hosts: inventory.Inventory;
  readonly quiet: downtimes.Downtimes;
  readonly routes: routing.Routing;
  readonly incidents: Incidents;
  readonly rules: monitors.Monitors;
  readonly people: identity.Identity;
  readonly receivers: Receivers;
  readonly exporters: prometheus.Prometheus;
  readonly zabbixAgents: zabbix.Zabbix;
  readonly probes: probing.Probes;
  readonly notify: Notify;
  readonly others: sources.Sources;
}

async function startPeriodicWork({
  settings,
  logger,
  hosts,
  quiet,
  routes,
  incidents,
  rules,
  people,
  receivers,
  exporters,
  zabbixAgents,
  probes,
  notify,
  others,
  handOvers,
  ladders,
}: PeriodicWork): Promise<() => Promise<void>> {
  const stopListening = await hosts.listening.start();
  const upkeep = identity.startUpkeep(people, (problem) => logger.warn({ problem }, "old sessions could not be removed"));
  const stopReceivers = receivers.start();
  const stopDowntimes = quiet.start();
  const stopRouting = routes.start();
  handOvers.start();
  const stopIncidents = incidents.start();
  const stopMonitors = rules.start();
  const stopProbes = probes.start();
  const scraper = new prometheus.Scraper(exporters);
  scraper.start();
  const stopZabbix = settings.zabbixPort === 0 ? undefined : await zabbixAgents.start(settings.host, settings.zabbixPort);
  const stopNotify = notify.start();
  const stopLadders = ladders.start();
  const stopOthers = others.start();
  return async () => {
    await stopOthers();
    await handOvers.stop();
    await stopLadders();
    await stopNotify();
    stopListening();
    upkeep.cancel();
    await stopZabbix?.();
    await scraper.stop();
    await stopProbes();
    await stopMonitors();
    await stopIncidents();
    await stopRouting();
    await stopDowntimes();
    await stopReceivers();
    await hosts.lastSeen.flush();
  };
}

const namesOf: NamesOf = async (tx, ids) => ({
  ...(await identity.namesOf(tx, ids)),
  ...(await inventory.namesOf(tx, ids)),
  ...(await downtimes.namesOf(tx, ids)),
  ...(await routing.namesOf(tx, ids)),
  ...(await incidentNames(tx, ids)),
  ...(await monitors.namesOf(tx, ids)),
  ...(await escalation.namesOf(tx, ids)),
  ...(await dashboards.namesOf(tx, ids)),
  ...(await duty.namesOf(tx, ids)),
  ...(await zabbix.namesOf(tx, ids)),
  ...(await sharing.namesOf(tx, ids)),
  ...(await sources.namesOf(tx, ids)),
});

function readiness({ db, metrics: store, sequencer }: Parts): Readiness[] {
  return [
    { name: "database", check: () => db.ping().then(() => undefined) },
    { name: "metrics", check: async () => store.status().problem },
    { name: "ledger", check: async () => sequencer.problem },
  ];
}

function figures({ metrics: store, feed }: Parts, graphs: metrics.Metrics): Figure[] {
  return [
    ...processFigures(),
    ...metrics.figures(graphs),
    { name: "hinoban_metric_series", type: "gauge", help: "Series in the metric store.", value: () => store.status().series },
    {
      name: "hinoban_metric_store_bytes",
      type: "gauge",
      help: "Size of the metric store on disk in bytes.",
      value: () => store.status().bytesOnDisk,
    },
    { name: "hinoban_open_screens", type: "gauge", help: "Consoles that listen for changes.", value: () => feed.listeners },
  ];
}

async function localAgentKey(people: identity.Identity, organisationId: string, file: string): Promise<Secret> {
  const kept = await readFile(file, "utf8").catch(() => undefined);
  if (kept !== undefined && (await identity.isKeyValid(people, kept.trim()))) return new Secret(kept.trim());
  const secret = await identity.ensureAgentKey(people, { organisationId, name: `Agent on ${hostname()}`, purpose: "local-agent" });
  await writeFile(file, `${secret.reveal()}\n`, { mode: 0o600 });
  return secret;
}
