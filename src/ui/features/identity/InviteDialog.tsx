import { Alert, Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { inviteMember } from "#wire/identity";
import type { MemberRole } from "#wire/permissions";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { CopyField } from "../../kit/CopyField.tsx";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { messages as identityMessages } from "./messages.ts";
import { messages } from "./people-messages.ts";
import { RoleChoice } from "./RoleChoice.tsx";

interface Invite {
  readonly email: string;
  readonly role: MemberRole;
}

const empty: Invite = { email: "", role: "collaborator" };

/** Asks whom to invite, then shows the link: this once, and nowhere else. */
export function InviteDialog({ onClose }: { readonly onClose: () => void }) {
  const m = useMessages(messages);
  const identity = useMessages(identityMessages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const client = useQueryClient();
  const org = useOrganisation().name;
  const [path, setPath] = useState<string>();
  const form = useDialogForm({
    schema: inviteMember.body,
    initial: empty,
    hints: { email: identity.emailWrong },
    explain: ({ code }) => (code === "conflict" ? m.alreadyMember : undefined),
    submit: async ({ email, role }) => {
      const made = await call(inviteMember, { params: { org }, body: { email: email.trim(), role } });
      setPath(made.path);
      await client.invalidateQueries({ queryKey: [org, "invitations"] });
    },
  });
  if (path !== undefined) {
    return (
      <Modal opened onClose={onClose} title={m.inviteReady} closeButtonProps={{ "aria-label": kit.close }} closeOnClickOutside={false}>
        <Stack gap="md">
          <CopyField label={m.inviteLink} value={new URL(path, window.location.origin).href} />
          <Alert variant="outline" color="yellow" icon={<IconInfoCircle aria-hidden />}>
            {m.inviteOnce}
          </Alert>
          <Group justify="flex-end">
            <Button onClick={onClose}>{kit.close}</Button>
          </Group>
        </Stack>
      </Modal>
    );
  }
  return (
    <FormDialog title={m.invite} form={form} action={m.inviteAction} onClose={onClose}>
      <Text size="sm" c="dimmed">
        {m.inviteHint}
      </Text>
      <TextInput
        {...form.text("email")}
        type="email"
        label={m.email}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        data-autofocus
      />
      <RoleChoice {...form.field("role")} />
    </FormDialog>
  );
}
