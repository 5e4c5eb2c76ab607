import { graphData, roleData } from "#base/chart/graph-data";
import { graphTitle } from "#base/chart/names";
import { chartSvg } from "#base/chart/svg";
import { zonedClock } from "#base/chart/zone";
import { unixSeconds } from "#base/duration";
import { HinobanError } from "#base/errors";
import { numberTexts } from "#base/number-text";
import { findOrganisation } from "#features/identity";
import { findGraph, membersOfGraph, readGraph, type FoundGraph, type GraphPoints } from "#features/metrics";
import type { Scope } from "#store";
import type { Language } from "#wire/shapes";
import type { GraphTarget } from "#wire/sharing";
import type { Look, Span } from "./model.ts";
import type { Sharing } from "./sharing.ts";

export interface DrawGraph {
  readonly target: GraphTarget;
  /** When given, only what belongs to this very thing is drawn. */
  readonly ownerId?: string;
  readonly span: Span;
  readonly look: Look;
}

/** More hosts than this cannot be told apart in any picture; they are drawn together. */
const mostHosts = 200;

/** Draws a graph of the organisation in scope as SVG, in the organisation's time zone. @throws "not-found" */
export async function drawGraph({ db, metrics }: Sharing, scope: Scope, { target, ownerId, span, look }: DrawGraph): Promise<string> {
  const range = { from: unixSeconds(span.from), to: unixSeconds(span.to) };
  const { found, members, timeZone } = await db.tx(scope, async (tx) => {
    const graph = await findGraph(metrics, tx, target);
    if (ownerId !== undefined && graph.owner.id !== ownerId)
      throw new HinobanError("not-found", "What was shared does not exist any more.");
    return { found: graph, members: await membersOfGraph(tx, graph, range), timeZone: (await findOrganisation(tx))?.timeZone ?? "UTC" };
  });
  const wanted = target.kind === "role" ? (target.show ?? "auto") : "auto";
  const show = wanted === "all" && members.length > mostHosts ? "summary" : wanted;
  const points = await readGraph(metrics, found, members, { range, buckets: Math.max(100, look.width - 60), show });
  const isStacked = target.kind === "role" ? (target.isStacked ?? found.graph.isStacked) : found.graph.isStacked;
  return chartSvg({
    ...look,
    ...span,
    scheme: look.theme,
    title: graphTitle(found.graph, look.language),
    owner: ownerText(found, points, look.language),
    data: dataOf(found, points, isStacked, look.language),
    kind: isStacked ? "stacked" : "line",
    unit: found.graph.unit,
    clock: zonedClock(look.language, timeZone),
    numbers: numberTexts(look.language),
  });
}

function dataOf(found: FoundGraph, points: GraphPoints, isStacked: boolean, language: Language) {
  if (points.kind === "role") return roleData(points.columns, isStacked, language);
  const series = found.kind === "columns" ? found.graph.series : [];
  return graphData({ isStacked, series }, points.columns, language);
}

const hostsTogether: Readonly<Record<Language, (count: number) => string>> = {
  en: (count) => (count === 1 ? "1 host" : `${count} hosts`),
  ja: (count) => `${count} 台`,
};

/** A summary says of how many hosts. */
function ownerText({ owner }: FoundGraph, points: GraphPoints, language: Language): string {
  const isSummary = points.kind === "role" && points.columns.summary !== undefined;
  return isSummary ? `${owner.name} (${hostsTogether[language](points.columns.members)})` : owner.name;
}
