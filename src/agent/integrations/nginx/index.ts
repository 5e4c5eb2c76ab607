import { ask, readHttpTarget } from "../common/ask.ts";
import { gauge, graphDefinitions, GraphValues, perMinute, type Graph } from "../common/graphs.ts";
import { readNaming } from "../common/names.ts";
import type { IntegrationMaker } from "../integration.ts";
import { parseStubStatus } from "./status.ts";

/** The graphs of mackerel-plugin-nginx, and connections that were dropped at a limit. Counters per minute, as there. */
const graphs: readonly Graph[] = [
  { name: "connections", title: "Connections", unit: "integer", lines: [gauge("connections", "Active connections")] },
  {
    name: "requests",
    title: "requests",
    unit: "float",
    lines: [
      perMinute("accepts", "Accepted connections"),
      perMinute("handled", "Handled connections"),
      perMinute("requests", "Handled requests"),
    ],
  },
  {
    name: "queue",
    title: "connection status",
    unit: "integer",
    lines: [gauge("reading", "Reading"), gauge("writing", "Writing"), gauge("waiting", "Waiting")],
  },
  { name: "dropped", title: "dropped connections", unit: "float", lines: [perMinute("connections", "Dropped connections", "dropped")] },
];

/** `[integrations.nginx]`: connections and requests from the page of `stub_status`. */
export const nginx: IntegrationMaker = (options, deps, config) => {
  const target = readHttpTarget(options, deps, "http://127.0.0.1/nginx_status");
  const { prefix, label } = readNaming(options, config, "nginx", "Nginx");
  options.done();
  const values = new GraphValues(prefix, graphs);
  return {
    kind: "nginx",
    name: config.name,
    graphDefs: graphDefinitions(prefix, label, graphs),
    collect: async () => ({ metrics: values.take(deps.clock.mono(), parseStubStatus(await ask(target, deps))) }),
  };
};
