import * as identity from "#features/identity";
import * as prometheus from "#features/prometheus";
import type { Features } from "./open-features.ts";
import type { Parts } from "./parts.ts";

/** Starts what features do by themselves; the result ends it and writes what waits. */
export async function startPeriodicWork(
  { settings, logger }: Parts,
  {
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
    reports,
    handOvers,
    ladders,
    speech,
    calls,
    carriers,
    lineWatch,
    media,
  }: Features,
): Promise<() => Promise<void>> {
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
  const stopLineWatch = lineWatch.start();
  const stopCalls = calls.start();
  const stopCarriers = carriers.start();
  return async () => {
    await stopReports();
    await stopOthers();
    await stopCalls();
    stopCarriers();
    media.close();
    await stopLineWatch();
    await speech.close();
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
