import { SimpleGrid, Text } from "@mantine/core";
import { IconChartLine } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { roleData } from "#base/chart/graph-data";
import { listRoleGraphs, readRoleSeries, type RoleGraph } from "#wire/metrics";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useLanguage, useMessages } from "#kit/messages";
import type { RangeSearch } from "#kit/range";
import { useOrganisation } from "#kit/session";
import { TimeChart } from "../../kit/chart/TimeChart.tsx";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { RoutePending } from "../../kit/RouteStates.tsx";
import { useGraphTitle } from "./graph-title.ts";
import { useWasSeen } from "./GraphCard.tsx";
import { messages } from "./messages.ts";
import { bucketsPerGraph, usePoints } from "./use-points.ts";

export interface RoleGraphsProps {
  readonly service: string;
  readonly role: string;
  readonly range: RangeSearch;
  readonly onZoom: (range: RangeSearch) => void;
  /** `all` draws every host however many there are. */
  readonly show: "auto" | "all";
}

/** The graphs of a role over all hosts that ever belonged to it, each for the time it did. */
export function RoleGraphs(props: RoleGraphsProps) {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const { service, role } = props;
  const { data, error, refetch } = useQuery({
    queryKey: [org, "graphs", "role", service, role],
    queryFn: ({ signal }) => call(listRoleGraphs, { params: { org, service, role } }, signal),
    refetchInterval: ({ state }) => (state.data?.graphs.length === 0 ? 10_000 : 120_000),
  });
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <RoutePending />;
  if (data.graphs.length === 0)
    return <EmptyState title={m.noGraphs} hint={m.noGraphsRole} icon={<IconChartLine aria-hidden size={36} />} />;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="sm" verticalSpacing="sm">
      {data.graphs.map((graph) => (
        <RoleGraphCard key={graph.name} {...props} graph={graph} />
      ))}
    </SimpleGrid>
  );
}

function RoleGraphCard({ service, role, range, onZoom, show, graph }: RoleGraphsProps & { readonly graph: RoleGraph }) {
  const m = useMessages(messages);
  const format = useFormat();
  const call = useCall();
  const org = useOrganisation().name;
  const titleOf = useGraphTitle();
  const { language } = useLanguage();
  const { ref, wasSeen } = useWasSeen();
  const { columns, span, error, refetch } = usePoints(
    org,
    ["role", service, role, graph.name, show],
    range,
    wasSeen,
    ({ from, to }, signal) =>
      call(
        readRoleSeries,
        { params: { org, service, role }, query: { name: graph.name, from, to, buckets: bucketsPerGraph, show } },
        signal,
      ),
  );
  const data = useMemo(() => columns && roleData(columns, graph.isStacked, language), [columns, graph.isStacked, language]);
  const isSummary = columns?.summary !== undefined;
  return (
    <div ref={ref}>
      <TimeChart
        title={titleOf(graph)}
        data={data}
        kind={graph.isStacked ? "stacked" : "line"}
        unit={graph.unit}
        span={span}
        onZoom={onZoom}
        error={error}
        onRetry={refetch}
        height={220}
      >
        {isSummary && (
          <Text size="xs" c="dimmed">
            {m.simplified({ count: format.count(columns.members) })}
          </Text>
        )}
      </TimeChart>
    </div>
  );
}
