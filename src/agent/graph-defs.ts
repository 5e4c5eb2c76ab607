import type { JsonObject } from "./json.ts";

/** Titles and units of the metrics that Mackerel's own list of system metrics does not have. */
export const graphDefinitions: readonly JsonObject[] = [
  {
    name: "custom.processes",
    displayName: "Processes",
    unit: "integer",
    metrics: [
      { name: "custom.processes.total", displayName: "total", isStacked: false },
      { name: "custom.processes.running", displayName: "running", isStacked: false },
      { name: "custom.processes.zombie", displayName: "zombie", isStacked: false },
    ],
  },
  {
    name: "custom.uptime",
    displayName: "Uptime",
    unit: "seconds",
    metrics: [{ name: "custom.uptime.seconds", displayName: "uptime", isStacked: false }],
  },
];
