import { ActionIcon, Button, Menu } from "@mantine/core";
import { IconArchive, IconChevronDown, IconDots, IconEdit, IconStack2 } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changeHostStatus, hostStatuses, retireHost, type Host, type HostStatus } from "#wire/inventory";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useMay, useOrganisation } from "#kit/session";
import { useStatusNames } from "#kit/statuses";
import { useToasts } from "#kit/toasts";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { EditHostDialog } from "./EditHostDialog.tsx";
import { hostName } from "./host-name.ts";
import { HostRolesDialog } from "./HostRolesDialog.tsx";
import { messages } from "./messages.ts";

/** What can be done to a host. */
export function HostActions({ host }: { readonly host: Host }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const format = useFormat();
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  const statusNames = useStatusNames();
  const mayChange = useMay("host.change");
  const mayAssign = useMay("host.assign");
  const mayRetire = useMay("host.retire");
  const [open, setOpen] = useState<"edit" | "roles" | "retire">();
  const params = { org, id: host.id };
  const close = (): void => setOpen(undefined);
  const reload = (): Promise<unknown> =>
    Promise.all([client.invalidateQueries({ queryKey: [org, "host", host.id] }), client.invalidateQueries({ queryKey: [org, "hosts"] })]);

  const putStatus = async (status: HostStatus): Promise<void> => {
    await call(changeHostStatus, { params, body: { status } });
    await reload();
  };
  const changeStatus = async (status: HostStatus): Promise<void> => {
    const before = host.status;
    try {
      await putStatus(status);
      toasts.show({ text: m.statusChanged({ name: hostName(host), status: statusNames[status] }), undo: () => putStatus(before) });
    } catch (error) {
      toasts.show({ kind: "problem", text: problemText(error) });
    }
  };
  const retire = async (): Promise<void> => {
    await call(retireHost, { params });
    toasts.show({ text: m.retiredDone({ count: format.count(1) }) });
    await reload();
  };
  if (!mayChange && !mayAssign && !mayRetire) return undefined;
  return (
    <>
      {mayChange && (
        <Menu position="bottom-end" withArrow>
          <Menu.Target>
            <Button variant="default" rightSection={<IconChevronDown aria-hidden size={16} />}>
              {m.changeStatus}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {hostStatuses.map((status) => (
              <Menu.Item key={status} disabled={status === host.status} onClick={() => void changeStatus(status)}>
                {statusNames[status]}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      <Menu position="bottom-end" withArrow>
        <Menu.Target>
          <ActionIcon variant="default" size="input-sm" aria-label={kit.more}>
            <IconDots aria-hidden size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {mayChange && (
            <Menu.Item leftSection={<IconEdit aria-hidden size={16} />} onClick={() => setOpen("edit")}>
              {m.editMemo}
            </Menu.Item>
          )}
          {mayAssign && (
            <Menu.Item leftSection={<IconStack2 aria-hidden size={16} />} onClick={() => setOpen("roles")}>
              {m.editRoles}
            </Menu.Item>
          )}
          {mayRetire && (
            <Menu.Item c="var(--mantine-color-error)" leftSection={<IconArchive aria-hidden size={16} />} onClick={() => setOpen("retire")}>
              {m.retire}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {open === "edit" && <EditHostDialog host={host} onDone={reload} onClose={close} />}
      {open === "roles" && <HostRolesDialog host={host} onDone={reload} onClose={close} />}
      {open === "retire" && (
        <ConfirmDialog
          title={m.retireOneTitle({ name: hostName(host) })}
          text={m.retireText}
          action={m.retireOneAction}
          typed={host.name}
          isDangerous
          onConfirm={retire}
          onClose={close}
        />
      )}
    </>
  );
}
