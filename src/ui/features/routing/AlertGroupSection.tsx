import { ActionIcon, Button, Menu } from "@mantine/core";
import { IconDots, IconEdit, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { deleteAlertGroupSetting, type AlertGroupSetting } from "#wire/routing";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { useToasts } from "#kit/toasts";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { DataTable } from "../../kit/DataTable.tsx";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { AlertGroupDialog } from "./AlertGroupDialog.tsx";
import { Lines } from "./GroupTable.tsx";
import { messages } from "./messages.ts";
import { useAlertGroupSettings, useNames, useRefreshGroups } from "./use-groups.ts";

/** Which alerts are told together. */
export function AlertGroupSection() {
  const m = useMessages(messages);
  const mayChange = useMay("channel.change");
  const columns = useColumns();
  const { data, error, refetch } = useAlertGroupSettings();
  const [isAdding, setAdding] = useState(false);
  const add = mayChange && (
    <Button variant="default" leftSection={<IconPlus aria-hidden size={18} />} onClick={() => setAdding(true)}>
      {m.addAlertGroup}
    </Button>
  );
  return (
    <PageSection title={m.alertGroups} hint={m.alertGroupsHint} actions={data && data.settings.length > 0 && add}>
      <DataTable
        caption={m.alertGroups}
        columns={columns}
        rows={data?.settings}
        rowKey={({ id }) => id}
        rowLabel={({ name }) => name}
        error={error}
        onRetry={() => void refetch()}
        empty={
          <EmptyState title={m.noAlertGroups} hint={m.noAlertGroupsHint}>
            {add}
          </EmptyState>
        }
      />
      {isAdding && <AlertGroupDialog setting={undefined} onClose={() => setAdding(false)} />}
    </PageSection>
  );
}

function useColumns(): readonly Column<AlertGroupSetting>[] {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const format = useFormat();
  const mayChange = useMay("channel.change");
  const takesIn = useTakesIn();
  return [
    { key: "name", header: m.name, isRowHeader: true, cell: ({ name }) => name },
    { key: "takes", header: m.takesIn, cell: (setting) => <Lines lines={takesIn(setting)} /> },
    {
      key: "again",
      header: m.again,
      cell: ({ notificationInterval: n }) => (n === undefined ? m.never : m.everyMinutes({ n: format.count(n) })),
    },
    { key: "memo", header: m.memo, cell: ({ memo }) => memo ?? "" },
    ...(mayChange
      ? [
          {
            key: "actions",
            header: kit.actions,
            isHeaderHidden: true,
            align: "end" as const,
            cell: (setting: AlertGroupSetting) => <Actions setting={setting} />,
          },
        ]
      : []),
  ];
}

function useTakesIn(): (setting: AlertGroupSetting) => string[] {
  const m = useMessages(messages);
  const names = useNames();
  return ({ serviceScopes = [], roleScopes = [], monitorScopes = [], monitorNames }) => {
    const kinds = [
      [m.services, serviceScopes],
      [m.roles, roleScopes],
      [m.monitors, monitorScopes.map((id) => monitorNames[id] ?? id)],
    ] as const;
    const lines = kinds.flatMap(([kind, list]) => (list.length === 0 ? [] : [m.listed({ kind, names: names(list) })]));
    return lines.length === 0 ? [m.allAlerts] : lines;
  };
}

function Actions({ setting }: { readonly setting: AlertGroupSetting }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const toasts = useToasts();
  const refresh = useRefreshGroups();
  const org = useOrganisation().name;
  const [open, setOpen] = useState<"edit" | "delete">();
  const { id, name } = setting;
  const close = (): void => setOpen(undefined);
  const remove = async (): Promise<void> => {
    await call(deleteAlertGroupSetting, { params: { org, id } });
    toasts.show({ text: m.removed({ name }) });
    await refresh();
  };
  return (
    <>
      <Menu position="bottom-end" withArrow>
        <Menu.Target>
          <ActionIcon variant="subtle" aria-label={`${kit.actions}: ${name}`}>
            <IconDots aria-hidden size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconEdit aria-hidden size={16} />} onClick={() => setOpen("edit")}>
            {m.editAction}
          </Menu.Item>
          <Menu.Item leftSection={<IconTrash aria-hidden size={16} />} color="red" onClick={() => setOpen("delete")}>
            {m.remove}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {open === "edit" && <AlertGroupDialog setting={setting} onClose={close} />}
      {open === "delete" && (
        <ConfirmDialog
          title={m.removeTitle({ name })}
          text={m.removeAlertGroupText}
          action={m.remove}
          isDangerous
          onConfirm={remove}
          onClose={close}
        />
      )}
    </>
  );
}
