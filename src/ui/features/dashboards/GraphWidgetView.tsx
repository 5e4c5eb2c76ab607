import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { graphData, linesData, roleData } from "#base/chart/graph-data";
import type { GraphTarget, GraphWidget } from "#wire/dashboards";
import { readExpressionSeries } from "#wire/expressions";
import {
  listHostGraphs,
  listRoleGraphs,
  listServiceGraphs,
  readHostSeries,
  readRoleSeries,
  readServiceSeries,
  type Graph,
  type RoleGraph,
  type SeriesColumns,
} from "#wire/metrics";
import { useCall, type Call } from "#kit/call";
import { useLanguage, useMessages } from "#kit/messages";
import type { RangeSearch, Span } from "#kit/range";
import { useOrganisation } from "#kit/session";
import { TimeChart } from "../../kit/chart/TimeChart.tsx";
import type { ChartData, ChartKind } from "../../kit/chart/model.ts";
import type { Unit } from "#kit/format";
import { useGraphTitle } from "../metrics/graph-title.ts";
import { useWasSeen } from "../metrics/GraphCard.tsx";
import { bucketsPerGraph, usePoints } from "../metrics/use-points.ts";
import { findGraph, findRoleGraph, withLegend } from "./find-graph.ts";
import { messages } from "./messages.ts";
import { WidgetCard, WidgetNote } from "./WidgetCard.tsx";
import { useWidgetRange } from "./widget-range.ts";

export interface GraphViewProps {
  readonly widget: GraphWidget;
  readonly title: string;
  readonly range: RangeSearch;
  readonly onZoom: (range: RangeSearch) => void;
  /** Of the drawing alone, in pixels. */
  readonly height: number;
}

/** A graph on a dashboard. */
export function GraphWidgetView(props: GraphViewProps) {
  const m = useMessages(messages);
  const { graph } = props.widget;
  switch (graph.type) {
    case "host":
    case "service":
      return <OwnedGraph {...props} target={graph} />;
    case "role":
      return <RoleGraphView {...props} target={graph} />;
    case "expression":
      return <ExpressionGraph {...props} expression={graph.expression} />;
    case "query":
      return <WidgetNote title={props.title} text={m.notDrawn} code={graph.query} />;
    case "unknown":
      return <WidgetNote title={props.title} text={m.gone} />;
  }
}

type OwnedTarget = Extract<GraphTarget, { type: "host" | "service" }>;

/** The contract's limit of names in one request. */
const namesAtOnce = 100;

const graphsOf = async (call: Call, org: string, target: OwnedTarget, signal: AbortSignal): Promise<readonly Graph[]> => {
  const { graphs } =
    target.type === "host"
      ? await call(listHostGraphs, { params: { org, id: target.hostId } }, signal)
      : await call(listServiceGraphs, { params: { org, service: target.serviceName } }, signal);
  return graphs;
};

function readColumns(
  call: Call,
  org: string,
  target: OwnedTarget,
  names: readonly string[],
  span: Span,
  signal: AbortSignal,
): Promise<SeriesColumns> {
  const query = { name: names.slice(0, namesAtOnce), from: span.from, to: span.to, buckets: bucketsPerGraph };
  return target.type === "host"
    ? call(readHostSeries, { params: { org, id: target.hostId }, query }, signal)
    : call(readServiceSeries, { params: { org, service: target.serviceName }, query }, signal);
}

function OwnedGraph({ target, ...props }: GraphViewProps & { readonly target: OwnedTarget }) {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const owner = target.type === "host" ? target.hostId : target.serviceName;
  const { data: graphs } = useQuery({
    queryKey: [org, "graphs", target.type, owner],
    queryFn: ({ signal }) => graphsOf(call, org, target, signal),
    refetchInterval: ({ state }) => (state.data?.length === 0 ? 10_000 : 120_000),
  });
  const found = graphs && findGraph(graphs, target.name);
  if (graphs && !found) return <WidgetNote title={props.title} text={m.noSuchGraph({ name: target.name })} />;
  return <DrawnGraph {...props} target={target} graph={found} />;
}

