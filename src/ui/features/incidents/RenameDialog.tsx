import { Textarea, TextInput } from "@mantine/core";
import { renameIncident, type Incident } from "#wire/incidents";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { actMessages } from "./act-messages.ts";
import { useIncidentChanged, via } from "./use-act.ts";

export function RenameDialog({ incident, onClose }: { readonly incident: Incident; readonly onClose: () => void }) {
  const m = useMessages(actMessages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const toasts = useToasts();
  const changed = useIncidentChanged();
  const org = useOrganisation().name;
  const form = useDialogForm({
    schema: renameIncident.body,
    initial: { title: incident.title, description: incident.description },
    rules: ({ title }) => (title.trim() === "" ? { title: kit.required } : {}),
    submit: async ({ title, description }) => {
      changed(await call(renameIncident, { params: { org, id: incident.id }, body: { title: title.trim(), description, via } }));
      toasts.show({ text: m.renamed });
    },
    onDone: onClose,
  });
  return (
    <FormDialog title={m.renameTitle} form={form} action={kit.save} onClose={onClose}>
      <TextInput {...form.text("title")} label={m.titleLabel} data-autofocus />
      <Textarea {...form.text("description")} label={m.descriptionLabel} autosize minRows={4} maxRows={16} />
    </FormDialog>
  );
}
