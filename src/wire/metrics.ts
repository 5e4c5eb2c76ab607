import { Type, type Static } from "typebox";
import { contract } from "./contract.ts";
import { Done, Id, OrgParams, UnixSecondsNumber } from "./shapes.ts";

/** The units that a graph may have; Mackerel's list. `percentage` runs from 0 to 100, `bytes/sec` and `bits/sec` scale by 1024 and 1000. */
export const graphUnits = ["float", "integer", "percentage", "seconds", "milliseconds", "bytes", "bytes/sec", "bits/sec", "iops"] as const;
export const GraphUnit = Type.Union([
  Type.Literal("float"),
  Type.Literal("integer"),
  Type.Literal("percentage"),
  Type.Literal("seconds"),
  Type.Literal("milliseconds"),
  Type.Literal("bytes"),
  Type.Literal("bytes/sec"),
  Type.Literal("bits/sec"),
  Type.Literal("iops"),
]);
export type GraphUnit = Static<typeof GraphUnit>;

/** One line or one layer of a graph. Ask for its points with `name`. */
export const GraphSeries = Type.Object({
  name: Type.String({
    description:
      "Metric name. Besides those that were posted: `memory.available`, `memory.swap_used`, `cpu%`, `memory%`, `swap%`, `disk%`.",
  }),
  label: Type.String(),
  isStacked: Type.Boolean(),
  /** Series with the same group belong together in the legend (a `#` in the graph's definition). */
  group: Type.Optional(Type.String()),
});
export type GraphSeries = Static<typeof GraphSeries>;

/** A graph of a host or service, with the series that have been posted. */
export const Graph = Type.Object({
  name: Type.String({ description: "Stable within its host or service, for URLs: `loadavg`, `cpu`, `custom.nginx.requests` …" }),
  /** System graphs have fixed names and can be titled in the reader's language; the others carry their own title. */
  kind: Type.Union([Type.Literal("system"), Type.Literal("custom"), Type.Literal("service")]),
  title: Type.String(),
  unit: GraphUnit,
  /** True when any of the series is stacked. */
  isStacked: Type.Boolean(),
  series: Type.Array(GraphSeries),
});
export type Graph = Static<typeof Graph>;

/** A graph that shows one metric of every host of a role. */
export const RoleGraph = Type.Object({
  name: Type.String({
    description: "Metric name to ask the role's series for; sums over devices are `interface.rxBytes.delta`, `disk.reads.delta` …",
  }),
  kind: Type.Union([Type.Literal("system"), Type.Literal("custom")]),
  title: Type.String(),
  unit: GraphUnit,
  isStacked: Type.Boolean(),
});
export type RoleGraph = Static<typeof RoleGraph>;

const Column = Type.Array(Type.Unsafe<number | null>({ type: ["number", "null"] }), {
  description: "One value per bucket; null where the bucket holds no point.",
});

const Every = Type.Number({
  minimum: 60,
  description: "Seconds that usually lie between two points, as far as the range tells. A line is only broken when much more is missing.",
});

const grid = {
  from: UnixSecondsNumber,
  step: Type.Integer({ minimum: 60, description: "Width of a bucket in seconds; bucket i covers [from + i*step, from + (i+1)*step)." }),
};

/** Several series over the same buckets. A metric that was never posted has nothing but nulls. */
export const SeriesColumns = Type.Object({
  ...grid,
  series: Type.Array(
    Type.Object({
      name: Type.String(),
      avg: Column,
      every: Type.Optional(Every),
      /** Only when asked for and only for metrics that are stored as such. */
      min: Type.Optional(Column),
      max: Type.Optional(Column),
    }),
  ),
});
export type SeriesColumns = Static<typeof SeriesColumns>;

/** Hosts above which a role's graph is simplified unless all lines are asked for. */
export const simplifiedAbove = 30;
/** Hosts above which a role's graph begins simplified, whatever an address remembers. */
export const alwaysSimplifiedAbove = 200;

/** One metric over the hosts of a role: a row per host, or a summary over them. */
export const RoleSeries = Type.Object({
  ...grid,
  name: Type.String(),
  /** Hosts that belonged to the role within the range. */
  members: Type.Integer(),
  every: Type.Optional(Every),
  /** Present when shown host by host; at most 1,000. */
  hosts: Type.Optional(Type.Array(Type.Object({ id: Id, label: Type.String(), isRetired: Type.Boolean(), avg: Column }))),
  /** Present when simplified. */
  summary: Type.Optional(Type.Object({ sum: Column, min: Column, max: Column, avg: Column, count: Column })),
});
export type RoleSeries = Static<typeof RoleSeries>;

