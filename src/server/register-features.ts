import { existsSync } from "node:fs";
import { join } from "node:path";
import { registerActs } from "#features/acts";
import { registerLines } from "#features/calls";
import { registerCarriers } from "#features/carriers";
import * as dashboards from "#features/dashboards";
import * as duty from "#features/duty";
import * as downtimes from "#features/downtimes";
import * as escalation from "#features/escalation";
import { registerExpressions } from "#features/expressions";
import * as identity from "#features/identity";
import { registerIncidents, registerIncidentsV0 } from "#features/incidents";
import * as inventory from "#features/inventory";
import { registerLedger } from "#features/ledger";
import * as metrics from "#features/metrics";
import * as monitors from "#features/monitors";
import { registerNotify, registerNotifyV0 } from "#features/notify";
import * as otlp from "#features/otlp";
import * as probing from "#features/probes";
import * as prometheus from "#features/prometheus";
import { registerReceivers } from "#features/receivers";
import { registerReports } from "#features/reports";
import * as routing from "#features/routing";
import * as sharing from "#features/sharing";
import * as sources from "#features/sources";
import { registerSpeech } from "#features/speech";
import * as zabbix from "#features/zabbix";
import { serveConsole, serveDocs, serveEvents, serveOperations, serveV0, type Served } from "#http";
import { serveAgentDownload } from "./http/agent-download.ts";
import { namesOf } from "./names-of.ts";
import type { Features } from "./open-features.ts";
import { figures, readiness } from "./operations.ts";
import type { Parts } from "./parts.ts";

/** Serves all features, Mackerel's interface, and what belongs to none: events, health, documents, downloads, the console. */
export async function registerFeatures(served: Served, parts: Parts, features: Features): Promise<void> {
  const { app } = served;
  const { settings, clock, db } = parts;
  const { people, hosts, graphs, quiet, incidents, rules, receivers, zabbixAgents, exporters, probes, telemetry } = features;
  const { shared, alertPictures, notify, routes, onDuty, ladders, acts, others } = features;
  identity.registerIdentity(served, people);
  inventory.registerInventory(served, hosts);
  downtimes.registerDowntimes(served, quiet);
  registerIncidents(served, incidents);
  duty.registerDuty(served, onDuty);
  escalation.registerEscalation(served, ladders);
  await registerActs(served, acts);
  registerNotify(served, notify);
  registerSpeech(served, features.speech);
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
  registerReports(served, features.reports);
  registerLines(served, features.calls);
  await registerCarriers(served, features.carriers);
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
  serveOperations(app, readiness(parts), figures(parts, features));
  await serveDocs(app);
  await serveAgentDownload(served, { file: join(parts.dist, "hinoban-agent.js"), publicUrl: settings.publicUrl });
  if (existsSync(join(parts.dist, "ui", "index.html"))) await serveConsole(app, join(parts.dist, "ui"));
}
