import type { Combination, Node } from "./model.ts";

/** What a place in a function's brackets takes. */
export type ParameterKind = "metric" | "name" | "role" | "length" | "number" | "percentage";

export type Argument = Node | string | number | { readonly service: string; readonly role: string };

/** One function: what it takes, in order; the last place may be taken many times when it says so. */
export interface Signature {
  readonly parameters: readonly ParameterKind[];
  readonly isRepeated?: boolean;
  /** How it is written, for messages. */
  readonly usage: string;
  readonly build: (args: readonly Argument[], text: string) => Node;
}

// The parser hands each function just what its signature says, so these readings cannot meet anything else.
const isNode = (argument: Argument): argument is Node => typeof argument === "object" && "kind" in argument;
const metrics = (args: readonly Argument[]): Node[] => args.filter(isNode);
const texts = (args: readonly Argument[]): string[] => args.filter((argument) => typeof argument === "string");
const numbers = (args: readonly Argument[]): number[] => args.filter((argument) => typeof argument === "number");
const nothing: Node = { kind: "group", of: [], text: "" };

const combine = (how: Combination): Signature => ({
  parameters: ["metric"],
  isRepeated: true,
  usage: `${how}(metrics)`,
  build: (args, text) => ({ kind: "combine", how, of: metrics(args), text }),
});

const ofRole = (kind: "role" | "roleSlots"): Signature => ({
  parameters: ["role", "name"],
  usage: `${kind}(service:role, metric)`,
  build: ([place, metric], text) => {
    const { service = "", role = "" } = typeof place === "object" && "service" in place && "role" in place ? place : {};
    return { kind, service, role, metric: typeof metric === "string" ? metric : "", text };
  },
});

const pair = (kind: "diff" | "divide"): Signature => ({
  parameters: ["metric", "metric"],
  usage: `${kind}(metric, metric)`,
  build: (args, text) => {
    const [left = nothing, right = nothing] = metrics(args);
    return { kind, left, right, text };
  },
});

const withFactor = (kind: "scale" | "offset"): Signature => ({
  parameters: ["metric", "number"],
  usage: `${kind}(metric, number)`,
  build: (args, text) => ({ kind, of: metrics(args)[0] ?? nothing, by: numbers(args)[0] ?? 0, text }),
});

const overTime = (kind: "timeShift" | "movingAverage" | "linearRegression"): Signature => ({
  parameters: ["metric", "length"],
  usage: `${kind}(metric, 1h)`,
  build: (args, text) => ({ kind, of: metrics(args)[0] ?? nothing, seconds: numbers(args)[0] ?? 0, text }),
});

export const functions: ReadonlyMap<string, Signature> = new Map<string, Signature>([
  [
    "host",
    {
      parameters: ["name", "name"],
      usage: "host(host id, metric)",
      build: (args, text) => {
        const [hostId = "", metric = ""] = texts(args);
        return { kind: "host", hostId, metric, text };
      },
    },
  ],
  [
    "service",
    {
      parameters: ["name", "name"],
      usage: "service(service, metric)",
      build: (args, text) => {
        const [service = "", metric = ""] = texts(args);
        return { kind: "service", service, metric, text };
      },
    },
  ],
  ["role", ofRole("role")],
  ["roleSlots", ofRole("roleSlots")],
  ["avg", combine("avg")],
  ["max", combine("max")],
  ["min", combine("min")],
  ["sum", combine("sum")],
  ["product", combine("product")],
  ["diff", pair("diff")],
  ["divide", pair("divide")],
  ["scale", withFactor("scale")],
  ["offset", withFactor("offset")],
  [
    "percentile",
    {
      parameters: ["metric", "percentage"],
      usage: "percentile(metrics, 95)",
      build: (args, text) => ({ kind: "percentile", of: metrics(args)[0] ?? nothing, percentage: numbers(args)[0] ?? 0, text }),
    },
  ],
  ["timeShift", overTime("timeShift")],
  ["movingAverage", overTime("movingAverage")],
  ["linearRegression", overTime("linearRegression")],
  [
    "timeLeftForecast",
    {
      parameters: ["metric", "length", "number"],
      usage: "timeLeftForecast(metric, 3mo, threshold)",
      build: (args, text) => {
        const [seconds = 0, threshold = 0] = numbers(args);
        return { kind: "timeLeftForecast", of: metrics(args)[0] ?? nothing, seconds, threshold, text };
      },
    },
  ],
  [
    "group",
    {
      parameters: ["metric"],
      isRepeated: true,
      usage: "group(metric, metric, …)",
      build: (args, text) => ({ kind: "group", of: metrics(args), text }),
    },
  ],
  [
    "stack",
    {
      parameters: ["metric"],
      usage: "stack(metrics)",
      build: (args, text) => ({ kind: "stack", of: metrics(args)[0] ?? nothing, text }),
    },
  ],
  [
    "alias",
    {
      parameters: ["metric", "name"],
      usage: "alias(metric, 'name')",
      build: (args, text) => ({ kind: "alias", of: metrics(args)[0] ?? nothing, name: texts(args)[0] ?? "", text }),
    },
  ],
]);
