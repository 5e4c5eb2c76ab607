import { Button, Group, Modal, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import type { DialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { FormProblem } from "./FormProblem.tsx";

export interface FormDialogProps {
  readonly title: string;
  readonly form: Pick<DialogForm<object>, "isBusy" | "problem" | "onSubmit">;
  /** The verb on the button. */
  readonly action: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly size?: string;
}

/** The frame of a form in a dialog: fields, why it was refused, cancel and the verb. Mount it to open it. */
export function FormDialog({ title, form, action, onClose, children, size = "md" }: FormDialogProps) {
  const m = useMessages(kitMessages);
  return (
    <Modal opened onClose={onClose} title={title} size={size} closeButtonProps={{ "aria-label": m.close }}>
      <form onSubmit={form.onSubmit} noValidate>
        <Stack gap="md">
          {children}
          <FormProblem problem={form.problem} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {m.cancel}
            </Button>
            <Button type="submit" loading={form.isBusy}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