const hostParams = Type.Object({ ...OrgParams.properties, id: Id });
const serviceParams = Type.Object({ ...OrgParams.properties, service: Type.String({ maxLength: 63 }) });
const roleParams = Type.Object({ ...serviceParams.properties, role: Type.String({ maxLength: 63 }) });
const MetricName = Type.String({ minLength: 1, maxLength: 255 });

const range = {
  from: UnixSecondsNumber,
  to: Type.Integer({ minimum: 0, maximum: 4_294_967_295, description: "Exclusive." }),
  buckets: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 2000,
      description: "At most so many buckets; 300 when absent. The finest step that keeps within it is chosen.",
    }),
  ),
};
const seriesQuery = Type.Object({
  name: Type.Array(MetricName, { minItems: 1, maxItems: 100, description: "Repeat the key for several." }),
  ...range,
  extremes: Type.Optional(Type.Boolean({ description: "Also give minimum and maximum of each bucket." })),
});

const view = { method: "GET", tag: "metrics", access: "organisation", needs: "metrics.view" } as const;
const Names = Type.Object({ names: Type.Array(Type.String()) });
const Graphs = Type.Object({ graphs: Type.Array(Graph) });

export const listHostMetricNames = contract({
  ...view,
  path: "/orgs/:org/hosts/:id/metrics/names",
  summary: "List the names of all metrics a host ever posted",
  params: hostParams,
  response: Names,
});
export const listHostGraphs = contract({
  ...view,
  path: "/orgs/:org/hosts/:id/graphs",
  summary: "List a host's graphs: system ones first, then its own",
  params: hostParams,
  response: Graphs,
});
export const readHostSeries = contract({
  ...view,
  path: "/orgs/:org/hosts/:id/series",
  summary: "Read metrics of a host in buckets",
  params: hostParams,
  query: seriesQuery,
  response: SeriesColumns,
});

export const listServiceMetricNames = contract({
  ...view,
  path: "/orgs/:org/services/:service/metrics/names",
  summary: "List the names of a service's metrics",
  params: serviceParams,
  response: Names,
});
export const listServiceGraphs = contract({
  ...view,
  path: "/orgs/:org/services/:service/graphs",
  summary: "List the graphs of a service's metrics",
  params: serviceParams,
  response: Graphs,
});
export const readServiceSeries = contract({
  ...view,
  path: "/orgs/:org/services/:service/series",
  summary: "Read metrics of a service in buckets",
  params: serviceParams,
  query: seriesQuery,
  response: SeriesColumns,
});

export const listRoleGraphs = contract({
  ...view,
  path: "/orgs/:org/services/:service/roles/:role/graphs",
  summary: "List the graphs that a role's hosts have",
  params: roleParams,
  response: Type.Object({ graphs: Type.Array(RoleGraph) }),
});

export const readRoleSeries = contract({
  ...view,
  path: "/orgs/:org/services/:service/roles/:role/series",
  summary: "Read one metric over the hosts of a role, each only while it belonged",
  params: roleParams,
  query: Type.Object({
    name: MetricName,
    ...range,
    show: Type.Optional(
      Type.Union([Type.Literal("auto"), Type.Literal("all"), Type.Literal("summary")], {
        description: "`auto` when absent: host by host up to 30 hosts, a summary above.",
      }),
    ),
  }),
  response: RoleSeries,
});

/** How a custom graph is drawn. Names may hold `*` and one `#`, each for one segment. */
export const GraphDefinition = Type.Object({
  name: Type.String(),
  displayName: Type.Optional(Type.String()),
  unit: GraphUnit,
  metrics: Type.Array(Type.Object({ name: Type.String(), displayName: Type.Optional(Type.String()), isStacked: Type.Boolean() })),
});
export type GraphDefinition = Static<typeof GraphDefinition>;

export const listGraphDefinitions = contract({
  ...view,
  path: "/orgs/:org/graph-definitions",
  summary: "List the definitions of custom graphs, by name",
  params: OrgParams,
  response: Type.Object({ definitions: Type.Array(GraphDefinition) }),
});

export const deleteGraphDefinition = contract({
  method: "DELETE",
  tag: "metrics",
  access: "organisation",
  needs: "host.change",
  path: "/orgs/:org/graph-definitions/:name",
  summary: "Delete the definition of a custom graph; its points stay",
  params: Type.Object({ ...OrgParams.properties, name: MetricName }),
  response: Done,
});
