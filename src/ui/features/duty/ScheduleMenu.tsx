import { Button, Menu } from "@mantine/core";
import { IconDots, IconDownload, IconTrash } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { deleteSchedule, type Schedule } from "#wire/duty";
import { exportSchedule } from "#wire/duty-calendars";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { messages } from "./messages.ts";
import { useRefresh } from "./use-duty.ts";

export function ScheduleMenu({ schedule }: { readonly schedule: Schedule }) {
  const m = useMessages(messages);
  const call = useCall();
  const toasts = useToasts();
  const problemText = useProblemText();
  const refresh = useRefresh();
  const navigate = useNavigate();
  const org = useOrganisation().name;
  const [isDeleting, setDeleting] = useState(false);
  const { id, name } = schedule;
  const download = async (): Promise<void> => {
    try {
      const { text } = await call(exportSchedule, { params: { org, id } });
      saveAs(`${name}.ics`, text);
    } catch (error) {
      toasts.show({ text: problemText(error), kind: "problem" });
    }
  };
  const remove = async (): Promise<void> => {
    await call(deleteSchedule, { params: { org, id } });
    toasts.show({ text: m.deleted({ name }) });
    await navigate({ to: "/o/$org/duty", params: { org } });
    await refresh();
  };
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" px={10} aria-label={m.more}>
            <IconDots aria-hidden size={18} />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconDownload aria-hidden size={16} />} onClick={() => void download()}>
            {m.download}
          </Menu.Item>
          <Menu.Item leftSection={<IconTrash aria-hidden size={16} />} onClick={() => setDeleting(true)}>
            {m.deleteSchedule}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isDeleting && (
        <ConfirmDialog
          title={m.deleteScheduleTitle({ name })}
          text={m.deleteScheduleText}
          action={m.deleteSchedule}
          isDangerous
          onConfirm={remove}
          onClose={() => setDeleting(false)}
        />
      )}
    </>
  );
}

function saveAs(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/calendar" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
