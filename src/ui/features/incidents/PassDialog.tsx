import { Select, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { listMembers } from "#wire/identity";
import { passIncident, type Incident } from "#wire/incidents";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { roleMay, useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { actMessages } from "./act-messages.ts";
import { useIncidentChanged, via } from "./use-act.ts";

/** Gives an incident to somebody else, who has it from then on. */
export function PassDialog({ incident, onClose }: { readonly incident: Incident; readonly onClose: () => void }) {
  const m = useMessages(actMessages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const toasts = useToasts();
  const changed = useIncidentChanged();
  const org = useOrganisation().name;
  const { data } = useQuery({
    queryKey: [org, "members", "able"],
    queryFn: ({ signal }) => call(listMembers, { params: { org }, query: { limit: 200 } }, signal),
  });
  const able = (data?.members ?? []).filter(
    (one) => one.state === "active" && one.id !== incident.responder?.id && roleMay(one.role, "incident.act"),
  );
  const form = useDialogForm({
    initial: { to: "", note: "" },
    rules: ({ to }) => (to === "" ? { to: kit.required } : {}),
    submit: async ({ to, note }) => {
      const words = note.trim();
      const from = incident.responder?.id;
      const body = { to, ...(from === undefined ? {} : { from }), ...(words === "" ? {} : { note: words }), via };
      const after = await call(passIncident, { params: { org, id: incident.id }, body });
      changed(after);
      toasts.show({ text: m.passed({ name: after.responder?.name ?? "" }) });
    },
    onDone: onClose,
  });
  const { to } = form.values;
  const field = form.field("to");
  return (
    <FormDialog title={m.passTitle} form={form} action={m.passAction} onClose={onClose}>
      <Select
        name="to"
        label={m.passTo}
        description={m.passHint}
        data={able.map((one) => ({ value: one.id, label: one.name }))}
        value={to === "" ? null : to}
        error={field.error}
        onBlur={field.onBlur}
        onChange={(id) => form.set("to", id ?? "")}
        searchable
        data-autofocus
      />
      <Textarea {...form.text("note")} label={m.note} description={m.noteHint} autosize minRows={2} maxRows={8} />
    </FormDialog>
  );
}
