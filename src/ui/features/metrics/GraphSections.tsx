import { SimpleGrid, Title } from "@mantine/core";
import { IconChartLine } from "@tabler/icons-react";
import { useMessages } from "#kit/messages";
import type { RangeSearch } from "#kit/range";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { RoutePending } from "../../kit/RouteStates.tsx";
import { GraphCard } from "./GraphCard.tsx";
import { messages } from "./messages.ts";
import { ownerKeyOf, targetOf, useGraphs, type GraphOwner } from "./use-graphs.ts";

export interface GraphSectionsProps {
  readonly owner: GraphOwner;
  readonly range: RangeSearch;
  readonly onZoom: (range: RangeSearch) => void;
}

/** All graphs of a host or service: system ones first, its own below. New graphs appear while the page is open. */
export function GraphSections({ owner, range, onZoom }: GraphSectionsProps) {
  const m = useMessages(messages);
  const { data, error, refetch, read } = useGraphs(owner);
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
            target={targetOf(owner, graph.name)}
            ownerKey={ownerKeyOf(owner)}
            range={range}
            onZoom={onZoom}
            read={read}
          />
        ))}
      </SimpleGrid>
    </section>
  ));
}
