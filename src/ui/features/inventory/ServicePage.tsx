import { Button, Group, Text, Title } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { changeService, deleteService, getService, type Role } from "#wire/services";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import type { RangeSearch } from "#kit/range";
import { useMay, useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { useToasts } from "#kit/toasts";
import { DataTable } from "../../kit/DataTable.tsx";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { AnchorLink } from "../../kit/links.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { RoutePending } from "../../kit/RouteStates.tsx";
import { TimeRangePicker } from "../../kit/TimeRangePicker.tsx";
import { AnnotatedGraphs } from "../dashboards/AnnotatedGraphs.tsx";
import { NameReading } from "../speech/NameReading.tsx";
import { messages as speechMessages } from "../speech/messages.ts";
import { QuietMenu } from "../downtimes/QuietMenu.tsx";
import { GraphSections } from "../metrics/GraphSections.tsx";
import { ServiceRoleGraphs, usualRoleGraphs } from "../metrics/ServiceRoleGraphs.tsx";
import { CreateServiceDialog } from "./CreateServiceDialog.tsx";
import { MetadataSection } from "./MetadataSection.tsx";
import { OwnerActions } from "./OwnerActions.tsx";
import { messages } from "./service-messages.ts";
import { useServiceMetadata } from "./use-metadata.ts";

/** One service: its roles and its own metrics. */
export function ServicePage() {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const mayChange = useMay("service.change");
  const { service: name } = useParams({ from: "/signed-in/o/$org/services/$service" });
  const { graphs, ...range } = useSearch({ from: "/signed-in/o/$org/services/$service" });
  const navigate = useNavigate({ from: "/o/$org/services/$service" });
  const [isAdding, setAdding] = useState(false);
  const columns = useRoleColumns(name);
  const metadata = useServiceMetadata(name);
  const speech = useMessages(speechMessages);
  const params = { org, service: name };
  const { data, error, refetch } = useQuery({
    queryKey: [org, "service", name],
    queryFn: ({ signal }) => call(getService, { params }, signal),
  });
  if (error && !data) return <ErrorState title={m.serviceMissing} error={error} onRetry={() => void refetch()} />;
  if (!data) return <RoutePending />;

  const setRange = (next: RangeSearch): void => void navigate({ search: { ...next, graphs } });
  const saveMemo = async (memo: string): Promise<void> => {
    await call(changeService, { params, body: { memo } });
    await client.invalidateQueries({ queryKey: [org, "service", name] });
  };
  const remove = async (): Promise<void> => {
    await call(deleteService, { params });
    toasts.show({ text: m.deleted({ name }) });
    await navigate({ to: "/o/$org/services", params: { org } });
    await client.invalidateQueries({ queryKey: [org, "services"] });
  };
  const addButton = mayChange && (
    <Button variant="default" size="compact-md" leftSection={<IconPlus aria-hidden size={16} />} onClick={() => setAdding(true)}>
      {m.addRole}
    </Button>
  );
  return (
    <>
      <PageHeader
        title={name}
        crumbs={
          <AnchorLink to="/o/$org/services" params={{ org }} size="sm">
            {m.services}
          </AnchorLink>
        }
      >
        <QuietMenu name={name} of={{ service: name }} />
        {mayChange && (
          <OwnerActions
            name={name}
            memo={data.memo}
            onMemo={saveMemo}
            removal={{ label: m.deleteService, title: m.deleteServiceTitle({ name }), text: m.deleteServiceText, onConfirm: remove }}
          />
        )}
      </PageHeader>
      {data.memo !== "" && (
        <Text size="sm" mb="md" style={{ whiteSpace: "pre-wrap" }} maw="60rem">
          {data.memo}
        </Text>
      )}
      <Group gap={6} mb="md">
        <Text size="sm" c="dimmed">
          {speech.inCalls}
        </Text>
        <NameReading kind="service" name={name} />
      </Group>
      <Group justify="space-between" mb="xs">
        <Title order={2}>{m.roles}</Title>
        {data.roles.length > 0 && addButton}
      </Group>
      <DataTable
        caption={m.roles}
        columns={columns}
        rows={data.roles}
        rowKey={(role) => role.name}
        empty={
          <EmptyState title={m.noRoles} hint={m.noRolesHint}>
            {addButton}
          </EmptyState>
        }
      />
      <Group justify="flex-end" mt="lg">
        <TimeRangePicker value={range} onChange={setRange} />
      </Group>
      <AnnotatedGraphs service={name} roles={data.roles.map((role) => role.name)} range={range} onZoom={setRange}>
        {data.roles.length > 0 && (
          <ServiceRoleGraphs
            service={name}
            roles={data.roles.map((role) => role.name)}
            range={range}
            onZoom={setRange}
            chosen={graphs === undefined ? usualRoleGraphs : graphs.split(",")}
            onChoose={(chosen) => void navigate({ search: { ...range, graphs: chosen.length === 0 ? undefined : chosen.join(",") } })}
          />
        )}
        <GraphSections owner={{ service: name }} range={range} onZoom={setRange} />
      </AnnotatedGraphs>
      <MetadataSection owner={metadata} isHiddenWhenEmpty />
      {isAdding && <CreateServiceDialog service={name} onClose={() => setAdding(false)} />}
    </>
  );
}

function useRoleColumns(service: string): readonly Column<Role>[] {
  const m = useMessages(messages);
  const format = useFormat();
  const org = useOrganisation().name;
  return [
    {
      key: "name",
      header: m.role,
      isRowHeader: true,
      sortValue: (role) => role.name,
      cell: (role) => (
        <AnchorLink to="/o/$org/services/$service/roles/$role" params={{ org, service, role: role.name }} size="sm" fw={500}>
          {role.name}
        </AnchorLink>
      ),
    },
    { key: "hosts", header: m.hosts, align: "end", sortValue: (role) => role.hosts, cell: (role) => format.count(role.hosts) },
    { key: "memo", header: m.memo, cell: (role) => role.memo },
  ];
}
