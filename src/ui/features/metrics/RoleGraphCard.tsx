import { Menu, Text } from "@mantine/core";
import { IconChartAreaLine, IconChartLine } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { roleData } from "#base/chart/graph-data";
import { readRoleSeries, type RoleGraph } from "#wire/metrics";
import type { GraphTarget } from "#wire/sharing";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useLanguage, useMessages } from "#kit/messages";
import type { RangeSearch } from "#kit/range";
import { useOrganisation } from "#kit/session";
import { TargetChart } from "../sharing/TargetChart.tsx";
import { useGraphTitle } from "./graph-title.ts";
import { useWasSeen, type Placing } from "./GraphCard.tsx";
import { messages } from "./messages.ts";
import { bucketsPerGraph, usePoints } from "./use-points.ts";

export interface RoleGraphCardProps extends Placing {
  readonly service: string;
  readonly role: string;
  readonly graph: RoleGraph;
  readonly range: RangeSearch;
  readonly onZoom: (range: RangeSearch) => void;
  /** `all` draws every host however many there are. */
  readonly show: "auto" | "all";
  /** How the graph begins; as it is by itself when absent. */
  readonly isStacked?: boolean;
}

/** One figure over the hosts of a role, on top of each other or beside each other. */
export function RoleGraphCard({ service, role, graph, range, onZoom, show, isStacked: begins, ...placing }: RoleGraphCardProps) {
  const m = useMessages(messages);
  const format = useFormat();
  const call = useCall();
  const org = useOrganisation().name;
  const titleOf = useGraphTitle();
  const { language } = useLanguage();
  const { ref, wasSeen } = useWasSeen();
  const [isStacked, setStacked] = useState(begins ?? graph.isStacked);
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
  const data = useMemo(() => columns && roleData(columns, isStacked, language), [columns, isStacked, language]);
  const target: GraphTarget = {
    kind: "role",
    service,
    role,
    graph: graph.name,
    ...(isStacked === graph.isStacked ? {} : { isStacked }),
    ...(show === "all" ? { show } : {}),
  };
  const switchItem = (
    <Menu.Item
      leftSection={isStacked ? <IconChartLine aria-hidden size={16} /> : <IconChartAreaLine aria-hidden size={16} />}
      onClick={() => setStacked((now) => !now)}
    >
      {isStacked ? m.asLines : m.asStack}
    </Menu.Item>
  );
  return (
    <div ref={ref}>
      <TargetChart
        height={220}
        {...placing}
        target={target}
        range={range}
        ownMenu={switchItem}
        title={titleOf(graph)}
        data={data}
        kind={isStacked ? "stacked" : "line"}
        unit={graph.unit}
        span={span}
        onZoom={onZoom}
        error={error}
        onRetry={refetch}
      >
        {columns?.summary !== undefined && (
          <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
            {m.simplified({ count: format.count(columns.members) })}
          </Text>
        )}
      </TargetChart>
    </div>
  );
}
