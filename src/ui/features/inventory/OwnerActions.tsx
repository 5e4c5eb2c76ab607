import { ActionIcon, Button, Menu } from "@mantine/core";
import { IconDots, IconEdit, IconTrash } from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import { useMessages } from "#kit/messages";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { MemoDialog } from "./MemoDialog.tsx";
import { messages } from "./service-messages.ts";

export interface OwnerActionsProps {
  readonly name: string;
  readonly memo: string;
  readonly onMemo: (memo: string) => Promise<unknown>;
  /** One more entry of the menu, with the dialog that it opens. */
  readonly more?: { readonly label: string; readonly icon: ReactNode; readonly dialog: (close: () => void) => ReactNode };
  readonly removal: { readonly label: string; readonly title: string; readonly text: string; readonly onConfirm: () => Promise<unknown> };
}

/** What can be done to a service or role: its memo, and its end. */
export function OwnerActions({ name, memo, onMemo, more, removal }: OwnerActionsProps) {
  const m = useMessages(messages);
  const [open, setOpen] = useState<"memo" | "more" | "removal">();
  const close = (): void => setOpen(undefined);
  return (
    <>
      <Button variant="default" leftSection={<IconEdit aria-hidden size={16} />} onClick={() => setOpen("memo")}>
        {m.editMemo}
      </Button>
      <Menu position="bottom-end" withArrow>
        <Menu.Target>
          <ActionIcon variant="default" size="input-sm" aria-label={m.actionsOf({ name })}>
            <IconDots aria-hidden size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {more && (
            <Menu.Item leftSection={more.icon} onClick={() => setOpen("more")}>
              {more.label}
            </Menu.Item>
          )}
          <Menu.Item c="var(--mantine-color-error)" leftSection={<IconTrash aria-hidden size={16} />} onClick={() => setOpen("removal")}>
            {removal.label}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {open === "memo" && <MemoDialog memo={memo} onSave={onMemo} onClose={close} />}
      {open === "more" && more?.dialog(close)}
      {open === "removal" && (
        <ConfirmDialog
          title={removal.title}
          text={removal.text}
          action={removal.label}
          typed={name}
          isDangerous
          onConfirm={removal.onConfirm}
          onClose={close}
        />
      )}
    </>
  );
}
