import { NativeSelect, Text, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { makeReport } from "#wire/reports";
import type { Language } from "#wire/shapes";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { messages } from "./messages.ts";
import { useRefreshReports } from "./use-reports.ts";

interface Values {
  readonly period: string;
  readonly language: Language;
}

/** Makes the report of a month or year now and opens it. */
export function MakeReportDialog({ thisMonth, onClose }: { readonly thisMonth: string; readonly onClose: () => void }) {
  const m = useMessages(messages);
  const call = useCall();
  const toasts = useToasts();
  const refresh = useRefreshReports();
  const navigate = useNavigate();
  const { language } = useFormat();
  const org = useOrganisation().name;
  const form = useDialogForm<Values>({
    schema: makeReport.body,
    initial: { period: thisMonth, language },
    submit: async (values) => {
      const { id, period } = await call(makeReport, { params: { org }, body: values });
      toasts.show({ text: m.made({ period }) });
      await refresh();
      await navigate({ to: "/o/$org/reports/$id", params: { org, id } });
    },
    onDone: onClose,
  });
  return (
    <FormDialog title={m.makeTitle} form={form} action={m.make} onClose={onClose}>
      <Text size="sm" c="dimmed">
        {m.makeHint}
      </Text>
      <TextInput {...form.text("period")} label={m.month} placeholder={thisMonth} autoComplete="off" data-autofocus />
      <LanguageSelect value={form.values.language} onChange={(value) => form.set("language", value)} />
    </FormDialog>
  );
}

export function LanguageSelect({ value, onChange }: { readonly value: Language; readonly onChange: (value: Language) => void }) {
  const m = useMessages(messages);
  return (
    <NativeSelect
      label={m.language}
      value={value}
      data={[
        { value: "ja", label: m.japanese },
        { value: "en", label: m.english },
      ]}
      onChange={(event) => onChange(event.currentTarget.value === "ja" ? "ja" : "en")}
    />
  );
}