function DrawnGraph({
  target,
  graph,
  widget,
  ...props
}: GraphViewProps & { readonly target: OwnedTarget; readonly graph: Graph | undefined }) {
  const call = useCall();
  const org = useOrganisation().name;
  const { language } = useLanguage();
  const titleOf = useGraphTitle();
  const { ref, wasSeen } = useWasSeen();
  const range = useWidgetRange(widget.range, props.range);
  const shown = useMemo(() => graph && withLegend(graph, widget.legendList), [graph, widget.legendList]);
  const names = shown?.series.map((one) => one.name) ?? [];
  const owner = target.type === "host" ? target.hostId : target.serviceName;
  const { columns, span, error, refetch } = usePoints(
    org,
    [target.type, owner, "widget", ...names],
    range,
    wasSeen && names.length > 0,
    (wanted, signal) => readColumns(call, org, target, names, wanted, signal),
  );
  const data = useMemo(() => (columns && shown ? graphData(shown, columns, language) : undefined), [columns, shown, language]);
  return (
    <WidgetCard setRef={ref}>
      <WidgetChart
        {...props}
        widget={widget}
        title={widget.title || (shown ? titleOf(shown) : props.title)}
        data={data}
        kind={shown?.isStacked === true ? "stacked" : "line"}
        unit={shown?.unit ?? "float"}
        span={span}
        error={error}
        onRetry={refetch}
      />
    </WidgetCard>
  );
}

type RoleTarget = Extract<GraphTarget, { type: "role" }>;

function RoleGraphView({ target, ...props }: GraphViewProps & { readonly target: RoleTarget }) {
  const call = useCall();
  const org = useOrganisation().name;
  const [service = "", role = ""] = target.roleFullname.split(/:\s*/u);
  const { data: listed } = useQuery({
    queryKey: [org, "graphs", "role", service, role],
    queryFn: ({ signal }) => call(listRoleGraphs, { params: { org, service, role } }, signal),
    refetchInterval: 120_000,
  });
  const graph = findRoleGraph(listed?.graphs ?? [], target.name);
  return (
    <DrawnRole {...props} target={target} service={service} role={role} graph={graph} isStacked={target.isStacked ?? graph.isStacked} />
  );
}

interface DrawnRoleProps extends GraphViewProps {
  readonly target: RoleTarget;
  readonly service: string;
  readonly role: string;
  readonly graph: RoleGraph;
  readonly isStacked: boolean;
}

function DrawnRole({ target, widget, service, role, graph, isStacked, ...props }: DrawnRoleProps) {
  const call = useCall();
  const org = useOrganisation().name;
  const { language } = useLanguage();
  const titleOf = useGraphTitle();
  const { ref, wasSeen } = useWasSeen();
  const range = useWidgetRange(widget.range, props.range);
  const { columns, span, error, refetch } = usePoints(
    org,
    ["role", service, role, target.name, "auto"],
    range,
    wasSeen,
    ({ from, to }, signal) =>
      call(
        readRoleSeries,
        { params: { org, service, role }, query: { name: target.name, from, to, buckets: bucketsPerGraph, show: "auto" } },
        signal,
      ),
  );
  const data = useMemo(() => columns && roleData(columns, isStacked, language), [columns, isStacked, language]);
  return (
    <WidgetCard setRef={ref}>
      <WidgetChart
        {...props}
        widget={widget}
        title={widget.title || `${target.roleFullname} ${titleOf(graph)}`}
        data={data}
        kind={isStacked ? "stacked" : "line"}
        unit={graph.unit}
        span={span}
        error={error}
        onRetry={refetch}
      />
    </WidgetCard>
  );
}

function ExpressionGraph({ expression, widget, ...props }: GraphViewProps & { readonly expression: string }) {
  const call = useCall();
  const org = useOrganisation().name;
  const { ref, wasSeen } = useWasSeen();
  const range = useWidgetRange(widget.range, props.range);
  const { columns, span, error, refetch } = usePoints(org, ["expression", expression], range, wasSeen, ({ from, to }, signal) =>
    call(readExpressionSeries, { params: { org }, query: { expression, from, to, buckets: bucketsPerGraph } }, signal),
  );
  const drawn = useMemo(() => columns && linesData(columns), [columns]);
  return (
    <WidgetCard setRef={ref}>
      <WidgetChart
        {...props}
        widget={widget}
        data={drawn?.data}
        kind={drawn?.isStacked === true ? "stacked" : "line"}
        unit="float"
        span={span}
        error={error}
        onRetry={refetch}
      />
    </WidgetCard>
  );
}

interface WidgetChartProps extends GraphViewProps {
  readonly data: ChartData | undefined;
  readonly kind: ChartKind;
  readonly unit: Unit;
  readonly span: Span;
  readonly error: unknown;
  readonly onRetry: () => void;
}

function WidgetChart({ widget, title, data, kind, unit, span, error, onRetry, onZoom, height }: WidgetChartProps) {
  const bounds = useMemo(
    () => ({ min: widget.valueRange?.min ?? undefined, max: widget.valueRange?.max ?? undefined }),
    [widget.valueRange?.min, widget.valueRange?.max],
  );
  return (
    <TimeChart
      title={title}
      data={data}
      kind={kind}
      unit={unit}
      span={span}
      onZoom={onZoom}
      error={error}
      onRetry={onRetry}
      height={height}
      bounds={bounds}
      {...(widget.referenceLines ? { referenceLines: widget.referenceLines } : {})}
    />
  );
}
