import { Button } from "@mantine/core";
import { IconLayoutDashboard, IconPlus } from "@tabler/icons-react";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { unixMs } from "#base/duration";
import { createDashboard, listDashboards, type DashboardSummary } from "#wire/dashboards";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { useToasts } from "#kit/toasts";
import { TimeCell } from "../../kit/cells.tsx";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { AnchorLink } from "../../kit/links.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { SearchField } from "../../kit/SearchField.tsx";
import { DashboardDialog, type DashboardDetails } from "./DashboardDialog.tsx";
import { messages } from "./messages.ts";

const pageSize = 50;

/** All dashboards of the organisation. */
export function DashboardsPage() {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const mayChange = useMay("dashboard.change");
  const { text = "" } = useSearch({ from: "/signed-in/o/$org/dashboards" });
  const navigate = useNavigate({ from: "/o/$org/dashboards" });
  const [page, setPage] = useState(1);
  const [isCreating, setCreating] = useState(false);
  const columns = useColumns();
  const query = { limit: pageSize, offset: (page - 1) * pageSize, ...(text === "" ? {} : { text }) };
  const { data, error, refetch } = useQuery({
    queryKey: [org, "dashboards", query],
    queryFn: ({ signal }) => call(listDashboards, { params: { org }, query }, signal),
    placeholderData: keepPreviousData,
  });
  const createButton = mayChange && (
    <Button leftSection={<IconPlus aria-hidden size={18} />} onClick={() => setCreating(true)}>
      {m.create}
    </Button>
  );
  const isEmpty = data?.total === 0 && text === "";
  return (
    <>
      <PageHeader title={m.dashboards} intro={m.intro}>
        {!isEmpty && createButton}
      </PageHeader>
      {!isEmpty && (
        <SearchField
          label={m.search}
          value={text}
          onChange={(next) => {
            setPage(1);
            void navigate({ search: { text: next === "" ? undefined : next }, replace: true });
          }}
        />
      )}
      <DataTable
        caption={m.dashboards}
        columns={columns}
        rows={data?.dashboards}
        rowKey={(dashboard) => dashboard.id}
        error={error}
        onRetry={() => void refetch()}
        csvName={m.dashboards}
        empty={
          text === "" ? (
            <EmptyState title={m.none} hint={m.noneHint} icon={<IconLayoutDashboard aria-hidden size={36} />}>
              {createButton}
            </EmptyState>
          ) : (
            <NothingThere>{m.noMatch}</NothingThere>
          )
        }
        {...(data ? { paging: { page, pageSize, total: data.total, onPage: setPage } } : {})}
      />
      {isCreating && <CreateDialog onClose={() => setCreating(false)} />}
    </>
  );
}

function CreateDialog({ onClose }: { readonly onClose: () => void }) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const navigate = useNavigate({ from: "/o/$org/dashboards" });
  const org = useOrganisation().name;
  const create = async (details: DashboardDetails): Promise<void> => {
    const made = await call(createDashboard, { params: { org }, body: { ...details, widgets: [] } });
    toasts.show({ text: m.created({ title: made.title }) });
    client.setQueryData([org, "dashboard", made.id], made);
    void client.invalidateQueries({ queryKey: [org, "dashboards"] });
    await navigate({ to: "/o/$org/dashboards/$id", params: { org, id: made.id } });
  };
  return <DashboardDialog heading={m.create} action={m.create} onSave={create} onClose={onClose} />;
}

function useColumns(): readonly Column<DashboardSummary>[] {
  const m = useMessages(messages);
  const format = useFormat();
  const org = useOrganisation().name;
  return [
    {
      key: "title",
      header: m.title,
      isRowHeader: true,
      csv: (dashboard) => dashboard.title,
      cell: (dashboard) => (
        <AnchorLink to="/o/$org/dashboards/$id" params={{ org, id: dashboard.id }} size="sm" fw={500}>
          {dashboard.title}
        </AnchorLink>
      ),
    },
    { key: "path", header: m.urlPath, csv: (dashboard) => dashboard.urlPath, cell: (dashboard) => dashboard.urlPath },
    {
      key: "widgets",
      header: m.widgets,
      align: "end",
      csv: (dashboard) => dashboard.widgetCount,
      cell: (dashboard) => format.count(dashboard.widgetCount),
    },
    { key: "memo", header: m.memo, csv: (dashboard) => dashboard.memo, cell: (dashboard) => dashboard.memo },
    { key: "updated", header: m.updated, cell: (dashboard) => <TimeCell at={unixMs(dashboard.updatedAt)} /> },
  ];
}
