import { Textarea, TextInput } from "@mantine/core";
import { changeHost, type Host } from "#wire/inventory";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { messages } from "./messages.ts";

export interface HostDialogProps {
  readonly host: Host;
  readonly onDone: () => Promise<unknown>;
  readonly onClose: () => void;
}

export function EditHostDialog({ host, onDone, onClose }: HostDialogProps) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const form = useDialogForm({
    schema: changeHost.body,
    initial: { displayName: host.displayName ?? "", memo: host.memo },
    submit: async (values) => {
      await call(changeHost, { params: { org, id: host.id }, body: values });
      toasts.show({ text: m.memoSaved });
      await onDone();
    },
    onDone: onClose,
  });
  return (
    <FormDialog title={m.editMemo} form={form} action={kit.save} onClose={onClose}>
      <TextInput
        {...form.text("displayName")}
        label={m.displayName}
        description={m.displayNameHint}
        placeholder={host.name}
        data-autofocus
      />
      <Textarea {...form.text("memo")} label={m.memo} autosize minRows={4} maxRows={14} />
    </FormDialog>
  );
}
