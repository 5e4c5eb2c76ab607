import { Checkbox, Stack, Text } from "@mantine/core";
import { splitIncident, type Incident } from "#wire/incidents";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { actMessages } from "./act-messages.ts";
import { useIncidentChanged, via } from "./use-act.ts";

/** Makes an incident of its own of some of the alerts. */
export function SplitDialog({ incident, onClose }: { readonly incident: Incident; readonly onClose: () => void }) {
  const m = useMessages(actMessages);
  const call = useCall();
  const toasts = useToasts();
  const changed = useIncidentChanged();
  const org = useOrganisation().name;
  const { members } = incident;
  const form = useDialogForm<{ alerts: readonly string[] }>({
    initial: { alerts: [] },
    rules: ({ alerts }) => (alerts.length === 0 || alerts.length >= incident.alerts ? { alerts: m.splitNone } : {}),
    submit: async ({ alerts }) => {
      const made = await call(splitIncident, { params: { org, id: incident.id }, body: { alerts: [...alerts], via } });
      changed(made.original);
      changed(made.incident);
      toasts.show({ text: m.splitDone({ number: String(made.incident.number) }) });
    },
    onDone: onClose,
  });
  const field = form.field("alerts");
  return (
    <FormDialog title={m.splitTitle} form={form} action={m.splitAction} onClose={onClose}>
      <Checkbox.Group
        label={m.splitText}
        value={[...form.values.alerts]}
        onChange={(alerts) => form.set("alerts", alerts)}
        error={field.error}
        onBlur={field.onBlur}
      >
        <Stack gap="xs" mt="xs">
          {members.map((alert) => (
            <Checkbox
              key={alert.id}
              name="alerts"
              value={alert.id}
              label={
                <Text span size="sm" style={{ overflowWrap: "anywhere" }}>
                  {[alert.host?.name, alert.name, alert.message].filter((part) => part !== undefined && part !== "").join(" · ")}
                </Text>
              }
            />
          ))}
        </Stack>
      </Checkbox.Group>
    </FormDialog>
  );
}
