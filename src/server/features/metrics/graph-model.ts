import type { Graph, GraphDefinition, GraphSeries, GraphUnit, RoleGraph } from "#wire/metrics";
import { fillCaptures, graphOf, lastSegment, matchWildcards, summedMetrics, type WildcardMatch } from "./model.ts";

/** One of the graphs that every host has, in the order in which they stand on the page. */
interface SystemGraph {
  readonly name: string;
  readonly title: string;
  readonly unit: GraphUnit;
  /** The series that the posted names give, in the order in which they are drawn. */
  readonly series: (posted: ReadonlySet<string>) => GraphSeries[];
}

const line = (name: string, label: string): GraphSeries => ({ name, label, isStacked: false });
const layer = (name: string, label: string): GraphSeries => ({ name, label, isStacked: true });

const systemGraphs: readonly SystemGraph[] = [
  {
    name: "loadavg",
    title: "Load average",
    unit: "float",
    series: (posted) => ["loadavg1", "loadavg5", "loadavg15"].filter((name) => posted.has(name)).map((name) => line(name, name)),
  },
  {
    name: "processor_queue_length",
    title: "Processor queue length",
    unit: "integer",
    series: (posted) => ["processor_queue_length"].filter((name) => posted.has(name)).map((name) => line(name, "queue length")),
  },
  { name: "cpu", title: "CPU", unit: "percentage", series: cpuSeries },
  { name: "memory", title: "Memory", unit: "bytes", series: memorySeries },
  { name: "swap", title: "Swap", unit: "bytes", series: swapSeries },
  {
    name: "disk",
    title: "Disk I/O",
    unit: "iops",
    series: (posted) => deviceSeries(posted, "disk", { "reads.delta": "reads", "writes.delta": "writes" }),
  },
  {
    name: "interface",
    title: "Network",
    unit: "bytes/sec",
    series: (posted) => deviceSeries(posted, "interface", { "rxBytes.delta": "in", "txBytes.delta": "out" }),
  },
  {
    name: "filesystem",
    title: "File systems",
    unit: "bytes",
    series: (posted) => deviceSeries(posted, "filesystem", { used: "used", size: "size" }),
  },
];

const cpuOrder = ["user", "nice", "system", "irq", "softirq", "iowait", "steal", "guest"];

/** Layers that together fill 100 for every core, idle on top. */
function cpuSeries(posted: ReadonlySet<string>): GraphSeries[] {
  const kinds = [...posted].flatMap((name) => matchWildcards("cpu.*.percentage", name)?.captures ?? []);
  const rank = (kind: string): number => (kind === "idle" ? 99 : cpuOrder.includes(kind) ? cpuOrder.indexOf(kind) : 50);
  return kinds.toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)).map((kind) => layer(`cpu.${kind}.percentage`, kind));
}

/** Layers that together fill the total, which is a line: used and available, or what older kernels tell apart. */
function memorySeries(posted: ReadonlySet<string>): GraphSeries[] {
  const knowsAvailable = posted.has("memory.mem_available") || posted.has("memory.available");
  const layers = knowsAvailable ? ["used", "available"] : ["used", "buffers", "cached", "free"];
  const lines = knowsAvailable ? ["buffers", "cached", "free", "total"] : ["total"];
  const isThere = (part: string): boolean => posted.has(`memory.${part}`) || (part === "available" && knowsAvailable);
  const others = ["pagefile_total", "pagefile_free"];
  return [
    ...layers.filter(isThere).map((part) => layer(`memory.${part}`, part)),
    ...[...lines, ...others].filter(isThere).map((part) => line(`memory.${part}`, part)),
  ];
}

function swapSeries(posted: ReadonlySet<string>): GraphSeries[] {
  const has = (part: string): boolean => posted.has(`memory.${part}`);
  const used = has("swap_used") || (has("swap_total") && has("swap_free"));
  return [
    ...(used ? [layer("memory.swap_used", "used")] : []),
    ...(has("swap_cached") ? [line("memory.swap_cached", "cached")] : []),
    ...(has("swap_total") ? [line("memory.swap_total", "total")] : []),
  ];
}

