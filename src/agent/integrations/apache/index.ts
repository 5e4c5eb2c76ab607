import { ask, readHttpTarget } from "../common/ask.ts";
import { gauge, graphDefinitions, GraphValues, perMinute, stacked, type Graph } from "../common/graphs.ts";
import { readNaming } from "../common/names.ts";
import type { IntegrationMaker } from "../integration.ts";
import { parseServerStatus, scores } from "./status.ts";

/**
 * The graphs of mackerel-plugin-apache2, counters per minute as there. Its `bytes_sent` counts units of 1,024 bytes, since mod_status does; bytes
 * per second stand beside it.
 */
const graphs: readonly Graph[] = [
  {
    name: "workers",
    title: "Workers",
    unit: "integer",
    lines: [stacked("busy_workers", "Busy Workers"), stacked("idle_workers", "Idle Workers")],
  },
  { name: "bytes", title: "KiB Sent per Minute", unit: "float", lines: [perMinute("bytes_sent", "KiB sent", "kbytes")] },
  {
    name: "traffic",
    title: "Traffic",
    unit: "bytes/sec",
    lines: [{ name: "sent", title: "Sent", kind: "perSecond", from: "kbytes", scale: 1024 }],
  },
  { name: "cpu", title: "CPU Load", unit: "float", lines: [gauge("cpu_load", "CPU Load")] },
  { name: "req", title: "Requests", unit: "integer", lines: [perMinute("requests", "Requests")] },
  {
    name: "scoreboard",
    title: "Scoreboard",
    unit: "integer",
    lines: Object.entries(scores).map(([score, title]) => stacked(`score-${score}`, title)),
  },
  {
    name: "connections",
    title: "Connections (event)",
    unit: "integer",
    lines: [
      gauge("total", "Total", "conns_total"),
      stacked("writing", "Writing", "conns_writing"),
      stacked("keep_alive", "Keep-alive", "conns_keep_alive"),
      stacked("closing", "Closing", "conns_closing"),
    ],
  },
];

/** `[integrations.apache]`: workers and requests from the page of mod_status. */
export const apache: IntegrationMaker = (options, deps, config) => {
  const target = readHttpTarget(options, deps, "http://127.0.0.1/server-status?auto");
  if (!target.url.searchParams.has("auto")) options.problem("url", "must end with ?auto, the page for programs");
  const { prefix, label } = readNaming(options, config, "apache2", "Apache2");
  options.done();
  const values = new GraphValues(prefix, graphs);
  return {
    kind: "apache",
    name: config.name,
    graphDefs: graphDefinitions(prefix, label, graphs),
    collect: async () => ({ metrics: values.take(deps.clock.mono(), parseServerStatus(await ask(target, deps))) }),
  };
};
