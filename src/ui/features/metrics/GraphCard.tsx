import { graphData } from "#base/chart/graph-data";
import { useInViewport } from "@mantine/hooks";
import { useMemo, useState, type RefCallback } from "react";
import type { Graph, SeriesColumns } from "#wire/metrics";
import type { GraphTarget } from "#wire/sharing";
import { useLanguage } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import type { RangeSearch, Span } from "#kit/range";
import { TargetChart } from "../sharing/TargetChart.tsx";
import { useGraphTitle } from "./graph-title.ts";
import { usePoints } from "./use-points.ts";

/** Where a graph stands: in a grid of many, or alone on its page. */
export interface Placing {
  readonly height?: number;
  readonly isLarge?: boolean;
  readonly titleOrder?: 2 | 3 | 4;
  /** For a page with several graphs of one title: a name that each has alone. */
  readonly fullTitle?: string;
}

export interface GraphCardProps extends Placing {
  readonly graph: Graph;
  /** The graph as addresses and share links name it. */
  readonly target: GraphTarget;
  /** Names what the graph belongs to, within the organisation. */
  readonly ownerKey: readonly string[];
  readonly range: RangeSearch;
  readonly onZoom: (range: RangeSearch) => void;
  readonly read: (graph: Graph, span: Span, signal: AbortSignal) => Promise<SeriesColumns>;
}

/** True from the first time the element is on the screen: what nobody scrolls to is never asked for. */
export function useWasSeen(): { readonly ref: RefCallback<HTMLElement>; readonly wasSeen: boolean } {
  const { ref, inViewport } = useInViewport();
  const [wasSeen, setSeen] = useState(false);
  if (inViewport && !wasSeen) setSeen(true);
  return { ref, wasSeen };
}

/** One graph of a host or service with its points. */
export function GraphCard({ graph, target, ownerKey, range, onZoom, read, ...placing }: GraphCardProps) {
  const org = useOrganisation().name;
  const titleOf = useGraphTitle();
  const { language } = useLanguage();
  const { ref, wasSeen } = useWasSeen();
  const { columns, span, error, refetch } = usePoints(org, [...ownerKey, target.graph], range, wasSeen, (wanted, signal) =>
    read(graph, wanted, signal),
  );
  const data = useMemo(() => (columns ? graphData(graph, columns, language) : undefined), [graph, columns, language]);
  return (
    <div ref={ref}>
      <TargetChart
        {...placing}
        target={target}
        range={range}
        title={titleOf(graph)}
        data={data}
        kind={graph.isStacked ? "stacked" : "line"}
        unit={graph.unit}
        span={span}
        onZoom={onZoom}
        error={error}
        onRetry={refetch}
      />
    </div>
  );
}
