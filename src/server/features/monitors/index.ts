export { openMonitors, type Monitors } from "./monitors.ts";
export { probedMonitor, type JudgedProbe, type ProbedMonitor } from "./probed.ts";
export { responseTimeMetric } from "./model.ts";
export type { MonitorChange } from "./context.ts";
export { namesOf } from "./names.ts";
export { registerMonitorsV0 } from "./v0-routes.ts";
export { registerMonitors } from "./routes.ts";
