import { HinobanError } from "#base/errors";
import type { MetricStore } from "#ports/metric-store/port";
import { combine, map, percentile, zip, type Values } from "./combine.ts";
import { isLeaf, isOverTime, type Leaf, type Node, type OverTime } from "./model.ts";
import type { Grid, Line } from "./lines.ts";
import { readLeaf } from "./read-leaf.ts";
import type { Plan } from "./resolve.ts";
import { fitRange, movingAverage, secondsUntil } from "./windows.ts";

/** Most values that may be held at once: about 80 MB. */
const mostValues = 10_000_000;
/** Samples to which a line is fitted at most: more say nothing new about a trend. */
const mostSamples = 2000;

/** Computes a resolved expression over a grid. @throws "too-large" when it takes in too much at once; what the store throws */
export async function evaluate(store: MetricStore, plan: Plan, grid: Grid): Promise<Line[]> {
  return new Evaluation(store, plan).of(plan.node, grid);
}

class Evaluation {
  readonly #store: MetricStore;
  readonly #plan: Plan;
  #values = 0;

  constructor(store: MetricStore, plan: Plan) {
    this.#store = store;
    this.#plan = plan;
  }

  async of(node: Node, grid: Grid): Promise<Line[]> {
    if (isLeaf(node)) return this.#leaf(node, grid);
    if (isOverTime(node)) return this.#overTime(node, grid);
    switch (node.kind) {
      case "combine":
        return [lineOf(node, combine(node.how, valuesOf(await this.#all(node.of, grid)), grid.width))];
      case "percentile":
        return [lineOf(node, percentile(node.percentage, valuesOf(await this.of(node.of, grid)), grid.width))];
      case "diff":
        return this.#pair(node, grid, (a, b) => a - b);
      case "divide":
        return this.#pair(node, grid, (a, b) => a / b);
      case "scale":
        return this.#each(node, await this.of(node.of, grid), (values) => map(values, (value) => value * node.by));
      case "offset":
        return this.#each(node, await this.of(node.of, grid), (values) => map(values, (value) => value + node.by));
      case "group":
        return this.#all(node.of, grid);
      case "stack":
        return (await this.of(node.of, grid)).map((line) => ({ ...line, isStacked: true }));
      case "alias":
        return aliased(await this.of(node.of, grid), node.name);
    }
  }

  async #overTime(node: OverTime, grid: Grid): Promise<Line[]> {
    switch (node.kind) {
      case "timeShift": {
        const by = Math.round(node.seconds / grid.step) * grid.step;
        return this.of(node.of, { ...grid, from: grid.from - by });
      }
      case "movingAverage": {
        const window = Math.max(1, Math.round(node.seconds / grid.step));
        const before = window - 1;
        const lines = await this.of(node.of, { ...grid, from: grid.from - before * grid.step, width: grid.width + before });
        return this.#each(node, lines, (values) => movingAverage(values, window));
      }
      case "linearRegression":
        return this.#regression(node, grid);
      case "timeLeftForecast":
        return this.#forecast(node, grid);
    }
  }

  async #regression(node: Extract<Node, { kind: "linearRegression" }>, grid: Grid): Promise<Line[]> {
    const end = grid.from + grid.step * grid.width;
    const sampled = sampleGrid(end - node.seconds, end, grid.step);
    return this.#each(node, await this.of(node.of, sampled), (values) => {
      const line = fitRange({ ...sampled, values }, end - node.seconds, end, end);
      return Float64Array.from({ length: grid.width }, (_, i) =>
        line ? line.at0 + line.slope * (grid.from + i * grid.step - end) : Number.NaN,
      );
    });
  }

