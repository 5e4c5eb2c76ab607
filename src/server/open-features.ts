import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { NodePageReader } from "#adapters/page-reader/node";
import { NodeProber } from "#adapters/prober/prober";
import { ThreadPrinter } from "#adapters/report-printer/index";
import { PackedPrompts } from "#adapters/speech/prompts";
import { ProgramSpeaker } from "#adapters/speech/speaker";
import { ResvgRasteriser } from "#adapters/rasteriser/resvg/index";
import { hours, minutes } from "#base/duration";
import { keepsPosts, openActs } from "#features/acts";
import * as duty from "#features/duty";
import * as downtimes from "#features/downtimes";
import * as escalation from "#features/escalation";
import * as identity from "#features/identity";
import { openIncidents } from "#features/incidents";
import * as inventory from "#features/inventory";
import * as metrics from "#features/metrics";
import * as monitors from "#features/monitors";
import { openNotify, reachablePeople } from "#features/notify";
import * as otlp from "#features/otlp";
import * as probing from "#features/probes";
import * as prometheus from "#features/prometheus";
import { openReceivers } from "#features/receivers";
import { openReports } from "#features/reports";
import * as routing from "#features/routing";
import * as sharing from "#features/sharing";
import * as sources from "#features/sources";
import { openSpeech } from "#features/speech";
import * as zabbix from "#features/zabbix";
import type { Gate } from "#http";
import { openCalling } from "./open-calling.ts";
import { openOutgoing } from "./outgoing.ts";
import type { Parts } from "./parts.ts";

/** All features, opened and joined with those that they call or tell. */
export type Features = Awaited<ReturnType<typeof openFeatures>>;

/** Who people and keys are: the first feature, since everything else asks it. */
export const openPeople = ({ db, clock, serverKey, settings }: Parts): identity.Identity =>
  identity.openIdentity(
    { db, clock },
    { serverKey, sessionIdle: minutes(settings.sessionIdleMinutes), sessionAbsolute: hours(settings.sessionHours) },
  );

/** What is watched, what is found wrong with it, and when nobody wants to hear of it. */
function openWatching({ clock, db, logger, serverKey, settings, metrics: store }: Parts) {
  const hosts = inventory.openInventory({ db, clock });
  const graphs = metrics.openMetrics({ db, clock, log: logger, store: store, inventory: hosts });
  const quiet = downtimes.openDowntimes({
    db,
    clock,
    onError: (error) => logger.warn({ err: error }, "the end of downtimes could not be noted"),
  });
  const incidents = openIncidents({
    db,
    clock,
    serverKey,
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
  return { hosts, graphs, quiet, incidents, rules };
}

type Watching = ReturnType<typeof openWatching>;

/** Whoever brings data, and what we ask by ourselves. */
function openReporting({ clock, db, logger, serverKey, settings }: Parts, { hosts, graphs, rules }: Watching) {
  const receivers = openReceivers({ db, clock, inventory: hosts, metrics: graphs });
  const zabbixAgents = zabbix.openZabbix({ db, clock, receivers, serverKey, log: logger });

  const reader = new NodePageReader(clock);
  const exporters = prometheus.openPrometheus({ db, clock, receivers, inventory: hosts, reader, serverKey, log: logger });
  const allowed = { allowedNetworks: settings.outgoingAllow, deniedNetworks: settings.outgoingDeny };
  const prober = new NodeProber({ clock, ...allowed });
  const probes = probing.openProbes({ db, clock, receivers, monitors: rules, prober, log: logger });
  rules.listen(probes);
  const telemetry = otlp.openOtlp({ db, clock, receivers, inventory: hosts });
  return { receivers, zabbixAgents, exporters, probes, telemetry };
}

/** How texts are read out: by what is installed, or by words recorded beforehand, which lie beside the server in the build. */
function openSpeaking({ clock, db, logger, settings, dist }: Parts) {
  const ownFolder = join(settings.dataDir, "voices");
  return openSpeech({
    db,
    clock,
    speaker: new ProgramSpeaker({ clock, cacheFolder: join(settings.dataDir, "speech"), places: { own: ownFolder } }),
    prompts: new PackedPrompts(join(dist, "prompts.ulaw")),
    log: logger,
    ownFolder,
  });
}

/** How people are told. */
function openTelling(parts: Parts, { hosts, graphs, quiet, incidents }: Watching) {
  const { clock, db, logger, serverKey, settings } = parts;
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
  return { outgoing, shared, alertPictures, notify, routes };
}

/** Who is told, in which order, and what they answer. */
async function openResponding(
  { clock, db, logger, settings, serverKey }: Parts,
  gate: Gate,
  open: Watching & ReturnType<typeof openTelling>,
) {
  const { hosts, incidents, rules, notify, routes, outgoing } = open;
  const holidays = await duty.openHolidays(settings.holidaysFile, (problem) => logger.warn({ problem }, "the packaged holidays are used"));
  const onDuty = duty.openDuty({ db, clock, holidays, http: outgoing.http });
  onDuty.extend({ reachable: (tx, personIds) => reachablePeople(tx, personIds, clock.now()) });
  const handOvers = new duty.HandOverWatch(onDuty, (error) =>
    logger.warn({ err: error }, "a schedule could not be looked at; it is looked at again"),
  );
  const ladders = escalation.openEscalation({ db, clock, incidents, notify, duty: onDuty, log: logger });
  routes.extend(rules);
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
    gate: gate,
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
    mailboxes: outgoing.mailboxes,
    isSound: () => ladders.auditor.isSound,
    serverKey,
    log: logger,
  });
  return { onDuty, handOvers, ladders, acts, others };
}

/** Opens the features in the order of their ranks. Asks the database nothing and starts nothing. */
export async function openFeatures(parts: Parts, people: identity.Identity, gate: Gate) {
  const watching = openWatching(parts);
  const open = { ...watching, ...openReporting(parts, watching), ...openTelling(parts, watching) };
  const responding = await openResponding(parts, gate, open);
  const speech = openSpeaking(parts);
  const calling = openCalling(parts, gate, {
    notify: open.notify,
    incidents: open.incidents,
    ladders: responding.ladders,
    speech,
    http: open.outgoing.http,
  });
  return { people, ...open, speech, ...responding, ...calling, reports: openMonthly(parts, { ...open, ...responding }) };
}

type Told = ReturnType<typeof openTelling> & Pick<Awaited<ReturnType<typeof openResponding>>, "onDuty">;

/** What is told once a month. What prints lies beside the server in the build, and is loaded with the first report. */
const openMonthly = ({ db, clock, dist, logger, settings }: Parts, { notify, onDuty, outgoing }: Told) =>
  openReports({
    db,
    clock,
    notify,
    duty: onDuty,
    mailer: outgoing.mailer,
    printer: new ThreadPrinter({ clock, workerUrl: pathToFileURL(join(dist, "report-worker.js")), font: join(dist, "m-plus-1p.ttf") }),
    publicUrl: settings.publicUrl,
    onError: (error) => logger.warn({ err: error }, "a report could not be made or sent; it is tried again"),
  });

/** What draws pictures lies beside the server in the build. Nothing of it is loaded before the first picture. */
const rasteriserIn = ({ dist, clock }: Parts): ResvgRasteriser =>
  new ResvgRasteriser({
    clock,
    workerUrl: pathToFileURL(join(dist, "picture-worker.js")),
    wasm: join(dist, "resvg.wasm"),
    font: join(dist, "m-plus-1p.ttf"),
  });
