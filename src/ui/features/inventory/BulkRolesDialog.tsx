import { MultiSelect, Text } from "@mantine/core";
import { bulkRoles, type BulkResult } from "#wire/inventory";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { messages } from "./messages.ts";
import { roleNamesOf, useServices } from "./use-services.ts";

export interface BulkRolesDialogProps {
  readonly ids: readonly string[];
  readonly onDone: (result: BulkResult) => void;
  readonly onClose: () => void;
}

interface RoleChange {
  readonly add: string[];
  readonly remove: string[];
}

const nothing: RoleChange = { add: [], remove: [] };

/** Puts hosts into roles and takes them out of others; what is not named stays. */
export function BulkRolesDialog({ ids, onDone, onClose }: BulkRolesDialogProps) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const format = useFormat();
  const call = useCall();
  const org = useOrganisation().name;
  const services = useServices();
  const names = roleNamesOf(services ?? []);
  const form = useDialogForm<RoleChange>({
    initial: nothing,
    rules: ({ add, remove }) => (add.length + remove.length === 0 ? { add: kit.required } : {}),
    submit: async ({ add, remove }) => onDone(await call(bulkRoles, { params: { org }, body: { ids: [...ids], add, remove } })),
    onDone: onClose,
  });
  const add = form.field("add");
  const remove = form.field("remove");
  return (
    <FormDialog title={m.rolesTitle({ count: format.count(ids.length) })} form={form} action={m.rolesAction} onClose={onClose}>
      {services && names.length === 0 && <Text size="sm">{m.rolesNone}</Text>}
      <MultiSelect
        {...add}
        label={m.rolesAdd}
        placeholder={add.value.length === 0 ? m.rolesPick : ""}
        data={names.filter((name) => !remove.value.includes(name))}
        searchable
        hidePickedOptions
        limit={100}
      />
      <MultiSelect
        {...remove}
        label={m.rolesRemove}
        placeholder={remove.value.length === 0 ? m.rolesPick : ""}
        data={names.filter((name) => !add.value.includes(name))}
        searchable
        hidePickedOptions
        limit={100}
      />
    </FormDialog>
  );
}
