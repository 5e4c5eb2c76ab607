import { Group, Switch, Text, Title } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { changeRole, deleteRole, getService } from "#wire/services";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import type { RangeSearch } from "#kit/range";
import { useMay, useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { AnchorLink, ButtonLink } from "../../kit/links.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { RoutePending } from "../../kit/RouteStates.tsx";
import { TimeRangePicker } from "../../kit/TimeRangePicker.tsx";
import { AnnotatedGraphs } from "../dashboards/AnnotatedGraphs.tsx";
import { messages as graphMessages } from "../metrics/messages.ts";
import { RoleGraphs } from "../metrics/RoleGraphs.tsx";
import { useShownHosts } from "../metrics/use-role-graphs.ts";
import { MetadataSection } from "./MetadataSection.tsx";
import { NoDataDialog } from "./NoDataDialog.tsx";
import { OwnerActions } from "./OwnerActions.tsx";
import { RoleMembers } from "./RoleMembers.tsx";
import { messages } from "./service-messages.ts";
import { useRoleMetadata } from "./use-metadata.ts";

/** One role: graphs over all its hosts, and who they are and were. */
export function RolePage() {
  const m = useMessages(messages);
  const graphs = useMessages(graphMessages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const mayChange = useMay("service.change");
  const { service, role: name } = useParams({ from: "/signed-in/o/$org/services/$service/roles/$role" });
  const { show, ...range } = useSearch({ from: "/signed-in/o/$org/services/$service/roles/$role" });
  const navigate = useNavigate({ from: "/o/$org/services/$service/roles/$role" });
  const metadata = useRoleMetadata(service, name);
  const hosts = useShownHosts({ service, role: name }, range, show ?? "auto", (next) => {
    void navigate({ search: { ...range, show: next === "all" ? "all" : undefined } });
  });
  const { data, error, refetch } = useQuery({
    queryKey: [org, "service", service],
    queryFn: ({ signal }) => call(getService, { params: { org, service } }, signal),
  });
  if (error && !data) return <ErrorState title={m.serviceMissing} error={error} onRetry={() => void refetch()} />;
  if (!data) return <RoutePending />;
  const role = data.roles.find((one) => one.name === name);
  if (!role) return <EmptyState title={m.roleMissing} isPage />;

  const params = { org, service, role: name };
  const setRange = (next: RangeSearch): void => void navigate({ search: { ...next, show } });
  const saveMemo = async (memo: string): Promise<void> => {
    await call(changeRole, { params, body: { memo } });
    await client.invalidateQueries({ queryKey: [org, "service", service] });
  };
  const remove = async (): Promise<void> => {
    await call(deleteRole, { params });
    toasts.show({ text: m.deleted({ name }) });
    await navigate({ to: "/o/$org/services/$service", params: { org, service } });
    await client.invalidateQueries({ queryKey: [org, "service", service] });
  };
  return (
    <>
      <PageHeader
        title={`${service}: ${name}`}
        crumbs={[
          <AnchorLink key="services" to="/o/$org/services" params={{ org }} size="sm">
            {m.services}
          </AnchorLink>,
          <AnchorLink key="service" to="/o/$org/services/$service" params={{ org, service }} size="sm">
            {service}
          </AnchorLink>,
        ]}
      >
        <ButtonLink variant="default" to="/o/$org/hosts" params={{ org }} search={{ service, role: name }}>
          {m.showHosts}
        </ButtonLink>
        {mayChange && (
          <OwnerActions
            name={name}
            memo={role.memo}
            onMemo={saveMemo}
            more={{
              label: m.noData,
              icon: <IconPlugConnectedX aria-hidden size={16} />,
              dialog: (close) => <NoDataDialog service={service} role={role} onClose={close} />,
            }}
            removal={{ label: m.deleteRole, title: m.deleteRoleTitle({ name }), text: m.deleteRoleText, onConfirm: remove }}
          />
        )}
      </PageHeader>
      {role.memo !== "" && (
        <Text size="sm" mb="md" style={{ whiteSpace: "pre-wrap" }} maw="60rem">
          {role.memo}
        </Text>
      )}
      <Group justify={hosts.hasChoice ? "space-between" : "flex-end"} mb="sm">
        {hosts.hasChoice && (
          <Switch
            label={graphs.showAll}
            description={graphs.showAllHint}
            checked={hosts.show === "all"}
            onChange={(event) => hosts.choose(event.currentTarget.checked ? "all" : "auto")}
          />
        )}
        <TimeRangePicker value={range} onChange={setRange} />
      </Group>
      <Title order={2} mb="xs">
        {graphs.graphs}
      </Title>
      <AnnotatedGraphs service={service} roles={data.roles.map((one) => one.name)} role={name} range={range} onZoom={setRange}>
        <RoleGraphs service={service} role={name} range={range} onZoom={setRange} show={hosts.show} />
      </AnnotatedGraphs>
      <RoleMembers service={service} role={name} />
      <MetadataSection owner={metadata} isHiddenWhenEmpty />
    </>
  );
}
