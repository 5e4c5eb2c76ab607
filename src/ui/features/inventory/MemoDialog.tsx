import { Textarea } from "@mantine/core";
import { Type } from "typebox";
import { Memo } from "#wire/inventory";
import { useDialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { messages } from "./service-messages.ts";

const fields = Type.Object({ memo: Memo });

export interface MemoDialogProps {
  readonly memo: string;
  readonly onSave: (memo: string) => Promise<unknown>;
  readonly onClose: () => void;
}

export function MemoDialog({ memo, onSave, onClose }: MemoDialogProps) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const toasts = useToasts();
  const form = useDialogForm({
    schema: fields,
    initial: { memo },
    submit: async (values) => {
      await onSave(values.memo);
      toasts.show({ text: m.saved });
    },
    onDone: onClose,
  });
  return (
    <FormDialog title={m.editMemo} form={form} action={kit.save} onClose={onClose}>
      <Textarea {...form.text("memo")} label={m.memo} autosize minRows={4} maxRows={14} data-autofocus />
    </FormDialog>
  );
}
