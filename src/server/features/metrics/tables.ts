export interface MetricsTables {}
export const metricsMigrations = [] as const;
