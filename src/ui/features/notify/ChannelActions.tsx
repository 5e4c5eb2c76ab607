import { ActionIcon, Button, Group, Menu } from "@mantine/core";
import { IconDots, IconEdit, IconPlayerPause, IconPlayerPlay, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { deleteChannel, resumeChannel, suspendChannel, type Channel } from "#wire/notify";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useMay, useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { ChannelDialog } from "./ChannelDialog.tsx";
import { messages } from "./messages.ts";
import { useTest } from "./use-channels.ts";

/** What can be done to a channel; the test stands outside the menu, for it is needed most. */
export function ChannelActions({ channel }: { readonly channel: Channel }) {
  const m = useMessages(messages);
  const mayChange = useMay("channel.change");
  const test = useTest();
  const resume = useResume();
  const [isBusy, setBusy] = useState(false);
  const [open, setOpen] = useState<"edit" | "suspend" | "remove">();
  const { name } = channel;
  if (!mayChange) return undefined;
  const isSuspended = channel.suspendedAt !== undefined;
  const close = (): void => setOpen(undefined);
  const run = async (): Promise<void> => {
    setBusy(true);
    await test(channel);
    setBusy(false);
  };
  return (
    <Group gap="xs" justify="flex-end">
      {isSuspended && (
        <Button size="compact-sm" color="red" aria-label={m.resumeOf({ name })} onClick={() => void resume(channel)}>
          {m.resume}
        </Button>
      )}
      <Button size="compact-sm" variant="default" loading={isBusy} aria-label={m.testOf({ name })} onClick={() => void run()}>
        {m.test}
      </Button>
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
          {isSuspended ? (
            <Menu.Item leftSection={<IconPlayerPlay aria-hidden size={16} />} onClick={() => void resume(channel)}>
              {m.resume}
            </Menu.Item>
          ) : (
            <Menu.Item leftSection={<IconPlayerPause aria-hidden size={16} />} onClick={() => setOpen("suspend")}>
              {m.suspend}
            </Menu.Item>
          )}
          <Menu.Item c="var(--mantine-color-error)" leftSection={<IconTrash aria-hidden size={16} />} onClick={() => setOpen("remove")}>
            {m.remove}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {open === "edit" && <ChannelDialog channel={channel} onClose={close} />}
      {open === "suspend" && <SuspendDialog channel={channel} onClose={close} />}
      {open === "remove" && <RemoveDialog channel={channel} onClose={close} />}
    </Group>
  );
}

interface DialogProps {
  readonly channel: Channel;
  readonly onClose: () => void;
}

function useResume(): (channel: Channel) => Promise<void> {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  return async ({ id, name }) => {
    try {
      await call(resumeChannel, { params: { org, id } });
      toasts.show({ text: m.resumed({ name }) });
    } catch (error) {
      toasts.show({ kind: "problem", text: problemText(error) });
    }
    await client.invalidateQueries({ queryKey: [org, "channels"] });
  };
}

function SuspendDialog({ channel: { id, name }, onClose }: DialogProps) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const suspend = async (): Promise<void> => {
    await call(suspendChannel, { params: { org, id }, body: { reason: "" } });
    toasts.show({ text: m.suspended({ name }) });
    await client.invalidateQueries({ queryKey: [org, "channels"] });
  };
  return (
    <ConfirmDialog
      title={m.suspendTitle({ name })}
      text={m.suspendText}
      action={m.suspend}
      isDangerous
      onConfirm={suspend}
      onClose={onClose}
    />
  );
}

function RemoveDialog({ channel: { id, name }, onClose }: DialogProps) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const remove = async (): Promise<void> => {
    await call(deleteChannel, { params: { org, id } });
    toasts.show({ text: m.removed({ name }) });
    await client.invalidateQueries({ queryKey: [org, "channels"] });
  };
  return (
    <ConfirmDialog title={m.removeTitle({ name })} text={m.removeText} action={m.remove} isDangerous onConfirm={remove} onClose={onClose} />
  );
}
