import { Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { getHost } from "#wire/inventory";
import type { Graph } from "#wire/metrics";
import { roleGraphAliases, type GraphTarget } from "#wire/sharing";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import type { RangeSearch } from "#kit/range";
import { useOrganisation } from "#kit/session";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { AnchorLink } from "../../kit/links.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { RoutePending } from "../../kit/RouteStates.tsx";
import { TimeRangePicker } from "../../kit/TimeRangePicker.tsx";
import { targetOfSearch } from "../sharing/graph-search.ts";
import { useGraphTitle } from "./graph-title.ts";
import { GraphCard } from "./GraphCard.tsx";
import { messages } from "./messages.ts";
import { RoleGraphCard } from "./RoleGraphCard.tsx";
import { ownerKeyOf, useGraphs } from "./use-graphs.ts";
import { useRoleGraphs } from "./use-role-graphs.ts";

type Target<K extends GraphTarget["kind"]> = Extract<GraphTarget, { kind: K }>;

const largeHeight = 460;

/** One graph alone, as large as the page: its address can be sent to somebody. */
export function GraphPage() {
  const m = useMessages(messages);
  const target = targetOfSearch(useSearch({ from: "/signed-in/o/$org/graph" }));
  if (!target) return <EmptyState title={m.graphMissing} isPage />;
  return target.kind === "role" ? <RoleGraphPage target={target} /> : <OwnerGraphPage target={target} />;
}

/** The range of the page, and how to change it. */
function useRange(): { readonly range: RangeSearch; readonly setRange: (range: RangeSearch) => void } {
  const { range: preset, from, to, ...rest } = useSearch({ from: "/signed-in/o/$org/graph" });
  const navigate = useNavigate({ from: "/o/$org/graph" });
  const range: RangeSearch = { ...(preset === undefined ? {} : { range: preset }), ...(from === undefined ? {} : { from, to }) };
  return { range, setRange: (next) => void navigate({ search: { ...rest, ...next } }) };
}

/** The graph of that name, or that of a metric in one of them. */
function findGraph(graphs: readonly Graph[], name: string): Graph | undefined {
  const named = graphs.find((graph) => graph.name === name);
  if (named) return named;
  return graphs.flatMap((graph) => {
    const series = graph.series.find((one) => one.name === name);
    return series ? [{ ...graph, isStacked: series.isStacked, series: [series] }] : [];
  })[0];
}

function OwnerGraphPage({ target }: { readonly target: Target<"host"> | Target<"service"> }) {
  const m = useMessages(messages);
  const titleOf = useGraphTitle();
  const { range, setRange } = useRange();
  const owner = target.kind === "host" ? { host: target.host } : { service: target.service };
  const { data, error, refetch, read } = useGraphs(owner);
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <RoutePending />;
  const graph = findGraph(data, target.graph);
  if (!graph) return <EmptyState title={m.graphMissing} isPage />;
  return (
    <>
      <PageHeader title={titleOf(graph)} crumbs={target.kind === "host" ? <HostCrumb id={target.host} /> : <ServiceCrumb {...target} />} />
      <RangeLine range={range} setRange={setRange} />
      <GraphCard
        graph={graph}
        target={target}
        ownerKey={ownerKeyOf(owner)}
        range={range}
        onZoom={setRange}
        read={read}
        height={largeHeight}
        isLarge
        titleOrder={2}
      />
    </>
  );
}

function RoleGraphPage({ target }: { readonly target: Target<"role"> }) {
  const m = useMessages(messages);
  const titleOf = useGraphTitle();
  const { range, setRange } = useRange();
  const { service, role, isStacked, show } = target;
  const { data, error, refetch } = useRoleGraphs(service, role);
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <RoutePending />;
  const name = roleGraphAliases.get(target.graph) ?? target.graph;
  const graph = data.graphs.find((one) => one.name === name);
  if (!graph) return <EmptyState title={m.graphMissing} isPage />;
  return (
    <>
      <PageHeader title={titleOf(graph)} crumbs={<RoleCrumb service={service} role={role} />} />
      <RangeLine range={range} setRange={setRange} />
      <RoleGraphCard
        service={service}
        role={role}
        graph={graph}
        range={range}
        onZoom={setRange}
        show={show === "all" ? "all" : "auto"}
        {...(isStacked === undefined ? {} : { isStacked })}
        height={largeHeight}
        isLarge
        titleOrder={2}
      />
    </>
  );
}

function RangeLine({ range, setRange }: ReturnType<typeof useRange>) {
  return (
    <Group justify="flex-end" mb="sm">
      <TimeRangePicker value={range} onChange={setRange} />
    </Group>
  );
}

function HostCrumb({ id }: { readonly id: string }) {
  const call = useCall();
  const org = useOrganisation().name;
  const { data } = useQuery({ queryKey: [org, "host", id], queryFn: ({ signal }) => call(getHost, { params: { org, id } }, signal) });
  const name = data?.displayName === undefined || data.displayName === "" ? (data?.name ?? id) : data.displayName;
  return (
    <AnchorLink to="/o/$org/hosts/$id" params={{ org, id }} size="sm">
      {name}
    </AnchorLink>
  );
}

function ServiceCrumb({ service }: { readonly service: string }) {
  const org = useOrganisation().name;
  return (
    <AnchorLink to="/o/$org/services/$service" params={{ org, service }} size="sm">
      {service}
    </AnchorLink>
  );
}

function RoleCrumb({ service, role }: { readonly service: string; readonly role: string }) {
  const org = useOrganisation().name;
  return (
    <AnchorLink to="/o/$org/services/$service/roles/$role" params={{ org, service, role }} size="sm">
      {`${service}: ${role}`}
    </AnchorLink>
  );
}