/** For each device the kinds of value it has, device by device. */
function deviceSeries(posted: ReadonlySet<string>, prefix: string, kinds: Readonly<Record<string, string>>): GraphSeries[] {
  const found = [...posted].flatMap((name) =>
    Object.entries(kinds).flatMap(([suffix, label], order) =>
      matchWildcards(`${prefix}.*.${suffix}`, name) ? [{ name, label, order, device: name.split(".")[1] ?? "" }] : [],
    ),
  );
  return found
    .toSorted((a, b) => (a.device === b.device ? a.order - b.order : a.device < b.device ? -1 : 1))
    .map(({ name, label, device }) => ({ ...line(name, `${device} ${label}`), group: device }));
}

/** Parts of the graphs above that are not drawn by themselves. */
const hiddenNames = new Set(["memory.mem_available", "memory.swap_free"]);

/** The graphs of a host: those that every host has, then its own by title. Only what was posted is shown. */
export function hostGraphs(posted: readonly string[], definitions: readonly GraphDefinition[]): Graph[] {
  const names = new Set(posted);
  const system = systemGraphs.flatMap((graph) => {
    const series = graph.series(names);
    return series.length === 0
      ? []
      : [
          {
            name: graph.name,
            kind: "system" as const,
            title: graph.title,
            unit: graph.unit,
            isStacked: series.some((one) => one.isStacked),
            series,
          },
        ];
  });
  const drawn = new Set([...system.flatMap((graph) => graph.series.map((one) => one.name)), ...hiddenNames]);
  const rest = posted.filter((name) => !drawn.has(name));
  const others = rest.filter((name) => !name.startsWith("custom."));
  const custom = customGraphs(
    rest.filter((name) => name.startsWith("custom.")),
    definitions,
  );
  return [...system, ...undefinedGraphs(others, "system"), ...custom];
}

/** The graphs of a service's metrics: one for each name up to the last dot. */
export const serviceGraphs = (posted: readonly string[]): Graph[] => undefinedGraphs(posted, "service");

function undefinedGraphs(names: readonly string[], kind: Graph["kind"]): Graph[] {
  const graphs = new Map<string, GraphSeries[]>();
  for (const name of names.toSorted()) {
    const graph = graphOf(name);
    graphs.set(graph, [...(graphs.get(graph) ?? []), line(name, lastSegment(name))]);
  }
  return [...graphs].map(([name, series]) => ({ name, kind, title: titleOf(name), unit: "float", isStacked: false, series }));
}

const titleOf = (graph: string): string => graph.replace(/^custom\./u, "");

/** A metric with the definition that says how it is drawn. */
interface Placed {
  readonly series: GraphSeries;
  /** Place of the metric in its definition; those it does not name come last. */
  readonly order: number;
}

interface Draft {
  readonly definition: GraphDefinition;
  readonly title: string;
  readonly placed: Placed[];
}

function customGraphs(names: readonly string[], definitions: readonly GraphDefinition[]): Graph[] {
  const drafts = new Map<string, Draft>();
  const undefinedNames: string[] = [];
  for (const name of names) {
    const found = findDefinition(name, definitions);
    if (!found) {
      undefinedNames.push(name);
      continue;
    }
    const { definition } = found;
    const draft = drafts.get(definition.name) ?? { definition, title: definedTitle(definition), placed: [] };
    draft.placed.push(placeMetric(name, found));
    drafts.set(definition.name, draft);
  }
  const defined = [...drafts.values()].map((draft) => graphOfDraft(draft));
  return [...defined, ...undefinedGraphs(undefinedNames, "custom")].toSorted((a, b) =>
    a.title < b.title ? -1 : a.title > b.title ? 1 : 0,
  );
}

interface Found {
  readonly definition: GraphDefinition;
  readonly match: WildcardMatch;
}

/** The definition of a metric's graph: the one with its very name, else the one with the fewest wildcards. */
export function findDefinition(name: string, definitions: readonly GraphDefinition[]): Found | undefined {
  const graph = graphOf(name);
  let best: Found | undefined;
  for (const definition of definitions) {
    const match = matchWildcards(definition.name, graph);
    if (match && (!best || match.captures.length < best.match.captures.length)) best = { definition, match };
  }
  return best;
}

function placeMetric(name: string, { definition, match: graphMatch }: Found): Placed {
  for (const [order, metric] of definition.metrics.entries()) {
    const match = matchWildcards(metric.name, name);
    if (!match) continue;
    const label =
      metric.displayName === undefined || metric.displayName === "" ? defaultLabel(name, match) : fillCaptures(metric.displayName, match);
    return { series: { name, label, isStacked: metric.isStacked, ...grouped(match) }, order };
  }
  return { series: { ...line(name, defaultLabel(name, graphMatch)), ...grouped(graphMatch) }, order: definition.metrics.length };
}

