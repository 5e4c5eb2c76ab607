import { SimpleGrid, Title } from "@mantine/core";
import { IconChartLine } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { listHostGraphs, listServiceGraphs, readHostSeries, readServiceSeries, type Graph, type SeriesColumns } from "#wire/metrics";
import { useCall, type Call } from "#kit/call";
import { useMessages } from "#kit/messages";
import type { RangeSearch, Span } from "#kit/range";
import { useOrganisation } from "#kit/session";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { RoutePending } from "../../kit/RouteStates.tsx";
import { GraphCard } from "./GraphCard.tsx";
import { messages } from "./messages.ts";
import { bucketsPerGraph } from "./use-points.ts";

/** Whose graphs: a host's or a service's. */
export type GraphOwner = { readonly host: string } | { readonly service: string };

export interface GraphSectionsProps {
  readonly owner: GraphOwner;
  readonly range: RangeSearch;
  readonly onZoom: (range: RangeSearch) => void;
}

const listGraphs = async (call: Call, org: string, owner: GraphOwner, signal: AbortSignal): Promise<readonly Graph[]> => {
  const { graphs } =
    "host" in owner
      ? await call(listHostGraphs, { params: { org, id: owner.host } }, signal)
      : await call(listServiceGraphs, { params: { org, service: owner.service } }, signal);
  return graphs;
};

/** The contract's limit of names in one request. */
const namesAtOnce = 100;

async function readSeries(
  call: Call,
  org: string,
  owner: GraphOwner,
  graph: Graph,
  span: Span,
  signal: AbortSignal,
): Promise<SeriesColumns> {
  const names = graph.series.map((one) => one.name);
  const parts = Array.from({ length: Math.ceil(names.length / namesAtOnce) }, (_, at) =>
    names.slice(at * namesAtOnce, (at + 1) * namesAtOnce),
  );
  const answers = await Promise.all(
    parts.map((name) => {
      const query = { name, from: span.from, to: span.to, buckets: bucketsPerGraph };
      return "host" in owner
        ? call(readHostSeries, { params: { org, id: owner.host }, query }, signal)
        : call(readServiceSeries, { params: { org, service: owner.service }, query }, signal);
    }),
  );
  // One span and one number of buckets give one grid, so the parts fit together.
  const [first] = answers;
  return { from: first?.from ?? span.from, step: first?.step ?? 60, series: answers.flatMap((answer) => answer.series) };
}

/** All graphs of a host or service: system ones first, its own below. New graphs appear while the page is open. */
export function GraphSections({ owner, range, onZoom }: GraphSectionsProps) {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const ownerKey = "host" in owner ? ["host", owner.host] : ["service", owner.service];
  const { data, error, refetch } = useQuery({
    queryKey: [org, "graphs", ...ownerKey],
    queryFn: ({ signal }) => listGraphs(call, org, owner, signal),
    // A host that just started has none; look often until it has.
    refetchInterval: ({ state }) => (state.data?.length === 0 ? 5000 : 120_000),
  });
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <RoutePending />;
  if (data.length === 0) {
    return (
      <EmptyState
        title={m.noGraphs}
        hint={"host" in owner ? m.noGraphsHost : m.noGraphsService}
        icon={<IconChartLine aria-hidden size={36} />}
      />
    );
  }
  const titles = { system: m.systemGraphs, custom: m.customGraphs, service: m.serviceGraphs };
  const sections = (["system", "custom", "service"] as const)
    .map((kind) => ({ kind, graphs: data.filter((graph) => graph.kind === kind) }))
    .filter((section) => section.graphs.length > 0);
  return sections.map(({ kind, graphs }) => (
    <section key={kind} aria-label={titles[kind]}>
      <Title order={2} mt="md" mb="xs">
        {titles[kind]}
      </Title>
      <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }} spacing="sm" verticalSpacing="sm">
        {graphs.map((graph) => (
          <GraphCard
            key={graph.name}
            graph={graph}
            ownerKey={ownerKey}
            range={range}
            onZoom={onZoom}
            read={(wanted, span, signal) => readSeries(call, org, owner, wanted, span, signal)}
          />
        ))}
      </SimpleGrid>
    </section>
  ));
}
