import { ActionIcon, Button, Menu, Text, VisuallyHidden } from "@mantine/core";
import { IconDots, IconEdit, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { changeDashboard, deleteDashboard, getDashboard, type Dashboard } from "#wire/dashboards";
import { useCall } from "#kit/call";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { AnchorLink } from "../../kit/links.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { RoutePending } from "../../kit/RouteStates.tsx";
import { TimeRangePicker } from "../../kit/TimeRangePicker.tsx";
import { DashboardDialog } from "./DashboardDialog.tsx";
import { DashboardEditor } from "./DashboardEditor.tsx";
import { messages } from "./messages.ts";
import { WidgetGrid } from "./WidgetGrid.tsx";

/** One dashboard, to look at and to edit. */
export function DashboardPage() {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const mayChange = useMay("dashboard.change");
  const { id } = useParams({ from: "/signed-in/o/$org/dashboards/$id" });
  const range = useSearch({ from: "/signed-in/o/$org/dashboards/$id" });
  const navigate = useNavigate({ from: "/o/$org/dashboards/$id" });
  const [isEditing, setEditing] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: [org, "dashboard", id],
    queryFn: ({ signal }) => call(getDashboard, { params: { org, id } }, signal),
  });
  if (error && !data) return <ErrorState title={m.missing} error={error} onRetry={() => void refetch()} />;
  if (!data) return <RoutePending />;
  const setRange = (search: typeof range): void => void navigate({ search });
  const editButton = mayChange && !isEditing && (
    <Button variant="default" leftSection={<IconEdit aria-hidden size={16} />} onClick={() => setEditing(true)}>
      {m.edit}
    </Button>
  );
  return (
    <>
      <PageHeader
        title={data.title}
        crumbs={
          <AnchorLink to="/o/$org/dashboards" params={{ org }} size="sm">
            {m.dashboards}
          </AnchorLink>
        }
      >
        <TimeRangePicker value={range} onChange={setRange} />
        {editButton}
        {mayChange && !isEditing && <DashboardMenu dashboard={data} />}
      </PageHeader>
      {data.memo !== "" && (
        <Text size="sm" mb="md" style={{ whiteSpace: "pre-wrap" }} maw="60rem">
          {data.memo}
        </Text>
      )}
      <VisuallyHidden component="h2">{m.widgets}</VisuallyHidden>
      {isEditing ? (
        <DashboardEditor dashboard={data} range={range} onDone={() => setEditing(false)} />
      ) : data.widgets.length === 0 ? (
        <EmptyState title={m.empty} hint={m.emptyHint}>
          {editButton}
        </EmptyState>
      ) : (
        <WidgetGrid widgets={data.widgets} range={range} onZoom={setRange} />
      )}
    </>
  );
}

function DashboardMenu({ dashboard }: { readonly dashboard: Dashboard }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const navigate = useNavigate({ from: "/o/$org/dashboards/$id" });
  const org = useOrganisation().name;
  const [open, setOpen] = useState<"details" | "removal">();
  const close = (): void => setOpen(undefined);
  const { id, title, widgets, updatedAt } = dashboard;
  return (
    <>
      <Menu position="bottom-end" withArrow>
        <Menu.Target>
          <ActionIcon variant="default" size="input-sm" aria-label={m.actionsOf({ title })}>
            <IconDots aria-hidden size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconEdit aria-hidden size={16} />} onClick={() => setOpen("details")}>
            {m.details}
          </Menu.Item>
          <Menu.Item c="var(--mantine-color-error)" leftSection={<IconTrash aria-hidden size={16} />} onClick={() => setOpen("removal")}>
            {m.delete}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {open === "details" && (
        <DashboardDialog
          heading={m.details}
          action={kit.save}
          dashboard={dashboard}
          onSave={async (details) => {
            const saved = await call(changeDashboard, { params: { org, id }, body: { ...details, widgets, basedOn: updatedAt } });
            client.setQueryData([org, "dashboard", id], saved);
            toasts.show({ text: m.saved });
          }}
          onClose={close}
        />
      )}
      {open === "removal" && (
        <ConfirmDialog
          title={m.deleteTitle({ title })}
          text={m.deleteText}
          action={m.delete}
          isDangerous
          onConfirm={async () => {
            await call(deleteDashboard, { params: { org, id } });
            toasts.show({ text: m.deleted({ title }) });
            await navigate({ to: "/o/$org/dashboards", params: { org } });
            await client.invalidateQueries({ queryKey: [org, "dashboards"] });
          }}
          onClose={close}
        />
      )}
    </>
  );
}
