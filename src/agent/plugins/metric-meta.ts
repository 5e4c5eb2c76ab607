import { isJsonObject, parseJson, type JsonObject } from "../json.ts";

/** What the plugin answered when asked for its graphs: definitions for the server, and what of them it would refuse. */
export interface GraphMeta {
  readonly definitions: readonly JsonObject[];
  readonly problems: readonly string[];
}

const headline = /^#\s*mackerel-agent-plugin\b(.*)/u;
const units = new Set(["float", "integer", "percentage", "seconds", "milliseconds", "bytes", "bytes/sec", "bits/sec", "iops"]);
const segment = "(?:[-a-zA-Z0-9_]+|[*#])";
const graphName = new RegExp(`^${segment}(?:\\.${segment})*$`, "u");
const oneSegment = new RegExp(`^${segment}$`, "u");
const longestName = 255;
const mostGraphs = 500;
const mostMetrics = 1000;

/**
 * Reads the schema that a metric plugin prints when MACKEREL_AGENT_PLUGIN_META is set: a line `# mackerel-agent-plugin`, then JSON.
 * @returns undefined when the text is no schema: many plugins have none and print their values
 */
export function parseGraphMeta(text: string): GraphMeta | undefined {
  const end = text.indexOf("\n");
  const header = headline.exec(end < 0 ? text : text.slice(0, end));
  if (end < 0 || !header) return undefined;
  const version = /(?:^|\s)version=(\S*)/u.exec(header[1] ?? "")?.[1];
  if (version !== undefined && version !== "1")
    return { definitions: [], problems: [`its schema has version ${version.slice(0, 20)}, not 1`] };
  const value = parseJson(text.slice(end + 1).trim());
  const graphs = isJsonObject(value) ? (value["graphs"] ?? value["Graphs"]) : undefined;
  return isJsonObject(graphs) ? defineAll(graphs) : { definitions: [], problems: ["its schema is no JSON object with `graphs`"] };
}

function defineAll(graphs: JsonObject): GraphMeta {
  const problems: string[] = [];
  const definitions: JsonObject[] = [];
  const entries = Object.entries(graphs);
  if (entries.length > mostGraphs) problems.push(`it has more than ${mostGraphs} graphs`);
  for (const [name, graph] of entries.slice(0, mostGraphs)) {
    const definition = isJsonObject(graph) ? define(name, graph, problems) : undefined;
    if (definition) definitions.push(definition);
    else problems.push(`graph \`${shorten(name)}\` has no proper name or metrics`);
  }
  return { definitions, problems };
}

const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value.slice(0, 255) : undefined);

function define(name: string, graph: JsonObject, problems: string[]): JsonObject | undefined {
  const { metrics } = graph;
  if (!graphName.test(name) || name.length > longestName - 7 || !Array.isArray(metrics)) return undefined;
  const unit = typeof graph["unit"] === "string" && graph["unit"] !== "" ? graph["unit"] : "float";
  if (!units.has(unit)) problems.push(`graph \`${shorten(name)}\` has the unknown unit \`${shorten(unit)}\`; float is used`);
  const label = textOf(graph["label"]);
  return {
    name: `custom.${name}`,
    ...(label === undefined ? {} : { displayName: label }),
    unit: units.has(unit) ? unit : "float",
    metrics: metrics.slice(0, mostMetrics).flatMap((metric: unknown) => {
      const defined = isJsonObject(metric) ? defineMetric(name, metric) : undefined;
      if (!defined) problems.push(`a metric of graph \`${shorten(name)}\` has no proper name`);
      return defined ? [defined] : [];
    }),
  };
}

/** A wildcard in a metric needs one in its graph's name, as the server has it. */
function defineMetric(graph: string, metric: JsonObject): JsonObject | undefined {
  const { name } = metric;
  if (typeof name !== "string" || !oneSegment.test(name)) return undefined;
  if (/[*#]/u.test(name) && !/[*#]/u.test(graph)) return undefined;
  const whole = `custom.${graph}.${name}`;
  if (whole.length > longestName || (whole.match(/#/gu)?.length ?? 0) > 1) return undefined;
  const label = textOf(metric["label"]);
  return { name: whole, ...(label === undefined ? {} : { displayName: label }), isStacked: metric["stacked"] === true };
}
