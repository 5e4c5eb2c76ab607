import { useQuery } from "@tanstack/react-query";
import type { ResponseOf } from "#wire/contract";
import { listHostMonitors } from "#wire/monitors";
import { monitorTypes } from "#wire/monitor-settings";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { AnchorLink } from "../../kit/links.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { AlertStatusBadge } from "../incidents/AlertStatusBadge.tsx";
import { messages } from "./messages.ts";
import { typeMessages } from "./type-messages.ts";

type HostMonitor = ResponseOf<typeof listHostMonitors>["monitors"][number];

/** What watches a host, and what it says now. */
export function HostMonitors({ hostId }: { readonly hostId: string }) {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const columns = useColumns();
  const { data, error, refetch } = useQuery({
    queryKey: [org, "host", hostId, "monitors"],
    queryFn: ({ signal }) => call(listHostMonitors, { params: { org, id: hostId } }, signal),
    refetchInterval: 60_000,
  });
  return (
    <PageSection
      title={m.watchedBy}
      hint={m.watchedByHint}
      actions={
        <AnchorLink to="/o/$org/alerts" params={{ org }} search={{ host: hostId, state: "all" }} size="sm">
          {m.hostAlerts}
        </AnchorLink>
      }
    >
      <DataTable
        caption={m.watchedBy}
        columns={columns}
        rows={data?.monitors}
        rowKey={(monitor) => monitor.id}
        error={error}
        onRetry={() => void refetch()}
        empty={<NothingThere>{m.notWatched}</NothingThere>}
      />
    </PageSection>
  );
}

function useColumns(): readonly Column<HostMonitor>[] {
  const m = useMessages(messages);
  const names = useMessages(typeMessages);
  const org = useOrganisation().name;
  return [
    {
      key: "name",
      header: m.name,
      isRowHeader: true,
      csv: ({ name }) => name,
      cell: ({ id, name }) => (
        <AnchorLink to="/o/$org/monitors/$id" params={{ org, id }} size="sm" fw={500}>
          {name}
        </AnchorLink>
      ),
    },
    { key: "status", header: m.status, csv: ({ status }) => status, cell: ({ status }) => <AlertStatusBadge status={status} /> },
    {
      key: "type",
      header: m.type,
      csv: ({ type }) => type,
      cell: ({ type }) => {
        const known = monitorTypes.find((one) => one === type);
        return known ? names[known] : type;
      },
    },
  ];
}
