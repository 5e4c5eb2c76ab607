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
  const mayRegister = useMay("host.register");
  const { search, result, change } = useHostList();
  const [isAdding, setAdding] = useState(false);
  const isEmptyOrganisation = result.data?.total === 0 && !isFiltered(search);
  return (
    <>
      <PageHeader title={m.hosts}>
        {mayRegister && !isEmptyOrganisation && (
          <Button leftSection={<IconPlus aria-hidden size={18} />} onClick={() => setAdding(true)}>
            {m.addHost}
          </Button>
        )}
      </PageHeader>
      {!isEmptyOrganisation && <HostFilters search={search} counts={result.data?.counts} onChange={change} />}
      <HostsTable />
      {isAdding && <InstallDialog onClose={() => setAdding(false)} />}
    </>
  );
}

/** The list that the address asks for. Used twice on the page, asked once. */
function useHostList() {
  const call = useCall();
  const org = useOrganisation().name;
  const search = useSearch({ from: "/signed-in/o/$org/hosts" });
  const navigate = useNavigate({ from: "/o/$org/hosts" });
  const query = hostsQuery(search);
  const result = useQuery({
    queryKey: [org, "hosts", query],
    queryFn: ({ signal }) => call(listHosts, { params: { org }, query }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: refreshEvery,
  });
  const change = (part: Partial<HostsSearch>): void =>
    void navigate({ search: { ...search, page: undefined, ...part }, replace: "text" in part });
  const clear = (): void => void navigate({ search: {} });
  return { search, result, change, clear };
}

function HostsTable() {
  const m = useMessages(messages);
  const format = useFormat();
  const mayChange = useMay("host.change");
  const columns = useHostColumns();
  const { search, result, change } = useHostList();
  const { data } = result;
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const isSelectable = mayChange && search.retired !== "only";
  const paging = data && {
    page: search.page ?? 1,
    pageSize: hostsPageSize,
    total: data.total,
    onPage: (page: number) => change({ page: page === 1 ? undefined : page }),
  };
  return (
    <>
      {selected.size > 0 && <BulkBar selected={selected} hosts={data?.hosts ?? []} onClear={() => setSelected(new Set())} />}
      <DataTable
        caption={`${m.hosts}: ${m.hostsCount({ count: format.count(data?.total ?? 0) })}`}
        columns={columns}
        rows={data?.hosts}
        rowKey={(host) => host.id}
        rowLabel={hostName}
        error={result.error}
        onRetry={() => void result.refetch()}
        empty={<NoHosts />}
        isRefreshing={result.isPlaceholderData}
        sort={sortOf(search)}
        onSort={(sort) => change({ sort: sort.by === "lastSeen" ? "lastSeen" : undefined, order: sort.isDescending ? "desc" : undefined })}
        {...(isSelectable ? { selection: { keys: selected, onChange: setSelected } } : {})}
        csvName={m.hosts}
        {...(paging ? { paging } : {})}
      />
    </>
  );
}

/** Nothing matches, or there is no host at all: then how to get one. */
function NoHosts() {
  const m = useMessages(messages);
  const mayRegister = useMay("host.register");
  const { search, clear } = useHostList();
  if (!isFiltered(search)) {
    return (
      <EmptyState title={m.noHosts} hint={m.noHostsHint} icon={<IconServer2 aria-hidden size={36} />}>
        {mayRegister && <InstallSteps />}
      </EmptyState>
    );
  }
  const { text, service, retired, connectivity } = search;
  const isNarrower = text !== undefined || service !== undefined;
  const title = isNarrower ? m.nothingMatches : retired === "only" ? m.noRetired : connectivity ? m.noSilent : m.nothingMatches;
  return (
    <EmptyState title={title}>
      <Button variant="default" onClick={clear}>
        {m.clearFilters}
      </Button>
    </EmptyState>
  );
}

const sortOf = ({ sort, order }: HostsSearch): Sort => ({ by: sort ?? "name", isDescending: order === "desc" });
