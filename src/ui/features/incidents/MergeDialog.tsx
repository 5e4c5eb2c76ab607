import { Select, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { listIncidents, mergeIncident, type Incident } from "#wire/incidents";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { actMessages } from "./act-messages.ts";
import { useIncidentChanged, via } from "./use-act.ts";

/** Takes over another incident's alerts. */
export function MergeDialog({ incident, onClose }: { readonly incident: Incident; readonly onClose: () => void }) {
  const m = useMessages(actMessages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const toasts = useToasts();
  const changed = useIncidentChanged();
  const org = useOrganisation().name;
  const { data } = useQuery({
    queryKey: [org, "incidents", "to-merge"],
    queryFn: ({ signal }) => call(listIncidents, { params: { org }, query: { state: ["open", "taken"], limit: 200 } }, signal),
  });
  const others = (data?.incidents ?? []).filter((one) => one.id !== incident.id);
  const form = useDialogForm({
    initial: { other: "" },
    rules: ({ other }) => (other === "" ? { other: data && others.length === 0 ? m.mergeNone : kit.required } : {}),
    submit: async ({ other }) => {
      changed(await call(mergeIncident, { params: { org, id: incident.id }, body: { other, via } }));
      toasts.show({ text: m.merged });
    },
    onDone: onClose,
  });
  const field = form.field("other");
  return (
    <FormDialog title={m.mergeTitle} form={form} action={m.mergeAction} onClose={onClose}>
      <Text size="sm">{m.mergeText}</Text>
      <Select
        name="other"
        label={m.mergeOther}
        data={others.map((one) => ({ value: one.id, label: `#${one.number} ${one.title}` }))}
        value={form.values.other === "" ? null : form.values.other}
        error={field.error}
        onBlur={field.onBlur}
        onChange={(id) => form.set("other", id ?? "")}
        searchable
        data-autofocus
      />
    </FormDialog>
  );
}