const grouped = ({ group }: WildcardMatch): { group?: string } => (group === undefined ? {} : { group });

function defaultLabel(name: string, { captures }: WildcardMatch): string {
  const last = lastSegment(name);
  const before = captures.filter((capture) => capture !== last);
  return [...before, last].join(" ");
}

const definedTitle = ({ name, displayName }: GraphDefinition): string =>
  displayName === undefined || displayName === "" ? titleOf(name) : displayName;

function graphOfDraft({ definition, title, placed }: Draft): Graph {
  const series = placed
    .toSorted((a, b) => compareGroups(a.series, b.series) || a.order - b.order || (a.series.name < b.series.name ? -1 : 1))
    .map((one) => one.series);
  return { name: definition.name, kind: "custom", title, unit: definition.unit, isStacked: series.some((one) => one.isStacked), series };
}

function compareGroups(a: GraphSeries, b: GraphSeries): number {
  const [left = "", right = ""] = [a.group, b.group];
  return left === right ? 0 : left < right ? -1 : 1;
}

interface RoleMetric {
  readonly name: string;
  readonly title: string;
  readonly unit: GraphUnit;
  readonly isStacked: boolean;
  /** A metric that must have been posted; a pattern may stand for it. */
  readonly takes: string;
}

const roleMetrics: readonly RoleMetric[] = [
  { name: "loadavg5", title: "Load average (5 min)", unit: "float", isStacked: false, takes: "loadavg5" },
  { name: "processor_queue_length", title: "Processor queue length", unit: "integer", isStacked: false, takes: "processor_queue_length" },
  { name: "cpu%", title: "CPU", unit: "percentage", isStacked: false, takes: "cpu.idle.percentage" },
  { name: "cpu.user.percentage", title: "CPU user", unit: "percentage", isStacked: false, takes: "cpu.user.percentage" },
  { name: "cpu.system.percentage", title: "CPU system", unit: "percentage", isStacked: false, takes: "cpu.system.percentage" },
  { name: "cpu.iowait.percentage", title: "CPU I/O wait", unit: "percentage", isStacked: false, takes: "cpu.iowait.percentage" },
  { name: "memory%", title: "Memory used (%)", unit: "percentage", isStacked: false, takes: "memory.total" },
  { name: "memory.used", title: "Memory used", unit: "bytes", isStacked: true, takes: "memory.used" },
  {
    name: "interface.rxBytes.delta",
    title: "Network in",
    unit: "bytes/sec",
    isStacked: true,
    takes: summedMetrics["interface.rxBytes.delta"] ?? "",
  },
  {
    name: "interface.txBytes.delta",
    title: "Network out",
    unit: "bytes/sec",
    isStacked: true,
    takes: summedMetrics["interface.txBytes.delta"] ?? "",
  },
  { name: "disk.reads.delta", title: "Disk reads", unit: "iops", isStacked: true, takes: summedMetrics["disk.reads.delta"] ?? "" },
  { name: "disk.writes.delta", title: "Disk writes", unit: "iops", isStacked: true, takes: summedMetrics["disk.writes.delta"] ?? "" },
  { name: "disk%", title: "Fullest file system", unit: "percentage", isStacked: false, takes: "filesystem.*.used" },
];

/** The graphs of a role: the figures that hosts are compared by, then every custom metric that one of its hosts posted. */
export function roleGraphs(posted: ReadonlySet<string>, definitions: readonly GraphDefinition[]): RoleGraph[] {
  const names = [...posted];
  const system = roleMetrics
    .filter(({ takes }) => (takes.includes("*") ? names.some((name) => matchWildcards(takes, name)) : posted.has(takes)))
    .map(({ name, title, unit, isStacked }): RoleGraph => ({ name, kind: "system", title, unit, isStacked }));
  const custom = customGraphs(names.filter((name) => name.startsWith("custom.")).toSorted(), definitions).flatMap((graph) =>
    graph.series.map(({ name, label, isStacked }): RoleGraph => ({
      name,
      kind: "custom",
      title: `${graph.title}: ${label}`,
      unit: graph.unit,
      isStacked,
    })),
  );
  return [...system, ...custom];
}
