import { unixSeconds } from "#base/duration";
import { HinobanError } from "#base/errors";
import { scopeOf, serve, type Served } from "#http";
import * as wire from "#wire/expressions";
import { readExpression, type ExpressionDeps } from "./expressions.ts";

const defaultBuckets = 300;

/** Serves graphs that are computed from other metrics. */
export function registerExpressions(served: Served, deps: ExpressionDeps): void {
  serve(served, wire.readExpressionSeries, async ({ actor, query }) => {
    if (query.to <= query.from) throw new HinobanError("invalid-input", "to: must be later than from.");
    const range = { from: unixSeconds(query.from), to: unixSeconds(query.to) };
    const { from, step, lines } = await readExpression(deps, scopeOf(actor), query.expression, {
      range,
      buckets: query.buckets ?? defaultBuckets,
    });
    return {
      from: unixSeconds(from),
      step,
      lines: lines.map(({ label, isStacked, values }) => ({
        label,
        isStacked,
        avg: Array.from(values, (value) => (Number.isNaN(value) ? null : value)),
      })),
    };
  });
}
