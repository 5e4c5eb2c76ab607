import { Textarea, TextInput } from "@mantine/core";
import { Type } from "typebox";
import { NewDashboard, type Dashboard } from "#wire/dashboards";
import { useDialogForm } from "#kit/dialog-form";
import { useMessages } from "#kit/messages";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { messages } from "./messages.ts";

const { title, urlPath } = NewDashboard.properties;
const fields = Type.Object({ title, urlPath, memo: Type.String({ maxLength: 10_000 }) });

export interface DashboardDetails {
  readonly title: string;
  readonly urlPath: string;
  readonly memo: string;
}

export interface DashboardDialogProps {
  readonly heading: string;
  readonly action: string;
  readonly dashboard?: Pick<Dashboard, "title" | "urlPath" | "memo">;
  readonly onSave: (details: DashboardDetails) => Promise<unknown>;
  readonly onClose: () => void;
}

/** Title, path and memo of a dashboard. */
export function DashboardDialog({ heading, action, dashboard, onSave, onClose }: DashboardDialogProps) {
  const m = useMessages(messages);
  const form = useDialogForm<DashboardDetails>({
    schema: fields,
    initial: { title: dashboard?.title ?? "", urlPath: dashboard?.urlPath ?? "", memo: dashboard?.memo ?? "" },
    hints: { urlPath: m.urlPathWrong },
    explain: ({ code, message }) => (code === "conflict" && message.includes("path") ? m.urlPathTaken : undefined),
    submit: (values) => onSave({ ...values, title: values.title.trim() }),
    onDone: onClose,
  });
  return (
    <FormDialog title={heading} form={form} action={action} onClose={onClose}>
      <TextInput {...form.text("title")} label={m.title} autoComplete="off" data-autofocus />
      <TextInput
        {...form.text("urlPath")}
        label={m.urlPath}
        description={m.urlPathHint}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
      />
      <Textarea {...form.text("memo")} label={m.memo} autosize minRows={2} maxRows={10} />
    </FormDialog>
  );
}
