import { MultiSelect, NativeSelect, Text, Textarea, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { severities, type Severity } from "#wire/alerting";
import { openIncident } from "#wire/incidents";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { useServices } from "../inventory/use-services.ts";
import { messages } from "./messages.ts";
import { severityMessages } from "./severity-messages.ts";
import { useIncidentChanged, via } from "./use-act.ts";

interface Values {
  readonly title: string;
  readonly severity: Severity;
  readonly description: string;
  readonly services: string[];
}

/** For trouble that no monitor tells of. */
export function OpenIncidentDialog({ onClose }: { readonly onClose: () => void }) {
  const m = useMessages(messages);
  const severity = useMessages(severityMessages);
  const call = useCall();
  const toasts = useToasts();
  const navigate = useNavigate();
  const changed = useIncidentChanged();
  const org = useOrganisation().name;
  const services = (useServices() ?? []).map((service) => service.name);
  const form = useDialogForm<Values>({
    schema: openIncident.body,
    initial: { title: "", severity: "error", description: "", services: [] },
    submit: async (values) => {
      const incident = await call(openIncident, { params: { org }, body: { ...values, title: values.title.trim(), via } });
      changed(incident);
      toasts.show({ text: m.opened({ number: String(incident.number) }) });
      await navigate({ to: "/o/$org/incidents/$id", params: { org, id: incident.id } });
    },
    onDone: onClose,
  });
  return (
    <FormDialog title={m.openOne} form={form} action={m.openOneAction} onClose={onClose}>
      <Text size="sm">{m.openOneHint}</Text>
      <TextInput {...form.text("title")} label={m.title} data-autofocus />
      <NativeSelect
        name="severity"
        label={m.severity}
        data={severities.toReversed().map((value) => ({ value, label: severity[value] }))}
        value={form.values.severity}
        onChange={(event) => {
          const chosen = severities.find((one) => one === event.currentTarget.value);
          if (chosen) form.set("severity", chosen);
        }}
      />
      {services.length > 0 && (
        <MultiSelect
          label={m.services}
          data={services}
          value={form.values.services}
          onChange={(chosen) => form.set("services", chosen)}
          searchable
          clearable
        />
      )}
      <Textarea {...form.text("description")} label={m.description} autosize minRows={3} maxRows={10} />
    </FormDialog>
  );
}
