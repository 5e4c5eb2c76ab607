import { Textarea, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { createRole, createService } from "#wire/services";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { messages } from "./service-messages.ts";

/** Creates a service, or a role of the service that is given. */
export function CreateServiceDialog({ service, onClose }: { readonly service?: string; readonly onClose: () => void }) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const title = service === undefined ? m.create : m.addRole;
  const form = useDialogForm({
    schema: createService.body,
    initial: { name: "", memo: "" },
    hints: { name: m.nameWrong },
    explain: ({ code }) => (code === "conflict" ? m.nameTaken : undefined),
    submit: async (body) => {
      if (service === undefined) await call(createService, { params: { org }, body });
      else await call(createRole, { params: { org, service }, body });
      toasts.show({ text: m.created({ name: body.name }) });
      await Promise.all([
        client.invalidateQueries({ queryKey: [org, "services"] }),
        client.invalidateQueries({ queryKey: [org, "service"] }),
      ]);
    },
    onDone: onClose,
  });
  return (
    <FormDialog title={title} form={form} action={title} onClose={onClose}>
      <TextInput
        {...form.text("name")}
        label={m.name}
        description={m.nameHint}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        data-autofocus
      />
      <Textarea {...form.text("memo")} label={m.memo} autosize minRows={2} maxRows={10} />
    </FormDialog>
  );
}
