export { figures, openMetrics, serviceSource, type Metrics } from "./metrics.ts";
export { findGraph, membersOfGraph, readGraph, type FoundGraph, type GraphPoints } from "./read-graph.ts";
export { registerMetrics } from "./routes.ts";
export { registerMetricsV0 } from "./v0-routes.ts";
export { isMetricName } from "./model.ts";
