import { MultiSelect, Text } from "@mantine/core";
import { setHostRoles } from "#wire/inventory";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import type { HostDialogProps } from "./EditHostDialog.tsx";
import { messages } from "./messages.ts";
import { roleNamesOf, useServices } from "./use-services.ts";

/** All roles of one host: what is not chosen is taken away. */
export function HostRolesDialog({ host, onDone, onClose }: HostDialogProps) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const services = useServices();
  const names = [...new Set([...host.roles, ...roleNamesOf(services ?? [])])];
  const form = useDialogForm({
    initial: { roles: [...host.roles] },
    submit: async ({ roles }) => {
      await call(setHostRoles, { params: { org, id: host.id }, body: { roles } });
      toasts.show({ text: m.memoSaved });
      await onDone();
    },
    onDone: onClose,
  });
  const roles = form.field("roles");
  return (
    <FormDialog title={m.editRoles} form={form} action={kit.save} onClose={onClose}>
      {services && names.length === 0 && <Text size="sm">{m.rolesNone}</Text>}
      <MultiSelect
        {...roles}
        label={m.roles}
        description={m.roleHint}
        placeholder={roles.value.length === 0 ? m.rolesPick : ""}
        data={names}
        searchable
        hidePickedOptions
        limit={100}
        data-autofocus
      />
    </FormDialog>
  );
}
