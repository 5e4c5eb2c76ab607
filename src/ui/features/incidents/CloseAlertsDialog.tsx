import { Text, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { closeAlert, type AlertSummary } from "#wire/alerts";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { alertMessages } from "./alert-messages.ts";

export interface CloseAlertsDialogProps {
  readonly alerts: readonly Pick<AlertSummary, "id" | "name" | "host">[];
  readonly onDone?: () => void;
  readonly onClose: () => void;
}

/** Closes alerts by hand, with a reason. Of many, those that cannot be closed any more are counted and not lost. */
export function CloseAlertsDialog({ alerts, onDone, onClose }: CloseAlertsDialogProps) {
  const m = useMessages(alertMessages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const format = useFormat();
  const org = useOrganisation().name;
  const count = format.count(alerts.length);
  const form = useDialogForm({
    schema: closeAlert.body,
    initial: { reason: "" },
    submit: async ({ reason }) => {
      const body = reason.trim() === "" ? {} : { reason: reason.trim() };
      const close = ({ id }: { readonly id: string }) => call(closeAlert, { params: { org, id }, body });
      const [first, ...rest] = alerts;
      // The first one's refusal is shown in the dialog: most often it is everybody's.
      if (first) await close(first);
      const results = await Promise.allSettled(rest.map(close));
      const failed = results.filter((result) => result.status === "rejected").length;
      const done = format.count(alerts.length - failed);
      toasts.show(
        failed === 0
          ? { text: m.closedMany({ count: done }) }
          : { kind: "problem", text: m.closedSome({ done, left: format.count(failed) }) },
      );
      await client.invalidateQueries({ queryKey: [org] });
      onDone?.();
    },
    onDone: onClose,
  });
  return (
    <FormDialog title={m.closeTitle({ count })} form={form} action={m.closeAction({ count })} onClose={onClose}>
      <Text size="sm">{m.closeText}</Text>
      <Textarea {...form.text("reason")} label={m.reason} description={m.reasonHint} autosize minRows={2} maxRows={6} data-autofocus />
    </FormDialog>
  );
}
