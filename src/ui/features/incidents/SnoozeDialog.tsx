import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { days, hours, minutes, unixMs, type Millis, type UnixMs } from "#base/duration";
import { snoozeIncident, type Incident } from "#wire/incidents";
import { useCall } from "#kit/call";
import { useClock } from "#kit/clock";
import { useDialogForm } from "#kit/dialog-form";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { actMessages } from "./act-messages.ts";
import { useIncidentChanged, via } from "./use-act.ts";

const lengths: readonly Millis[] = [minutes(15), minutes(30), hours(1), hours(2), hours(4), hours(12), days(1)];
const longest = days(30);

/** Disturbs nobody about an incident for a while: some lengths to press, or a time. */
export function SnoozeDialog({ incident, onClose }: { readonly incident: Incident; readonly onClose: () => void }) {
  const m = useMessages(actMessages);
  const call = useCall();
  const clock = useClock();
  const format = useFormat();
  const toasts = useToasts();
  const changed = useIncidentChanged();
  const org = useOrganisation().name;
  const [chosen, setChosen] = useState<Millis>();
  const untilOf = (length: Millis): UnixMs => unixMs(Math.ceil((clock.now() + length) / 60_000) * 60_000);
  const form = useDialogForm({
    initial: { until: format.localInput(untilOf(hours(1))) },
    rules: ({ until }) => {
      const at = format.parseLocalInput(until);
      const isAhead = at !== undefined && at > clock.now() && at <= clock.now() + longest;
      return isAhead ? {} : { until: m.snoozePast };
    },
    submit: async ({ until }) => {
      const at = format.parseLocalInput(until);
      if (at === undefined) return;
      changed(await call(snoozeIncident, { params: { org, id: incident.id }, body: { until: at, via } }));
      toasts.show({ text: m.snoozedUntil({ time: format.dateTime(at) }) });
    },
    onDone: onClose,
  });
  return (
    <FormDialog title={m.snoozeTitle} form={form} action={m.snooze} onClose={onClose}>
      <Text size="sm">{m.snoozeText}</Text>
      <Stack gap={6}>
        <Text size="sm" fw={500}>
          {m.snoozeFor}
        </Text>
        <Group gap={6} role="group" aria-label={m.snoozeFor}>
          {lengths.map((length) => (
            <Button
              key={length}
              size="compact-md"
              variant={chosen === length ? "filled" : "default"}
              aria-pressed={chosen === length}
              onClick={() => {
                setChosen(length);
                form.set("until", format.localInput(untilOf(length)));
              }}
            >
              {format.duration(length)}
            </Button>
          ))}
        </Group>
      </Stack>
      <TextInput
        {...form.text("until")}
        type="datetime-local"
        label={m.snoozeUntil}
        onChange={(event) => {
          setChosen(undefined);
          form.set("until", event.currentTarget.value);
        }}
      />
    </FormDialog>
  );
}
