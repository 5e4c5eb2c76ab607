import { Group, Tabs, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { unixMs } from "#base/duration";
import { getHost } from "#wire/inventory";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import type { RangeSearch } from "#kit/range";
import { useOrganisation } from "#kit/session";
import { StateCell, TimeCell } from "../../kit/cells.tsx";
import { NothingThere } from "../../kit/DataTable.tsx";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { AnchorLink } from "../../kit/links.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { RoutePending } from "../../kit/RouteStates.tsx";
import { TimeRangePicker } from "../../kit/TimeRangePicker.tsx";
import { QuietMenu } from "../downtimes/QuietMenu.tsx";
import { messages as historyMessages } from "../ledger/messages.ts";
import { HistoryTable } from "../ledger/HistoryTable.tsx";
import { GraphSections } from "../metrics/GraphSections.tsx";
import { HostActions } from "./HostActions.tsx";
import { HostDetails } from "./HostDetails.tsx";
import { hostName } from "./host-name.ts";
import { hostTabs } from "./host-search.ts";
import { HostStateCell } from "./HostStateCell.tsx";
import { messages } from "./messages.ts";
import { RoleBadges } from "./RoleBadges.tsx";

/** One host: all its graphs, what is known about it, what was done to it. A retired one stays readable. */
export function HostPage() {
  const m = useMessages(messages);
  const history = useMessages(historyMessages);
  const format = useFormat();
  const call = useCall();
  const org = useOrganisation().name;
  const { id } = useParams({ from: "/signed-in/o/$org/hosts/$id" });
  const { tab = "graphs", ...range } = useSearch({ from: "/signed-in/o/$org/hosts/$id" });
  const navigate = useNavigate({ from: "/o/$org/hosts/$id" });
  const {
    data: host,
    error,
    refetch,
  } = useQuery({
    queryKey: [org, "host", id],
    queryFn: ({ signal }) => call(getHost, { params: { org, id } }, signal),
    refetchInterval: 60_000,
  });
  if (error && !host) return <ErrorState title={m.hostMissing} error={error} onRetry={() => void refetch()} />;
  if (!host) return <RoutePending />;
  const setRange = (next: RangeSearch): void => void navigate({ search: next });
  const setTab = (next: string | null): void => {
    const chosen = hostTabs.find((one) => one === next);
    void navigate({ search: { ...range, tab: chosen === "graphs" ? undefined : chosen }, replace: true });
  };
  return (
    <>
      <PageHeader
        title={hostName(host)}
        crumbs={
          <AnchorLink to="/o/$org/hosts" params={{ org }} size="sm">
            {m.hosts}
          </AnchorLink>
        }
        beside={<HostStateCell {...host} />}
      >
        {!host.isRetired && (
          <>
            <QuietMenu name={hostName(host)} of={{ host: id }} />
            <HostActions host={host} />
          </>
        )}
      </PageHeader>
      <Group gap="6px 20px" mb="sm">
        <RoleBadges roles={host.roles} />
        {host.ipAddress !== undefined && <Text size="sm">{host.ipAddress}</Text>}
        <Text size="sm" c="dimmed" component="span">
          {host.retiredAt === undefined ? `${m.lastSeen}: ` : m.retiredSince({ time: format.dateTime(unixMs(host.retiredAt)) })}
          {host.retiredAt === undefined && <TimeCell at={host.lastSeenAt === undefined ? undefined : unixMs(host.lastSeenAt)} />}
        </Text>
        {host.connectivity === "silent" && (
          <span title={m.silentHint}>
            <StateCell tone="bad" label={m.silent} />
          </span>
        )}
      </Group>
      {host.memo !== "" && (
        <Text size="sm" mb="sm" style={{ whiteSpace: "pre-wrap" }} maw="60rem">
          {host.memo}
        </Text>
      )}
      <Tabs value={tab} onChange={setTab} keepMounted={false}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="graphs">{m.graphs}</Tabs.Tab>
          <Tabs.Tab value="details">{m.details}</Tabs.Tab>
          <Tabs.Tab value="history">{m.historyTab}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="graphs">
          <Group justify="flex-end">
            <TimeRangePicker value={range} onChange={setRange} />
          </Group>
          <GraphSections owner={{ host: id }} range={range} onZoom={setRange} />
        </Tabs.Panel>
        <Tabs.Panel value="details">
          <HostDetails host={host} />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <HistoryTable search={{ object: `host:${id}` }} hidesObject empty={<NothingThere>{history.empty}</NothingThere>} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
