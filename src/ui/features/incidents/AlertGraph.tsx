import { Skeleton } from "@mantine/core";
import { useMemo, useState } from "react";
import { graphData } from "#base/chart/graph-data";
import type { Graph } from "#wire/metrics";
import { useClock } from "#kit/clock";
import { kitMessages } from "#kit/kit-messages";
import { useLanguage, useMessages } from "#kit/messages";
import type { RangeSearch } from "#kit/range";
import { useOrganisation } from "#kit/session";
import { useGraphTitle } from "../metrics/graph-title.ts";
import { useWasSeen } from "../metrics/GraphCard.tsx";
import { ownerKeyOf, targetOf, useGraphs, type GraphOwner } from "../metrics/use-graphs.ts";
import { usePoints } from "../metrics/use-points.ts";
import { TargetChart } from "../sharing/TargetChart.tsx";
import { around, graphOf, judgedIn, thresholdLines } from "./alert-graph-model.ts";
import { alertMessages } from "./alert-messages.ts";

export interface AlertGraphProps {
  readonly alert: {
    readonly id: string;
    readonly host?: { readonly id: string } | undefined;
    readonly service?: { readonly name: string } | undefined;
    readonly name: string;
    readonly openedAt: number;
    readonly closedAt?: number | undefined;
  };
  readonly detail: Readonly<Record<string, unknown>>;
  /** Level of the graph's heading on the page; 3 when absent. */
  readonly titleOrder?: 2 | 3;
}

/** The graph of what was judged, around the moment when it went wrong; nothing for alerts that tell of no metric. */
export function AlertGraph({ alert, detail, titleOrder = 3 }: AlertGraphProps) {
  const { metric } = judgedIn(detail);
  const owner: GraphOwner | undefined = alert.host ? { host: alert.host.id } : alert.service ? { service: alert.service.name } : undefined;
  if (metric === undefined || owner === undefined) return undefined;
  return <OwnGraph owner={owner} metric={metric} alert={alert} detail={detail} titleOrder={titleOrder} />;
}

function OwnGraph({ owner, metric, ...rest }: AlertGraphProps & { readonly owner: GraphOwner; readonly metric: string }) {
  const { data, isPending } = useGraphs(owner);
  const kit = useMessages(kitMessages);
  if (isPending) return <Skeleton height={230} role="img" aria-label={kit.loading} />;
  const graph = data && graphOf(data, metric);
  return graph ? <DrawnGraph owner={owner} graph={graph} {...rest} /> : undefined;
}

function DrawnGraph({
  owner,
  graph,
  alert,
  detail,
  titleOrder = 3,
}: AlertGraphProps & { readonly owner: GraphOwner; readonly graph: Graph }) {
  const m = useMessages(alertMessages);
  const org = useOrganisation().name;
  const clock = useClock();
  const titleOf = useGraphTitle();
  const { language } = useLanguage();
  const { read } = useGraphs(owner);
  const { ref, wasSeen } = useWasSeen();
  const first = useMemo((): RangeSearch => around(alert.openedAt, alert.closedAt, clock.now()), [alert.openedAt, alert.closedAt, clock]);
  const [range, setRange] = useState(first);
  const key = [...ownerKeyOf(owner), graph.name];
  const { columns, span, error, refetch } = usePoints(org, key, range, wasSeen, (wanted, signal) => read(graph, wanted, signal));
  const data = useMemo(() => (columns ? graphData(graph, columns, language) : undefined), [graph, columns, language]);
  const opened = Math.floor(alert.openedAt / 1000);
  const annotations = useMemo(() => [{ key: alert.id, title: alert.name, from: opened, to: opened }], [alert.id, alert.name, opened]);
  const title = titleOf(graph);
  return (
    <div ref={ref}>
      <TargetChart
        target={targetOf(owner, graph.name)}
        range={range}
        title={title}
        fullTitle={`${title}: ${alert.name}`}
        data={data}
        kind={graph.isStacked ? "stacked" : "line"}
        unit={graph.unit}
        span={span}
        height={160}
        titleOrder={titleOrder}
        annotations={annotations}
        referenceLines={thresholdLines(judgedIn(detail), { warning: m.warning, critical: m.critical })}
        onZoom={setRange}
        error={error}
        onRetry={refetch}
      />
    </div>
  );
}
