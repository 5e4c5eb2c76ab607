import { useQueryClient } from "@tanstack/react-query";
import { changeMember, type Member } from "#wire/identity";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { messages } from "./people-messages.ts";
import { useRoleNames } from "./role-messages.ts";
import { RoleChoice } from "./RoleChoice.tsx";

export function ChangeRoleDialog({ member, onClose }: { readonly member: Member; readonly onClose: () => void }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const roles = useRoleNames();
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const form = useDialogForm({
    schema: changeMember.body,
    initial: { role: member.role },
    explain: ({ code }) => (code === "conflict" ? m.lastOwner : undefined),
    submit: async ({ role }) => {
      await call(changeMember, { params: { org, person: member.id }, body: { role } });
      toasts.show({ text: m.roleChanged({ name: member.name, role: roles.name(role) }) });
      await client.invalidateQueries({ queryKey: [org, "members"] });
    },
    onDone: onClose,
  });
  return (
    <FormDialog title={m.changeRoleOf({ name: member.name })} form={form} action={kit.save} onClose={onClose}>
      <RoleChoice {...form.field("role")} />
    </FormDialog>
  );
}
