export { figures, openMetrics, serviceSource, type AppendedListener, type Metrics } from "./metrics.ts";
export { findGraph, membersOfGraph, readGraph, type FoundGraph, type GraphPoints } from "./read-graph.ts";
export { registerMetrics } from "./routes.ts";
export { registerMetricsV0 } from "./v0-routes.ts";
export { isMetricName, matchWildcards, sourceOf as metricSourceOf } from "./model.ts";
export { readPoints } from "./read-points.ts";
export { readMemberRows } from "./read-role.ts";
export { readSeries } from "./read-series.ts";
