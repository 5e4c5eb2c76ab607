import { Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { unixMs } from "#base/duration";
import { listReporters, type Reporter } from "#wire/reporters";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { Dash, TimeCell } from "../../kit/cells.tsx";
import { DataTable } from "../../kit/DataTable.tsx";
import { messages } from "./messages.ts";

/** What reports for a host, each with when it was heard of last; nothing when nothing ever did. */
export function Reporters({ id }: { readonly id: string }) {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const { data, error, refetch } = useQuery({
    queryKey: [org, "host", id, "reporters"],
    queryFn: ({ signal }) => call(listReporters, { params: { org, id } }, signal),
    refetchInterval: 60_000,
  });
  if (!error && (data === undefined || data.reporters.length === 0)) return undefined;
  const kinds: Readonly<Record<Reporter["kind"], string>> = {
    agent: m.reporterAgent,
    zabbix: m.reporterZabbix,
    prometheus: m.reporterPrometheus,
    otlp: m.reporterOtlp,
    scrape: m.reporterScrape,
  };
  const columns: readonly Column<Reporter>[] = [
    { key: "kind", header: m.reporterKind, isRowHeader: true, cell: (one) => kinds[one.kind] },
    { key: "name", header: m.reporterName, cell: (one) => one.name || <Dash /> },
    { key: "at", header: m.lastSeen, cell: (one) => <TimeCell at={unixMs(one.lastSeenAt)} /> },
  ];
  return (
    <section aria-label={m.reporters}>
      <Title order={2} size="h3" mb="xs">
        {m.reporters}
      </Title>
      <DataTable
        caption={m.reporters}
        columns={columns}
        rows={data?.reporters}
        rowKey={(one) => `${one.kind} ${one.name}`}
        error={error}
        onRetry={() => void refetch()}
        empty={undefined}
      />
    </section>
  );
}
