import type { JsonObject } from "../../json.ts";

/** The kinds of things that are watched. */
export const cloudKinds = ["rds", "elb", "alb"] as const;
export type CloudKind = (typeof cloudKinds)[number];

/** A metric of CloudWatch and the name under which it arrives. */
export interface CloudMetric {
  readonly metric: string;
  /** The statistic over one minute that tells most. */
  readonly stat: "Average" | "Sum" | "Maximum" | "Minimum" | "p95";
  /** Name of the graph behind `custom.<kind>.`; its line is `line` or the metric's own name. */
  readonly graph: string;
  readonly line?: string;
  readonly title: string;
  readonly isStacked?: boolean;
  /** CloudWatch reports this only when it is not 0. */
  readonly isZeroUnsaid?: boolean;
}

interface Graph {
  readonly title: string;
  readonly unit: string;
}

/** The namespace and the dimension by which one thing of a kind is named. */
export const namespaces: Readonly<Record<CloudKind, { readonly namespace: string; readonly dimension: string }>> = {
  rds: { namespace: "AWS/RDS", dimension: "DBInstanceIdentifier" },
  elb: { namespace: "AWS/ELB", dimension: "LoadBalancerName" },
  alb: { namespace: "AWS/ApplicationELB", dimension: "LoadBalancer" },
};

const average = (metric: string, graph: string, title: string): CloudMetric => ({ metric, stat: "Average", graph, title });
const alone = (metric: string, title: string): CloudMetric => average(metric, metric, title);
const counted = (metric: string, graph: string, title: string, isStacked = true): CloudMetric => ({
  metric,
  stat: "Sum",
  graph,
  title,
  isStacked,
  isZeroUnsaid: true,
});
const statusClasses = ["2XX", "3XX", "4XX", "5XX"];

/** RDS and classic load balancers keep the names of Mackerel's plugins, so that their graphs go on. */
export const metricsOf: Readonly<Record<CloudKind, readonly CloudMetric[]>> = {
  rds: [
    alone("CPUUtilization", "CPU"),
    alone("CPUCreditBalance", "Credits"),
    alone("DatabaseConnections", "Connections"),
    alone("FreeableMemory", "Free"),
    alone("FreeStorageSpace", "Free"),
    alone("SwapUsage", "Used"),
    alone("DiskQueueDepth", "Depth"),
    alone("BurstBalance", "Balance"),
    alone("ReplicaLag", "Lag"),
    average("ReadIOPS", "IOPS", "Read"),
    average("WriteIOPS", "IOPS", "Write"),
    average("ReadLatency", "Latency", "Read"),
    average("WriteLatency", "Latency", "Write"),
    average("ReadThroughput", "Throughput", "Read"),
    average("WriteThroughput", "Throughput", "Write"),
    average("NetworkTransmitThroughput", "NetworkThroughput", "Transmit"),
    average("NetworkReceiveThroughput", "NetworkThroughput", "Receive"),
  ],
  elb: [
    average("Latency", "latency", "Latency"),
    counted("RequestCount", "requests", "Requests", false),
    ...statusClasses.map((code) => counted(`HTTPCode_Backend_${code}`, "http_backend", code)),
    ...statusClasses.slice(2).map((code) => counted(`HTTPCode_ELB_${code}`, "http_elb", code)),
    { metric: "HealthyHostCount", stat: "Minimum", graph: "hosts", title: "Healthy" },
    { metric: "UnHealthyHostCount", stat: "Maximum", graph: "hosts", title: "Unhealthy" },
    counted("BackendConnectionErrors", "errors", "Connection errors", false),
    counted("SpilloverCount", "errors", "Refused, queue full", false),
    { metric: "SurgeQueueLength", stat: "Maximum", graph: "queue", title: "Longest" },
  ],
  alb: [
    average("TargetResponseTime", "latency", "Average"),
    { metric: "TargetResponseTime", stat: "p95", graph: "latency", line: "TargetResponseTime_p95", title: "95th percentile" },
    counted("RequestCount", "requests", "Requests", false),
    ...statusClasses.map((code) => counted(`HTTPCode_Target_${code}_Count`, "http_target", code)),
    ...statusClasses.slice(1).map((code) => counted(`HTTPCode_ELB_${code}_Count`, "http_elb", code)),
    counted("ActiveConnectionCount", "connections", "Active", false),
    counted("NewConnectionCount", "connections", "New", false),
    counted("RejectedConnectionCount", "connections", "Rejected", false),
    counted("TargetConnectionErrorCount", "errors", "Connection errors of targets", false),
    counted("ProcessedBytes", "traffic", "Bytes", false),
  ],
};

