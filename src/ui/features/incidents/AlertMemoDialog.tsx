import { Textarea } from "@mantine/core";
import { changeAlert } from "#wire/alerts";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { alertMessages } from "./alert-messages.ts";

export interface AlertMemoDialogProps {
  readonly alert: { readonly id: string; readonly memo: string };
  readonly onSaved: () => void;
  readonly onClose: () => void;
}

export function AlertMemoDialog({ alert, onSaved, onClose }: AlertMemoDialogProps) {
  const m = useMessages(alertMessages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const form = useDialogForm({
    schema: changeAlert.body,
    initial: { memo: alert.memo },
    submit: async ({ memo }) => {
      await call(changeAlert, { params: { org, id: alert.id }, body: { memo } });
      toasts.show({ text: m.memoSaved });
      onSaved();
    },
    onDone: onClose,
  });
  return (
    <FormDialog title={m.editMemo} form={form} action={kit.save} onClose={onClose}>
      <Textarea
        {...form.text("memo")}
        error={undefined}
        label={m.memo}
        description={m.memoHint}
        autosize
        minRows={4}
        maxRows={16}
        data-autofocus
      />
    </FormDialog>
  );
}
