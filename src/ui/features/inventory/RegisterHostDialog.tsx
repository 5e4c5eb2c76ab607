import { NativeSelect, Text, Textarea, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { hostStatuses, registerHost, type HostStatus } from "#wire/inventory";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useStatusNames } from "#kit/statuses";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { messages } from "./messages.ts";

interface NewHost {
  readonly name: string;
  readonly memo: string;
  readonly status: HostStatus;
}

const empty: NewHost = { name: "", memo: "", status: "working" };

/** A device on which no agent can run: it stands in the list and takes what programs post for it. */
export function RegisterHostDialog({ onClose }: { readonly onClose: () => void }) {
  const m = useMessages(messages);
  const statusNames = useStatusNames();
  const call = useCall();
  const client = useQueryClient();
  const navigate = useNavigate();
  const org = useOrganisation().name;
  const form = useDialogForm({
    schema: registerHost.body,
    initial: empty,
    submit: async (values) => {
      const host = await call(registerHost, { params: { org }, body: { ...values, name: values.name.trim() } });
      await client.invalidateQueries({ queryKey: [org, "hosts"] });
      await navigate({ to: "/o/$org/hosts/$id", params: { org, id: host.id } });
    },
    onDone: onClose,
  });
  return (
    <FormDialog title={m.registerTitle} form={form} action={m.registerAction} onClose={onClose}>
      <Text size="sm" c="dimmed">
        {m.registerHint}
      </Text>
      <TextInput {...form.text("name")} label={m.name} autoComplete="off" spellCheck={false} data-autofocus />
      <NativeSelect
        name="status"
        label={m.status}
        data={hostStatuses.map((status) => ({ value: status, label: statusNames[status] }))}
        value={form.values.status}
        onChange={(event) => form.set("status", hostStatuses.find((status) => status === event.currentTarget.value) ?? "working")}
      />
      <Textarea {...form.text("memo")} label={m.memo} autosize minRows={2} maxRows={10} />
    </FormDialog>
  );
}
