import { Text } from "@mantine/core";
import { sendReport } from "#wire/reports";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { messages } from "./messages.ts";
import { RecipientFields, type Recipients } from "./RecipientFields.tsx";
import { useRefreshReports } from "./use-reports.ts";

/** Sends a report now, to those named or to those who get it by schedule. */
export function SendReportDialog({ id, period, onClose }: { readonly id: string; readonly period: string; readonly onClose: () => void }) {
  const m = useMessages(messages);
  const call = useCall();
  const toasts = useToasts();
  const format = useFormat();
  const refresh = useRefreshReports();
  const org = useOrganisation().name;
  const form = useDialogForm<Recipients>({
    schema: sendReport.body,
    initial: { personIds: [], addresses: [], channelIds: [] },
    submit: async (values) => {
      const { count } = await call(sendReport, { params: { org, id }, body: values });
      toasts.show({ text: m.sentDone({ count: format.count(count) }) });
      await refresh();
    },
    onDone: onClose,
  });
  const { field } = form;
  return (
    <FormDialog title={m.sendTitle({ period })} form={form} action={m.sendAction} onClose={onClose}>
      <Text size="sm">{m.sendText}</Text>
      <RecipientFields
        values={form.values}
        errors={{ personIds: field("personIds").error, addresses: field("addresses").error, channelIds: field("channelIds").error }}
        onChange={form.set}
      />
    </FormDialog>
  );
}
