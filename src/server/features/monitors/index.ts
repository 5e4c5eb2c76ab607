export { Monitors, openMonitors, type MonitorsDeps } from "./monitors.ts";
export type { JudgedProbe, ProbedMonitor } from "./probed.ts";
export { responseTimeMetric } from "./model.ts";
