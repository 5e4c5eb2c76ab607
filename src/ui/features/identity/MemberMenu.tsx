import { ActionIcon, Menu } from "@mantine/core";
import { IconBan, IconDots, IconRotateClockwise, IconShield, IconUserMinus } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changeMember, removeMember, type Member } from "#wire/identity";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { ChangeRoleDialog } from "./ChangeRoleDialog.tsx";
import { messages } from "./people-messages.ts";

/** What can be done to a member. */
export function MemberMenu({ member }: { readonly member: Member }) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  const [open, setOpen] = useState<"role" | "suspend" | "remove">();
  const params = { org, person: member.id };
  const { name } = member;
  const close = (): void => setOpen(undefined);

  const done = async (text: string): Promise<void> => {
    toasts.show({ text });
    await client.invalidateQueries({ queryKey: [org, "members"] });
  };
  const suspend = async (): Promise<void> => {
    await call(changeMember, { params, body: { state: "suspended" } });
    await done(m.stateChanged({ name }));
  };
  const reinstate = async (): Promise<void> => {
    try {
      await call(changeMember, { params, body: { state: "active" } });
      await done(m.stateChanged({ name }));
    } catch (error) {
      toasts.show({ kind: "problem", text: problemText(error) });
    }
  };
  const remove = async (): Promise<void> => {
    await call(removeMember, { params });
    await done(m.removed({ name }));
  };
  return (
    <>
      <Menu position="bottom-end" withArrow>
        <Menu.Target>
          <ActionIcon variant="subtle" c="var(--mantine-color-text)" aria-label={m.actionsFor({ name })}>
            <IconDots aria-hidden size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconShield aria-hidden size={16} />} onClick={() => setOpen("role")}>
            {m.changeRole}
          </Menu.Item>
          {member.state === "suspended" ? (
            <Menu.Item leftSection={<IconRotateClockwise aria-hidden size={16} />} onClick={() => void reinstate()}>
              {m.reinstate}
            </Menu.Item>
          ) : (
            <Menu.Item leftSection={<IconBan aria-hidden size={16} />} onClick={() => setOpen("suspend")}>
              {m.suspend}
            </Menu.Item>
          )}
          <Menu.Item c="var(--mantine-color-error)" leftSection={<IconUserMinus aria-hidden size={16} />} onClick={() => setOpen("remove")}>
            {m.remove}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {open === "role" && <ChangeRoleDialog member={member} onClose={close} />}
      {open === "suspend" && (
        <ConfirmDialog
          title={m.suspend}
          text={m.suspendText({ name })}
          action={m.suspend}
          isDangerous
          onConfirm={suspend}
          onClose={close}
        />
      )}
      {open === "remove" && (
        <ConfirmDialog
          title={m.removeTitle({ name })}
          text={m.removeText({ name })}
          action={m.remove}
          isDangerous
          onConfirm={remove}
          onClose={close}
        />
      )}
    </>
  );
}
