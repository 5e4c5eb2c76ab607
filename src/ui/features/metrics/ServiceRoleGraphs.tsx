import { Group, MultiSelect, SimpleGrid, Text, Title } from "@mantine/core";
import { useCallback, useEffect, useState } from "react";
import type { RoleGraph } from "#wire/metrics";
import { useMessages } from "#kit/messages";
import type { RangeSearch } from "#kit/range";
import { useOrganisation } from "#kit/session";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { AnchorLink } from "../../kit/links.tsx";
import { useGraphTitle } from "./graph-title.ts";
import { useWasSeen } from "./GraphCard.tsx";
import { messages } from "./messages.ts";
import { RoleGraphCard } from "./RoleGraphCard.tsx";
import { useRoleGraphs } from "./use-role-graphs.ts";

/** What is shown of each role until somebody chooses. */
export const usualRoleGraphs: readonly string[] = ["cpu%", "memory.used", "loadavg5", "interface.rxBytes.delta"];

export interface ServiceRoleGraphsProps {
  readonly service: string;
  readonly roles: readonly string[];
  readonly range: RangeSearch;
  readonly onZoom: (range: RangeSearch) => void;
  /** Names of the graphs that are shown of each role. */
  readonly chosen: readonly string[];
  readonly onChoose: (graphs: readonly string[]) => void;
}

/** The hosts of each role of a service on top of each other, in a few graphs that can be chosen. */
export function ServiceRoleGraphs({ roles, chosen, onChoose, ...rest }: ServiceRoleGraphsProps) {
  const m = useMessages(messages);
  const titleOf = useGraphTitle();
  const [offered, setOffered] = useState<ReadonlyMap<string, RoleGraph>>(new Map());
  const offer = useCallback((graphs: readonly RoleGraph[]): void => {
    setOffered((known) =>
      graphs.every(({ name }) => known.has(name)) ? known : new Map([...known, ...graphs.map((graph) => [graph.name, graph] as const)]),
    );
  }, []);
  const names = [...new Set([...usualRoleGraphs, ...offered.keys(), ...chosen])];
  const labelOf = (name: string): string => titleOf(offered.get(name) ?? { name, kind: "system", title: name });
  return (
    <section aria-label={m.roleGraphs}>
      <Group justify="space-between" align="end" mt="lg" mb="xs">
        <Title order={2}>{m.roleGraphs}</Title>
        <MultiSelect
          label={m.shownGraphs}
          data={names.map((name) => ({ value: name, label: labelOf(name) }))}
          value={[...chosen]}
          onChange={onChoose}
          clearable={false}
          searchable
          maw="44rem"
        />
      </Group>
      {roles.map((role) => (
        <OneRole key={role} {...rest} role={role} chosen={chosen} onFound={offer} />
      ))}
    </section>
  );
}

interface OneRoleProps extends Omit<ServiceRoleGraphsProps, "roles" | "onChoose"> {
  readonly role: string;
  readonly onFound: (graphs: readonly RoleGraph[]) => void;
}

function OneRole({ service, role, range, onZoom, chosen, onFound }: OneRoleProps) {
  const m = useMessages(messages);
  const titleOf = useGraphTitle();
  const org = useOrganisation().name;
  const { ref, wasSeen } = useWasSeen();
  const { data, error, refetch } = useRoleGraphs(service, role, wasSeen);
  const graphs = data?.graphs;
  useEffect(() => {
    if (graphs) onFound(graphs);
  }, [graphs, onFound]);
  const shown = chosen.flatMap((name) => graphs?.find((graph) => graph.name === name) ?? []);
  return (
    <section ref={ref} aria-label={role} style={{ minHeight: "4rem" }}>
      <Title order={3} mt="sm" mb={6}>
        <AnchorLink to="/o/$org/services/$service/roles/$role" params={{ org, service, role }} search={{ ...range }}>
          {role}
        </AnchorLink>
      </Title>
      {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data && shown.length === 0 && (
        <Text size="sm" c="dimmed">
          {m.noneOfThese}
        </Text>
      )}
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 4 }} spacing="sm" verticalSpacing="sm">
        {shown.map((graph) => (
          <RoleGraphCard
            key={graph.name}
            service={service}
            role={role}
            graph={graph}
            range={range}
            onZoom={onZoom}
            show="auto"
            isStacked
            height={150}
            titleOrder={4}
            fullTitle={`${role}: ${titleOf(graph)}`}
          />
        ))}
      </SimpleGrid>
    </section>
  );
}
