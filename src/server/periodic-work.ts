import * as identity from "#features/identity";
import * as prometheus from "#features/prometheus";
import type { Features } from "./open-features.ts";
import type { Parts } from "./parts.ts";

/** Starts what features do by themselves; the result ends it and writes what waits. */
export async function startPeriodicWork({ settings, logger }: Parts, features: Features): Promise<() => Promise<void>> {
  const { hosts, quiet, routes, incidents, rules, people, receivers, exporters } = features;
  const { zabbixAgents, probes, notify, others, reports, handOvers, ladders } = features;
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
  const stopReports = reports.start();
  const stopCalling = startCalling(features);
  return async () => {
    await stopReports();
    await stopOthers();
    await stopCalling();
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

/** The telephone: places what waits and listens; the result hangs up and lets go of the lines. */
function startCalling({ calls, carriers, lineWatch, media, speech }: Features): () => Promise<void> {
  const stopLineWatch = lineWatch.start();
  const stopCalls = calls.start();
  const stopCarriers = carriers.start();
  return async () => {
    await stopCalls();
    stopCarriers();
    media.close();
    await stopLineWatch();
    await speech.close();
  };
}
