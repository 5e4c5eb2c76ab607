import { SimpleGrid } from "@mantine/core";
import { IconChartLine } from "@tabler/icons-react";
import { useMessages } from "#kit/messages";
import type { RangeSearch } from "#kit/range";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { RoutePending } from "../../kit/RouteStates.tsx";
import { messages } from "./messages.ts";
import { RoleGraphCard } from "./RoleGraphCard.tsx";
import { useRoleGraphs } from "./use-role-graphs.ts";

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
  const { data, error, refetch } = useRoleGraphs(props.service, props.role);
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