/** Of each target group of an application load balancer. */
export const targetGroupMetrics: readonly CloudMetric[] = [
  { metric: "HealthyHostCount", stat: "Minimum", graph: "targets", line: "healthy", title: "%1 healthy" },
  { metric: "UnHealthyHostCount", stat: "Maximum", graph: "targets", line: "unhealthy", title: "%1 unhealthy" },
];

const graphs: Readonly<Record<CloudKind, Readonly<Record<string, Graph>>>> = {
  rds: {
    CPUUtilization: { title: "RDS CPU utilization", unit: "percentage" },
    CPUCreditBalance: { title: "RDS CPU credit balance", unit: "float" },
    DatabaseConnections: { title: "RDS connections", unit: "float" },
    FreeableMemory: { title: "RDS freeable memory", unit: "bytes" },
    FreeStorageSpace: { title: "RDS free storage", unit: "bytes" },
    SwapUsage: { title: "RDS swap", unit: "bytes" },
    DiskQueueDepth: { title: "RDS disk queue depth", unit: "float" },
    BurstBalance: { title: "RDS burst balance", unit: "percentage" },
    ReplicaLag: { title: "RDS replica lag", unit: "seconds" },
    IOPS: { title: "RDS IOPS", unit: "iops" },
    Latency: { title: "RDS latency", unit: "seconds" },
    Throughput: { title: "RDS throughput", unit: "bytes/sec" },
    NetworkThroughput: { title: "RDS network throughput", unit: "bytes/sec" },
  },
  elb: {
    latency: { title: "ELB latency", unit: "seconds" },
    requests: { title: "ELB requests a minute", unit: "integer" },
    http_backend: { title: "ELB answers of the servers a minute", unit: "integer" },
    http_elb: { title: "ELB own errors a minute", unit: "integer" },
    hosts: { title: "ELB hosts", unit: "integer" },
    errors: { title: "ELB errors a minute", unit: "integer" },
    queue: { title: "ELB queue", unit: "integer" },
  },
  alb: {
    latency: { title: "ALB response time", unit: "seconds" },
    requests: { title: "ALB requests a minute", unit: "integer" },
    http_target: { title: "ALB answers of the targets a minute", unit: "integer" },
    http_elb: { title: "ALB own answers a minute", unit: "integer" },
    connections: { title: "ALB connections a minute", unit: "integer" },
    errors: { title: "ALB errors a minute", unit: "integer" },
    traffic: { title: "ALB bytes a minute", unit: "bytes" },
  },
};

/** `custom.rds.IOPS.ReadIOPS` */
export const metricName = (kind: CloudKind, { graph, line, metric }: CloudMetric): string => `custom.${kind}.${graph}.${line ?? metric}`;

/** The definitions of the graphs of `kinds`. */
export function graphDefsOf(kinds: readonly CloudKind[]): readonly JsonObject[] {
  const definitions = kinds.flatMap((kind) =>
    Object.entries(graphs[kind]).map(([graph, { title, unit }]) => ({
      name: `custom.${kind}.${graph}`,
      displayName: title,
      unit,
      metrics: metricsOf[kind]
        .filter((metric) => metric.graph === graph)
        .map((metric) => ({ name: metricName(kind, metric), displayName: metric.title, isStacked: metric.isStacked ?? false })),
    })),
  );
  if (!kinds.includes("alb")) return definitions;
  const targets = targetGroupMetrics.map(({ line, title }) => ({
    name: `custom.alb.targets.#.${line ?? ""}`,
    displayName: title,
    isStacked: false,
  }));
  return [...definitions, { name: "custom.alb.targets.#", displayName: "ALB targets", unit: "integer", metrics: targets }];
}