  async #forecast(node: Extract<Node, { kind: "timeLeftForecast" }>, grid: Grid): Promise<Line[]> {
    const end = grid.from + grid.step * grid.width;
    const sampled = sampleGrid(grid.from + grid.step - node.seconds, end, grid.step);
    return this.#each(node, await this.of(node.of, sampled), (values) =>
      Float64Array.from({ length: grid.width }, (_, i) => {
        const at = grid.from + (i + 1) * grid.step;
        const line = fitRange({ ...sampled, values }, at - node.seconds, at, at);
        return line ? secondsUntil(line, node.threshold) : Number.NaN;
      }),
    );
  }

  async #leaf(node: Leaf, grid: Grid): Promise<Line[]> {
    const origin = this.#plan.originOf.get(node);
    if (!origin) throw new HinobanError("internal", `${node.text} was not looked up.`);
    const mostOfOne = origin.kind === "members" ? origin.members.length : 1;
    this.#take(mostOfOne * grid.width);
    const lines = await readLeaf(this.#store, node, origin, grid);
    this.#take((lines.length - mostOfOne) * grid.width);
    return lines;
  }

  #take(values: number): void {
    this.#values += values;
    if (this.#values > mostValues)
      throw new HinobanError("too-large", "The expression takes in too many points at once: ask for a shorter time or fewer hosts.");
  }

  async #all(nodes: readonly Node[], grid: Grid): Promise<Line[]> {
    const lines: Line[] = [];
    for (const node of nodes) lines.push(...(await this.of(node, grid)));
    return lines;
  }

  /** Line by line; one line on a side goes with every line of the other. */
  async #pair(node: Extract<Node, { kind: "diff" | "divide" }>, grid: Grid, compute: (a: number, b: number) => number): Promise<Line[]> {
    const [left, right] = [await this.of(node.left, grid), await this.of(node.right, grid)];
    const count = left.length === 1 ? right.length : left.length;
    if (left.length !== right.length && left.length !== 1 && right.length !== 1) {
      throw new HinobanError(
        "invalid-input",
        `expression: ${node.kind} takes as many lines on its left as on its right, or one; here are ${left.length} and ${right.length}.`,
        {
          fields: [{ field: "expression", problem: `${node.kind} has ${left.length} lines on its left and ${right.length} on its right` }],
        },
      );
    }
    return Array.from({ length: left.length === 0 || right.length === 0 ? 0 : count }, (_, i) => {
      const [a, b] = [left[left.length === 1 ? 0 : i], right[right.length === 1 ? 0 : i]];
      const values = zip(a?.values ?? new Float64Array(grid.width), b?.values ?? new Float64Array(grid.width), compute);
      const longer = right.length > left.length ? b : a;
      return { label: count === 1 ? node.text : `${node.kind} ${longer?.label ?? ""}`, values, isStacked: false };
    });
  }

  #each(node: Node, lines: readonly Line[], compute: (values: Values) => Values): Line[] {
    return lines.map((line) => ({ ...line, label: lines.length === 1 ? node.text : line.label, values: compute(line.values) }));
  }
}

const valuesOf = (lines: readonly Line[]): Values[] => lines.map((line) => line.values);

const lineOf = (node: Node, values: Values): Line => ({ label: node.text, values, isStacked: false });

/** `%1`, `%2` … are no captures here: several lines with one name are told apart by a number. */
const aliased = (lines: readonly Line[], name: string): Line[] =>
  lines.map((line, i) => ({ ...line, label: lines.length === 1 ? name : `${name} ${i + 1}` }));

/** Widths that divide a day, see `chooseGrid`. */
const sampleSteps = [60, 120, 180, 240, 300, 360, 600, 720, 900, 1200, 1800, 3600, 7200, 10_800, 14_400, 21_600, 28_800, 43_200, 86_400];

/** A grid for fitting lines: at least as coarse as the result's, and coarse enough that a long time has a bounded number of samples. */
function sampleGrid(from: number, to: number, step: number): Grid {
  const days = Math.ceil((to - from) / (mostSamples * 86_400));
  const width = sampleSteps.find((one) => one >= Math.min(step, 86_400) && (to - from) / one <= mostSamples) ?? days * 86_400;
  const align = Math.min(width, 3600);
  const first = Math.floor(from / align) * align;
  return { from: first, step: width, width: Math.max(1, Math.ceil((to - first) / width)) };
}
