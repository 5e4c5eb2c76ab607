import { ActionIcon, Menu } from "@mantine/core";
import { IconDots, IconEdit, IconPlayerStop, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { deleteDowntime, endDowntime, type Downtime } from "#wire/downtimes";
import { useCall } from "#kit/call";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { DowntimeDialog } from "./DowntimeDialog.tsx";
import { messages } from "./messages.ts";
import { useRefreshDowntimes } from "./use-downtimes.ts";

/** What can be done to a downtime. */
export function DowntimeActions({ downtime }: { readonly downtime: Downtime }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const [open, setOpen] = useState<"edit" | "end" | "delete">();
  const close = (): void => setOpen(undefined);
  return (
    <>
      <Menu position="bottom-end" withArrow>
        <Menu.Target>
          <ActionIcon variant="subtle" aria-label={`${kit.actions}: ${downtime.name}`}>
            <IconDots aria-hidden size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {downtime.state === "active" && (
            <Menu.Item leftSection={<IconPlayerStop aria-hidden size={16} />} onClick={() => setOpen("end")}>
              {m.endNow}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconEdit aria-hidden size={16} />} onClick={() => setOpen("edit")}>
            {m.editAction}
          </Menu.Item>
          <Menu.Item leftSection={<IconTrash aria-hidden size={16} />} color="red" onClick={() => setOpen("delete")}>
            {m.remove}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {open === "edit" && <DowntimeDialog downtime={downtime} onClose={close} />}
      {open === "end" && <EndDowntimeDialog downtime={downtime} onClose={close} />}
      {open === "delete" && <DeleteDowntimeDialog downtime={downtime} onClose={close} />}
    </>
  );
}

interface ActProps {
  readonly downtime: Pick<Downtime, "id" | "name">;
  readonly onClose: () => void;
}

export function EndDowntimeDialog({ downtime: { id, name }, onClose }: ActProps) {
  const m = useMessages(messages);
  const call = useCall();
  const toasts = useToasts();
  const refresh = useRefreshDowntimes();
  const org = useOrganisation().name;
  const end = async (): Promise<void> => {
    await call(endDowntime, { params: { org, id } });
    toasts.show({ text: m.ended({ name }) });
    await refresh();
  };
  return <ConfirmDialog title={m.endTitle({ name })} text={m.endText} action={m.endNow} onConfirm={end} onClose={onClose} />;
}

function DeleteDowntimeDialog({ downtime: { id, name }, onClose }: ActProps) {
  const m = useMessages(messages);
  const call = useCall();
  const toasts = useToasts();
  const refresh = useRefreshDowntimes();
  const org = useOrganisation().name;
  const remove = async (): Promise<void> => {
    await call(deleteDowntime, { params: { org, id } });
    toasts.show({ text: m.removed({ name }) });
    await refresh();
  };
  return (
    <ConfirmDialog title={m.removeTitle({ name })} text={m.removeText} action={m.remove} isDangerous onConfirm={remove} onClose={onClose} />
  );
}
