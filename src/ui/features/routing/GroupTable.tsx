import { ActionIcon, Menu, Stack, Text } from "@mantine/core";
import { IconDots, IconEdit, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { deleteNotificationGroup, type NotificationGroup, type RoutedChannel } from "#wire/routing";
import { useCall } from "#kit/call";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { useToasts } from "#kit/toasts";
import { StateCell } from "../../kit/cells.tsx";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { DataTable } from "../../kit/DataTable.tsx";
import { GroupDialog } from "./GroupDialog.tsx";
import { messages } from "./messages.ts";
import { useGroupName, useNames, useRefreshGroups } from "./use-groups.ts";

interface GroupTableProps {
  readonly groups: readonly NotificationGroup[] | undefined;
  readonly channels: readonly RoutedChannel[];
  readonly error: unknown;
  readonly onRetry: () => void;
}

/** Every group: what it hears of, what it passes on, and to whom. */
export function GroupTable({ groups, channels, error, onRetry }: GroupTableProps) {
  const m = useMessages(messages);
  const nameOf = useGroupName();
  const columns = useColumns(groups ?? [], channels);
  return (
    <DataTable
      caption={m.groups}
      columns={columns}
      rows={groups}
      rowKey={({ id }) => id}
      rowLabel={nameOf}
      error={error}
      onRetry={onRetry}
      csvName="notification-groups.csv"
      empty={undefined}
    />
  );
}

function useColumns(groups: readonly NotificationGroup[], channels: readonly RoutedChannel[]): readonly Column<NotificationGroup>[] {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const mayChange = useMay("channel.change");
  const nameOf = useGroupName();
  const hears = useHears();
  const level = ({ notificationLevel }: NotificationGroup): string => (notificationLevel === "all" ? m.levelAll : m.levelCritical);
  const targets = useTargets(groups, channels);
  return [
    {
      key: "name",
      header: m.name,
      isRowHeader: true,
      csv: nameOf,
      cell: (group) => (
        <Text span inherit style={{ overflowWrap: "anywhere" }}>
          {nameOf(group)}
        </Text>
      ),
    },
    { key: "hears", header: m.hears, csv: (group) => hears(group).join("; "), cell: (group) => <Lines lines={hears(group)} /> },
    { key: "level", header: m.level, csv: level, cell: level },
    {
      key: "to",
      header: m.handsTo,
      csv: (group) => targets(group).join("; "),
      cell: (group) =>
        targets(group).length === 0 ? (
          <span title={m.nobodyHint}>
            <StateCell tone="attention" label={m.nobody} />
          </span>
        ) : (
          <Lines lines={targets(group)} />
        ),
    },
    ...(mayChange
      ? [
          {
            key: "actions",
            header: kit.actions,
            isHeaderHidden: true,
            align: "end" as const,
            cell: (group: NotificationGroup) => <GroupActions group={group} groups={groups} channels={channels} />,
          },
        ]
      : []),
  ];
}

function useHears(): (group: NotificationGroup) => string[] {
  const m = useMessages(messages);
  const names = useNames();
  return ({ type, monitors = [], services = [], monitorNames }) => {
    const called = monitors.map(({ id, skipDefault }) => {
      const name = monitorNames[id] ?? id;
      return skipDefault ? m.kept({ name }) : name;
    });
    const lines = [
      ...(type === "group-default" ? [m.everything] : []),
      ...(called.length === 0 ? [] : [m.listed({ kind: m.monitors, names: names(called) })]),
      ...(services.length === 0 ? [] : [m.listed({ kind: m.services, names: names(services.map(({ name }) => name)) })]),
    ];
    return lines.length === 0 ? [m.nothingNamed] : lines;
  };
}

function useTargets(groups: readonly NotificationGroup[], channels: readonly RoutedChannel[]): (group: NotificationGroup) => string[] {
  const m = useMessages(messages);
  const names = useNames();
  const nameOf = useGroupName();
  const channelNames = new Map(channels.map(({ id, name }) => [id, name]));
  const groupNames = new Map(groups.map((group) => [group.id, nameOf(group)]));
  return ({ childChannelIds, childNotificationGroupIds }) => {
    const [own, inner] = [
      childChannelIds.flatMap((id) => channelNames.get(id) ?? []),
      childNotificationGroupIds.flatMap((id) => groupNames.get(id) ?? []),
    ];
    return [
      ...(own.length === 0 ? [] : [names(own)]),
      ...(inner.length === 0 ? [] : [m.listed({ kind: m.childGroups, names: names(inner) })]),
    ];
  };
}

export function Lines({ lines }: { readonly lines: readonly string[] }) {
  return (
    <Stack gap={0}>
      {lines.map((line) => (
        <Text key={line} size="sm" style={{ overflowWrap: "anywhere" }}>
          {line}
        </Text>
      ))}
    </Stack>
  );
}

interface ActionsProps {
  readonly group: NotificationGroup;
  readonly groups: readonly NotificationGroup[];
  readonly channels: readonly RoutedChannel[];
}

function GroupActions({ group, groups, channels }: ActionsProps) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const toasts = useToasts();
  const refresh = useRefreshGroups();
  const org = useOrganisation().name;
  const name = useGroupName()(group);
  const [open, setOpen] = useState<"edit" | "delete">();
  const close = (): void => setOpen(undefined);
  const remove = async (): Promise<void> => {
    await call(deleteNotificationGroup, { params: { org, id: group.id } });
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
          {group.type === "group" && (
            <Menu.Item leftSection={<IconTrash aria-hidden size={16} />} color="red" onClick={() => setOpen("delete")}>
              {m.remove}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {open === "edit" && <GroupDialog group={group} groups={groups} channels={channels} onClose={close} />}
      {open === "delete" && (
        <ConfirmDialog
          title={m.removeTitle({ name })}
          text={m.removeText}
          action={m.remove}
          isDangerous
          onConfirm={remove}
          onClose={close}
        />
      )}
    </>
  );
}
