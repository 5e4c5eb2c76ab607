/**
 * The tree of an expression, the language in which Mackerel's users compute with metrics
 * (https://mackerel.io/docs/entry/advanced/advanced-graph). `text` is the part of the source that the node stands for: the label of its line.
 */
export type Node = { readonly text: string } & (
  | { readonly kind: "host"; readonly hostId: string; readonly metric: string }
  | { readonly kind: "service"; readonly service: string; readonly metric: string }
  /** `role`: those that belong to it now. `roleSlots`: those that belonged at each moment, retired or not. */
  | { readonly kind: "role" | "roleSlots"; readonly service: string; readonly role: string; readonly metric: string }
  | { readonly kind: "combine"; readonly how: Combination; readonly of: readonly Node[] }
  | { readonly kind: "percentile"; readonly of: Node; readonly percentage: number }
  | { readonly kind: "diff" | "divide"; readonly left: Node; readonly right: Node }
  | { readonly kind: "scale" | "offset"; readonly of: Node; readonly by: number }
  | { readonly kind: "timeShift"; readonly of: Node; readonly seconds: number }
  | { readonly kind: "movingAverage"; readonly of: Node; readonly seconds: number }
  | { readonly kind: "linearRegression"; readonly of: Node; readonly seconds: number }
  | { readonly kind: "timeLeftForecast"; readonly of: Node; readonly seconds: number; readonly threshold: number }
  | { readonly kind: "group"; readonly of: readonly Node[] }
  | { readonly kind: "stack"; readonly of: Node }
  | { readonly kind: "alias"; readonly of: Node; readonly name: string }
);

export const combinations = ["avg", "max", "min", "sum", "product"] as const;
export type Combination = (typeof combinations)[number];

type OfKind<K extends Node["kind"]> = Extract<Node, { readonly kind: K }>;

/** A metric that an expression takes from the store. */
export type Leaf = Exclude<Node, OfKind<Exclude<Node["kind"], "host" | "service" | "role" | "roleSlots">>>;

/** What looks at other times than the one it says something about. */
export type OverTime = OfKind<"timeShift"> | OfKind<"movingAverage"> | OfKind<"linearRegression"> | OfKind<"timeLeftForecast">;

const leafKinds: ReadonlySet<Node["kind"]> = new Set(["host", "service", "role", "roleSlots"]);
const overTimeKinds: ReadonlySet<Node["kind"]> = new Set(["timeShift", "movingAverage", "linearRegression", "timeLeftForecast"]);

export const isLeaf = (node: Node): node is Leaf => leafKinds.has(node.kind);
export const isOverTime = (node: Node): node is OverTime => overTimeKinds.has(node.kind);

const minute = 60;
const day = 86_400;

/** Seconds of each unit. Months and years are of one length, so that the same expression means the same every day. */
const units: Readonly<Record<string, number>> = { m: minute, h: 60 * minute, d: day, w: 7 * day, mo: 30 * day, y: 365 * day };

const longest = 10 * 365 * day;

/** Seconds of a length such as `30m`, `1h`, `7d`, `2w`, `3mo`, `1y`; undefined when it is none, or longer than ten years. */
export function secondsOf(text: string): number | undefined {
  const [, count = "", unit = ""] = /^(\d{1,9})(mo|[mhdwy])$/u.exec(text) ?? [];
  const seconds = Number(count) * (units[unit] ?? Number.NaN);
  return seconds > 0 && seconds <= longest ? seconds : undefined;
}

/** The number that a factor means: `-1.5`, `1e3`, `1/86400`; undefined when it is none or not finite. */
export function numberOf(text: string): number | undefined {
  const [, top = "", bottom = "1"] =
    /^([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?:\/((?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?))?$/u.exec(text) ?? [];
  if (top === "") return undefined;
  const value = Number(top) / Number(bottom);
  return Number.isFinite(value) ? value : undefined;
}

/** The metrics that an expression takes from the store, in the order of the text. */
export function leavesOf(node: Node): Leaf[] {
  if (isLeaf(node)) return [node];
  if ("left" in node) return [node.left, node.right].flatMap(leavesOf);
  return "kind" in node.of ? leavesOf(node.of) : node.of.flatMap(leavesOf);
}
