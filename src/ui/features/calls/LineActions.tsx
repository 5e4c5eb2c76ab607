import { ActionIcon, Button, Group, Menu } from "@mantine/core";
import { IconDots, IconEdit, IconPhoneOutgoing, IconPlayerPause, IconPlayerPlay, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { deleteLine, switchLine, type Line } from "#wire/lines";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useMay, useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { LineDialog } from "./LineDialog.tsx";
import { messages } from "./messages.ts";
import { useCallMe, useHasNumber } from "./use-lines.ts";

type Open = "edit" | "remove";

/** What can be done to a line. */
export function LineActions({ line }: { readonly line: Line }) {
  const m = useMessages(messages);
  const mayChange = useMay("line.change");
  const mayCall = useMay("call.make");
  const hasNumber = useHasNumber();
  const callMe = useCallMe();
  const switchTo = useSwitch();
  const [open, setOpen] = useState<Open>();
  const close = (): void => setOpen(undefined);
  const { id, name, isOn, state } = line;
  return (
    <Group gap="xs" justify="flex-end" wrap="nowrap">
      {mayCall && state === "ready" && hasNumber === true && (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconPhoneOutgoing aria-hidden size={16} />}
          aria-label={m.callMeBy({ name })}
          onClick={() => void callMe(id)}
        >
          {m.callMe}
        </Button>
      )}
      {mayChange && (
        <Menu position="bottom-end" withArrow>
          <Menu.Target>
            <ActionIcon variant="subtle" c="var(--mantine-color-text)" aria-label={m.actionsOf({ name })}>
              <IconDots aria-hidden size={18} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconEdit aria-hidden size={16} />} onClick={() => setOpen("edit")}>
              {m.edit}
            </Menu.Item>
            <Menu.Item
              leftSection={isOn ? <IconPlayerPause aria-hidden size={16} /> : <IconPlayerPlay aria-hidden size={16} />}
              onClick={() => void switchTo(line, !isOn)}
            >
              {isOn ? m.switchOff : m.switchOn}
            </Menu.Item>
            <Menu.Item c="var(--mantine-color-error)" leftSection={<IconTrash aria-hidden size={16} />} onClick={() => setOpen("remove")}>
              {m.remove}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      {open === "edit" && <LineDialog line={line} onClose={close} />}
      {open === "remove" && <RemoveDialog line={line} onClose={close} />}
    </Group>
  );
}

function useSwitch(): (line: Line, isOn: boolean) => Promise<void> {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  return async ({ id, name }, isOn) => {
    try {
      await call(switchLine, { params: { org, id }, body: { isOn } });
      toasts.show({ text: isOn ? m.switchedOn({ name }) : m.switchedOff({ name }) });
    } catch (error) {
      toasts.show({ kind: "problem", text: problemText(error) });
    }
    await client.invalidateQueries({ queryKey: [org, "lines"] });
  };
}

interface DialogProps {
  readonly line: Line;
  readonly onClose: () => void;
}

function RemoveDialog({ line: { id, name }, onClose }: DialogProps) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const remove = async (): Promise<void> => {
    await call(deleteLine, { params: { org, id } });
    toasts.show({ text: m.removed({ name }) });
    await client.invalidateQueries({ queryKey: [org, "lines"] });
  };
  return (
    <ConfirmDialog title={m.removeTitle({ name })} text={m.removeText} action={m.remove} isDangerous onConfirm={remove} onClose={onClose} />
  );
}
