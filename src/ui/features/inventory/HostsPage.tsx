import { Button } from "@mantine/core";
import { IconPlus, IconServer2 } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { listHosts } from "#wire/inventory";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import type { Sort } from "#kit/table-model";
import { DataTable } from "../../kit/DataTable.tsx";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { BulkBar } from "./BulkBar.tsx";
import { useHostColumns } from "./host-columns.tsx";
import { HostFilters } from "./HostFilters.tsx";
import { hostName } from "./host-name.ts";
import { hostsPageSize, hostsQuery, isFiltered, type HostsSearch } from "./hosts-search.ts";
import { InstallDialog } from "./InstallDialog.tsx";
import { InstallSteps } from "./InstallSteps.tsx";
import { messages } from "./messages.ts";

/** Figures in the list are as fresh as the agents' posts. */
const refreshEvery = 60_000;

/** The host list: thousands of hosts, paged, searched and filtered on the server. */
export function HostsPage() {
  const m = useMessages(messages);
  const format = useFormat();
  const call = useCall();
  const org = useOrganisation().name;
  const mayRegister = useMay("host.register");
  const mayChange = useMay("host.change");
  const search = useSearch({ from: "/signed-in/o/$org/hosts" });
  const navigate = useNavigate({ from: "/o/$org/hosts" });
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [isAdding, setAdding] = useState(false);
  const columns = useHostColumns();
  const query = hostsQuery(search);
  const { data, error, refetch, isPlaceholderData } = useQuery({
    queryKey: [org, "hosts", query],
    queryFn: ({ signal }) => call(listHosts, { params: { org }, query }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: refreshEvery,
  });
  const change = (part: Partial<HostsSearch>): void => {
    void navigate({ search: { ...search, page: undefined, ...part }, replace: "text" in part });
  };
  const isEmptyOrganisation = data?.total === 0 && !isFiltered(search);
  const emptyState = isFiltered(search) ? (
    <EmptyState title={search.retired === "only" && search.text === undefined ? m.noRetired : m.nothingMatches}>
      <Button variant="default" onClick={() => void navigate({ search: {} })}>
        {m.clearFilters}
      </Button>
    </EmptyState>
  ) : (
    <EmptyState title={m.noHosts} hint={m.noHostsHint} icon={<IconServer2 aria-hidden size={36} />}>
      {mayRegister && <InstallSteps />}
    </EmptyState>
  );
  return (
    <>
      <PageHeader title={m.hosts}>
        {mayRegister && !isEmptyOrganisation && (
          <Button leftSection={<IconPlus aria-hidden size={18} />} onClick={() => setAdding(true)}>
            {m.addHost}
          </Button>
        )}
      </PageHeader>
      {!isEmptyOrganisation && <HostFilters search={search} counts={data?.counts} onChange={change} />}
      {selected.size > 0 && <BulkBar selected={selected} hosts={data?.hosts ?? []} onClear={() => setSelected(new Set())} />}
      <DataTable
        caption={`${m.hosts}: ${m.hostsCount({ count: format.count(data?.total ?? 0) })}`}
        columns={columns}
        rows={data?.hosts}
        rowKey={(host) => host.id}
        rowLabel={hostName}
        error={error}
        onRetry={() => void refetch()}
        empty={emptyState}
        isRefreshing={isPlaceholderData}
        sort={sortOf(search)}
        onSort={(sort) => change({ sort: sort.by === "lastSeen" ? "lastSeen" : undefined, order: sort.isDescending ? "desc" : undefined })}
        {...(mayChange && search.retired !== "only" ? { selection: { keys: selected, onChange: setSelected } } : {})}
        csvName={m.hosts}
        {...(data
          ? {
              paging: {
                page: search.page ?? 1,
                pageSize: hostsPageSize,
                total: data.total,
                onPage: (page: number) => void navigate({ search: { ...search, page: page === 1 ? undefined : page } }),
              },
            }
          : {})}
      />
      {isAdding && <InstallDialog onClose={() => setAdding(false)} />}
    </>
  );
}

const sortOf = ({ sort, order }: HostsSearch): Sort => ({ by: sort ?? "name", isDescending: order === "desc" });
