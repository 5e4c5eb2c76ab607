import { Button, Group } from "@mantine/core";
import { IconPlus, IconStack2 } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { listServices, type Service } from "#wire/services";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { AnchorLink } from "../../kit/links.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { SearchField } from "../../kit/SearchField.tsx";
import { CreateServiceDialog } from "./CreateServiceDialog.tsx";
import { messages } from "./service-messages.ts";

const pageSize = 50;

/** All services with their roles. */
export function ServicesPage() {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const mayChange = useMay("service.change");
  const { text = "" } = useSearch({ from: "/signed-in/o/$org/services" });
  const navigate = useNavigate({ from: "/o/$org/services" });
  const [page, setPage] = useState(1);
  const [isCreating, setCreating] = useState(false);
  const columns = useServiceColumns();
  const query = { limit: pageSize, offset: (page - 1) * pageSize, ...(text === "" ? {} : { text }) };
  const { data, error, refetch } = useQuery({
    queryKey: [org, "services", query],
    queryFn: ({ signal }) => call(listServices, { params: { org }, query }, signal),
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
      <PageHeader title={m.services} intro={m.intro}>
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
        caption={m.services}
        columns={columns}
        rows={data?.services}
        rowKey={(service) => service.name}
        error={error}
        onRetry={() => void refetch()}
        empty={
          text === "" ? (
            <EmptyState title={m.none} hint={m.noneHint} icon={<IconStack2 aria-hidden size={36} />}>
              {createButton}
            </EmptyState>
          ) : (
            <NothingThere>{m.noMatch}</NothingThere>
          )
        }
        csvName={m.services}
        {...(data ? { paging: { page, pageSize, total: data.total, onPage: setPage } } : {})}
      />
      {isCreating && <CreateServiceDialog onClose={() => setCreating(false)} />}
    </>
  );
}

function useServiceColumns(): readonly Column<Service>[] {
  const m = useMessages(messages);
  const format = useFormat();
  const org = useOrganisation().name;
  return [
    {
      key: "name",
      header: m.service,
      isRowHeader: true,
      csv: (service) => service.name,
      cell: (service) => (
        <AnchorLink to="/o/$org/services/$service" params={{ org, service: service.name }} size="sm" fw={500}>
          {service.name}
        </AnchorLink>
      ),
    },
    {
      key: "roles",
      header: m.roles,
      csv: (service) => service.roles.map((role) => role.name).join(" "),
      cell: (service) => (
        <Group gap="2px 12px">
          {service.roles.map((role) => (
            <AnchorLink
              key={role.name}
              to="/o/$org/services/$service/roles/$role"
              params={{ org, service: service.name, role: role.name }}
              size="sm"
            >
              {`${role.name} (${format.count(role.hosts)})`}
            </AnchorLink>
          ))}
        </Group>
      ),
    },
    { key: "hosts", header: m.hosts, align: "end", csv: (service) => service.hosts, cell: (service) => format.count(service.hosts) },
    { key: "memo", header: m.memo, csv: (service) => service.memo, cell: (service) => service.memo },
  ];
}
