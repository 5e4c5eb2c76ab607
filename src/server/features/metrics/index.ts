export { figures, openMetrics, type Metrics } from "./metrics.ts";
export { registerMetrics } from "./routes.ts";
export { registerMetricsV0 } from "./v0-routes.ts";
