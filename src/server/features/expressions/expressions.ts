import { unixSeconds, type UnixMs } from "#base/duration";
import { chooseGrid } from "#ports/metric-store/grid";
import type { MetricStore, TimeRange } from "#ports/metric-store/port";
import type { Scope, Deps } from "#store";
import { evaluate } from "./evaluate.ts";
import type { Line } from "./lines.ts";
import { parseExpression } from "./parse.ts";
import { resolveExpression } from "./resolve.ts";

export interface ExpressionDeps extends Deps {
  readonly store: MetricStore;
}

export interface ExpressionSeries {
  /** Start of the first bucket, in unix seconds. */
  readonly from: number;
  readonly step: number;
  readonly lines: readonly Line[];
}

/**
 * Computes an expression over a time, for graphs.
 * @throws "invalid-input", "not-found", "too-large"
 */
export async function readExpression(
  deps: ExpressionDeps,
  scope: Scope,
  text: string,
  query: { readonly range: TimeRange; readonly buckets: number },
): Promise<ExpressionSeries> {
  const node = parseExpression(text);
  const grid = chooseGrid(query.range, query.buckets);
  const plan = await deps.db.tx(scope, (tx) => resolveExpression(tx, node, grid.from));
  return { from: grid.from, step: grid.step, lines: await evaluate(deps.store, plan, grid) };
}

/** What an expression says of one minute. `many`: it has not exactly one line, so nothing can be judged by it. */
export type ExpressionValue =
  | { readonly kind: "value"; readonly value: number }
  | { readonly kind: "missing" }
  | { readonly kind: "many"; readonly lines: number };

/**
 * Computes an expression for the minute that holds `at`, for rules.
 * @throws "invalid-input", "not-found", "too-large"
 */
export async function evaluateExpression(deps: ExpressionDeps, scope: Scope, text: string, at: UnixMs): Promise<ExpressionValue> {
  const node = parseExpression(text);
  const from = Math.floor(at / 60_000) * 60;
  const plan = await deps.db.tx(scope, (tx) => resolveExpression(tx, node, from));
  const lines = await evaluate(deps.store, plan, { from: unixSeconds(from), step: 60, width: 1 });
  const [line] = lines;
  if (!line || lines.length !== 1) return lines.length === 0 ? { kind: "missing" } : { kind: "many", lines: lines.length };
  const value = line.values[0] ?? Number.NaN;
  return Number.isNaN(value) ? { kind: "missing" } : { kind: "value", value };
}
