import { invalidInput, type FieldProblem } from "#base/errors";
import { isObject } from "#http";
import { graphUnits, type GraphDefinition } from "#wire/metrics";
import { graphOf, isDefinedName, isMetricName } from "./model.ts";

/** An item of a batch that was left out, and why. */
export interface RejectedItem extends FieldProblem {
  readonly index: number;
}

const mostDefinitions = 1000;
const mostMetrics = 500;
const longestDisplayName = 255;

export interface ReadDefinitions {
  readonly definitions: readonly GraphDefinition[];
  readonly rejected: readonly RejectedItem[];
}

/**
 * The body of graph-defs/create. An agent sends the definitions of all its plugins in one list, once, and never again: a wrong one is left
 * out and named, and the others are taken.
 * @throws "invalid-input" when there is no list, or nothing usable in it
 */
export function definitionsIn(body: unknown): ReadDefinitions {
  if (body === null) return { definitions: [], rejected: [] }; // Go's empty list
  if (!Array.isArray(body)) throw invalidInput([{ field: "body", problem: "must be a list of graph definitions" }]);
  if (body.length > mostDefinitions) throw invalidInput([{ field: "body", problem: `may have ${mostDefinitions} entries` }]);
  const definitions: GraphDefinition[] = [];
  const rejected: RejectedItem[] = [];
  for (const [index, item] of body.entries()) {
    const read = definitionOf(item);
    if ("problem" in read) rejected.push({ index, ...read });
    else definitions.push(read);
  }
  if (rejected.length > 0 && definitions.length === 0) throw nothingUsable(rejected);
  return { definitions, rejected };
}

/** The error for a list in which everything is wrong. */
export const nothingUsable = (rejected: readonly RejectedItem[]): Error =>
  invalidInput(rejected.slice(0, 10).map(({ index, field, problem }) => ({ field: `${index}.${field}`, problem })));

function definitionOf(item: unknown): GraphDefinition | FieldProblem {
  if (!isObject(item)) return { field: "definition", problem: "must be an object" };
  const { name, displayName, unit = "float", metrics } = item;
  if (typeof name !== "string" || !isDefinedName(name)) {
    return {
      field: "name",
      problem: 'must begin with "custom." and have segments of letters, digits, "_" and "-", or "*" and at most one "#"',
    };
  }
  const known = graphUnits.find((one) => one === unit);
  if (!known) return { field: "unit", problem: `must be one of ${graphUnits.join(", ")}` };
  if (!isDisplayName(displayName)) return { field: "displayName", problem: `must be a text of at most ${longestDisplayName} characters` };
  if (!Array.isArray(metrics) || metrics.length > mostMetrics)
    return { field: "metrics", problem: `must be a list of at most ${mostMetrics}` };
  const read = metrics.map((metric) => metricOf(metric, name));
  const wrong = read.find((one): one is FieldProblem => "problem" in one);
  if (wrong) return wrong;
  return { name, ...shown(displayName), unit: known, metrics: read.filter((one): one is DefinedMetric => !("problem" in one)) };
}

type DefinedMetric = GraphDefinition["metrics"][number];

function metricOf(item: unknown, graph: string): DefinedMetric | FieldProblem {
  if (!isObject(item)) return { field: "metrics", problem: "must be objects" };
  const { name, displayName, isStacked } = item;
  if (typeof name !== "string" || !isDefinedName(name) || graphOf(name) !== graph) {
    return {
      field: "metrics",
      problem: `${JSON.stringify(name ?? null).slice(0, 300)} must be the name of the graph, a dot and one segment`,
    };
  }
  if (!isDisplayName(displayName))
    return { field: "metrics", problem: `the display name of ${name} must be a text of at most ${longestDisplayName} characters` };
  return { name, ...shown(displayName), isStacked: isStacked === true };
}

const isDisplayName = (value: unknown): value is string | null | undefined =>
  value === undefined || value === null || (typeof value === "string" && value.length <= longestDisplayName);

const shown = (displayName: string | null | undefined): { displayName?: string } =>
  displayName ? { displayName: displayName.replaceAll("\0", "\uFFFD").toWellFormed() } : {};

/** A point of a service's metrics. */
export interface ServicePoint {
  readonly name: string;
  /** Unix seconds. */
  readonly time: number;
  readonly value: number;
}

/** The points of a body for one service. @throws "invalid-input" when there is no list */
export function servicePointsIn(body: unknown): { readonly points: readonly ServicePoint[]; readonly rejected: readonly RejectedItem[] } {
  if (body === null) return { points: [], rejected: [] }; // Go's empty list
  if (!Array.isArray(body)) throw invalidInput([{ field: "body", problem: "must be a list of points" }]);
  const points: ServicePoint[] = [];
  const rejected: RejectedItem[] = [];
  for (const [index, item] of body.entries()) {
    const point = servicePointOf(item);
    if ("problem" in point) rejected.push({ index, ...point });
    else points.push(point);
  }
  return { points, rejected };
}

function servicePointOf(item: unknown): ServicePoint | FieldProblem {
  if (!isObject(item)) return { field: "point", problem: "must be an object" };
  const { name, time, value } = item;
  if (typeof name !== "string" || !isMetricName(name))
    return { field: "name", problem: 'must be segments of letters, digits, "_" and "-" with single dots, at most 255 characters' };
  if (typeof time !== "number" || !Number.isFinite(time) || time < 0 || time > 4_294_967_295)
    return { field: "time", problem: "must be seconds since 1970" };
  if (typeof value !== "number" || !Number.isFinite(value)) return { field: "value", problem: "must be a number" };
  return { name, time: Math.floor(time), value };
}
