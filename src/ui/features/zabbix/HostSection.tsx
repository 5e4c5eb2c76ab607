import { Button, Stack, Text } from "@mantine/core";
import { IconServer2 } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { unixMs } from "#base/duration";
import { listZabbixHosts, type ZabbixHost } from "#wire/zabbix";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { Dash, HostCell, StateCell, TimeCell } from "../../kit/cells.tsx";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { SearchField } from "../../kit/SearchField.tsx";
import { clockState } from "./agent-lines.ts";
import { messages } from "./messages.ts";
import { PageSection } from "../../kit/PageSection.tsx";
import { UnsupportedDialog } from "./UnsupportedDialog.tsx";
import { refreshEvery } from "./use-zabbix.ts";

const pageSize = 50;

/** The hosts that report, how fresh, and what of their values was left out. */
export function HostSection() {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const [page, setPage] = useState(1);
  const [text, setText] = useState("");
  const [shown, setShown] = useState<ZabbixHost>();
  const columns = useHostColumns(setShown);
  const query = { limit: pageSize, offset: (page - 1) * pageSize, ...(text === "" ? {} : { text }) };
  const { data, error, refetch, isPlaceholderData } = useQuery({
    queryKey: [org, "zabbix", "hosts", query],
    queryFn: ({ signal }) => call(listZabbixHosts, { params: { org }, query }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: refreshEvery,
  });
  const search = (words: string): void => {
    setText(words);
    setPage(1);
  };
  const none = text === "" ? <NoHosts /> : <NothingThere>{m.noMatch}</NothingThere>;
  return (
    <PageSection title={m.hosts}>
      {(text !== "" || (data?.total ?? 0) > 0) && <SearchField value={text} onChange={search} label={m.search} />}
      <DataTable
        caption={m.hosts}
        columns={columns}
        rows={data?.hosts}
        rowKey={(host) => host.name}
        error={error}
        onRetry={() => void refetch()}
        empty={none}
        isRefreshing={isPlaceholderData}
        {...(data && data.total > pageSize ? { paging: { page, pageSize, total: data.total, onPage: setPage } } : {})}
      />
      {shown && <UnsupportedDialog host={shown} onClose={() => setShown(undefined)} />}
    </PageSection>
  );
}

function NoHosts() {
  const m = useMessages(messages);
  return <EmptyState title={m.noHosts} hint={m.noHostsHint} icon={<IconServer2 aria-hidden size={32} />} />;
}

function useHostColumns(onShow: (host: ZabbixHost) => void): readonly Column<ZabbixHost>[] {
  const m = useMessages(messages);
  const org = useOrganisation().name;
  return [
    { key: "host", header: m.host, isRowHeader: true, cell: (host) => <HostCell org={org} id={host.hostId} name={host.name} /> },
    { key: "agent", header: m.agent, cell: (host) => [m[`agent-${host.agent}`], host.version].filter(Boolean).join(" ") },
    { key: "encryption", header: m.encryption, cell: (host) => host.pskIdentity ?? m.plain },
    { key: "address", header: m.address, cell: (host) => host.address },
    {
      key: "seen",
      header: m.seen,
      cell: (host) => (
        <Stack gap={2} align="flex-start">
          <TimeCell at={unixMs(host.lastSeenAt)} />
          {host.isHeartbeatLate === true && <StateCell tone="bad" label={m.lateHeartbeat} />}
        </Stack>
      ),
    },
    { key: "clock", header: m.clock, cell: (host) => <ClockCell offset={host.clockOffset} /> },
    { key: "problems", header: m.problems, cell: (host) => <LeftOut host={host} onShow={onShow} /> },
  ];
}

function ClockCell({ offset }: { readonly offset: number | undefined }) {
  const m = useMessages(messages);
  const format = useFormat();
  if (offset === undefined) return <Dash />;
  const state = clockState(offset);
  if (state.kind === "right") return m.clockRight;
  const time = m[state.unit]({ count: format.count(state.amount) });
  return <StateCell tone="attention" label={state.kind === "ahead" ? m.clockAhead({ time }) : m.clockBehind({ time })} />;
}

function LeftOut({ host, onShow }: { readonly host: ZabbixHost; readonly onShow: (host: ZabbixHost) => void }) {
  const m = useMessages(messages);
  const format = useFormat();
  const { unsupported, lateValues, textValues } = host;
  if (unsupported.length + lateValues + textValues === 0) {
    return (
      <Text span c="dimmed" inherit>
        {m.none}
      </Text>
    );
  }
  const items = m.unsupported({ count: format.count(unsupported.length), n: unsupported.length });
  return (
    <Stack gap={2} align="flex-start">
      {unsupported.length > 0 && (
        <Button size="compact-sm" variant="default" aria-label={`${items}: ${host.name}`} onClick={() => onShow(host)}>
          {items}
        </Button>
      )}
      {lateValues > 0 && <span>{m.late({ count: format.count(lateValues) })}</span>}
      {textValues > 0 && <span>{m.texts({ count: format.count(textValues), n: textValues })}</span>}
    </Stack>
  );
}
