import { linesData } from "#base/chart/graph-data";
import { chartSvg } from "#base/chart/svg";
import { zonedClock } from "#base/chart/zone";
import { unixSeconds } from "#base/duration";
import { numberTexts } from "#base/number-text";
import { readExpression } from "#features/expressions";
import { findOrganisation } from "#features/identity";
import type { Scope } from "#store";
import { graphUnits, type GraphUnit } from "#wire/metrics";
import type { Look, Span } from "./model.ts";
import type { Sharing } from "./sharing.ts";

export interface DrawExpression {
  readonly expression: string;
  readonly title: string;
  readonly unit: GraphUnit;
  readonly span: Span;
  readonly look: Look;
}

/** The unit that an address asks for; a plain number for what is none. */
export const unitOf = (text: unknown): GraphUnit => graphUnits.find((unit) => unit === text) ?? "float";

/** Draws what an expression computes as SVG, in the organisation's time zone. @throws "invalid-input", "not-found", "too-large" */
export async function drawExpression(sharing: Sharing, scope: Scope, drawing: DrawExpression): Promise<string> {
  const { db, clock, metrics } = sharing;
  const { expression, title, unit, span, look } = drawing;
  const series = await readExpression({ db, clock, store: metrics.store }, scope, expression, {
    range: { from: unixSeconds(span.from), to: unixSeconds(span.to) },
    buckets: Math.max(100, look.width - 60),
  });
  const timeZone = await db.tx(scope, async (tx) => (await findOrganisation(tx))?.timeZone ?? "UTC");
  const lines = series.lines.map(({ label, isStacked, values }) => ({
    label,
    isStacked,
    avg: Array.from(values, (value) => (Number.isNaN(value) ? null : value)),
  }));
  const { data, isStacked } = linesData({ ...series, lines });
  return chartSvg({
    ...look,
    ...span,
    scheme: look.theme,
    title,
    owner: title === expression ? "" : expression,
    data,
    kind: isStacked ? "stacked" : "line",
    unit,
    clock: zonedClock(look.language, timeZone),
    numbers: numberTexts(look.language),
  });
}
