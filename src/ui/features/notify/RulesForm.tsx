import { Button, Checkbox, Group, NativeSelect, Paper, SimpleGrid, Stack, Switch, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { media, severities, type Medium } from "#wire/alerting";
import { NotificationRules, type LeastSeverity } from "#wire/notify";
import { changeMyRules, type MyNotifications } from "#wire/notify-people";
import { useCall } from "#kit/call";
import { useDialogForm, type DialogForm } from "#kit/dialog-form";
import { timeZones, useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { messages } from "./my-messages.ts";

interface Values extends Readonly<Record<Medium, LeastSeverity>> {
  readonly isOn: boolean;
  readonly from: string;
  readonly until: string;
  readonly weekdays: readonly number[];
  /** Empty: the profile's. */
  readonly zone: string;
}

const least = [...severities, "never"] as const;
/** Monday first. */
const weekdays = [1, 2, 3, 4, 5, 6, 0] as const;

const bodyOf = ({ isOn, from, until, weekdays: days, zone, mail, chat, phone, sms, push }: Values): NotificationRules => ({
  ...(zone === "" ? {} : { timeZone: zone }),
  quiet: { isOn, from, until, weekdays: days.toSorted((a, b) => a - b) },
  media: { mail, chat, phone, sms, push },
});

/** As text: a field of type "time" shows hours as the browser likes them. */
const clock = { inputMode: "numeric", maxLength: 5, w: "6rem", autoComplete: "off" } as const;

const isTime = (text: string): boolean => /^(?:[01]\d|2[0-3]):[0-5]\d$/u.test(text);

/** One's own quiet hours and media. */
export function RulesForm({ mine: { rules, timeZone } }: { readonly mine: MyNotifications }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const form = useDialogForm<Values>({
    initial: { ...rules.quiet, zone: rules.timeZone ?? "", sms: "information", push: "information", ...rules.media },
    rules: ({ from, until }) => ({ ...(isTime(from) ? {} : { from: m.timeWrong }), ...(isTime(until) ? {} : { until: m.timeWrong }) }),
    submit: async (values) => {
      client.setQueryData([org, "my-notifications"], await call(changeMyRules, { params: { org }, body: bodyOf(values) }));
      toasts.show({ text: m.saved });
    },
  });
  return (
    <PageSection title={m.rules} hint={m.rulesHint}>
      <Paper withBorder p="md" maw="46rem">
        <form onSubmit={form.onSubmit} noValidate>
          <Stack gap="md">
            <QuietFields form={form} timeZone={timeZone} />
            <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">
              {media.map((medium) => (
                <NativeSelect
                  key={medium}
                  name={medium}
                  label={m[`medium-${medium}`]}
                  description={m.least}
                  value={form.values[medium]}
                  data={least.map((one) => ({ value: one, label: m[`least-${one}`] }))}
                  onChange={(event) => form.set(medium, least.find((one) => one === event.currentTarget.value) ?? "information")}
                />
              ))}
            </SimpleGrid>
            <FormProblem problem={form.problem} />
            <Button type="submit" loading={form.isBusy} style={{ alignSelf: "flex-start" }}>
              {kit.save}
            </Button>
          </Stack>
        </form>
      </Paper>
    </PageSection>
  );
}

function QuietFields({ form, timeZone }: { readonly form: DialogForm<Values>; readonly timeZone: string }) {
  const m = useMessages(messages);
  const format = useFormat();
  const { values } = form;
  return (
    <>
      <Switch
        label={m.quietOn}
        description={m.quietHint}
        checked={values.isOn}
        onChange={(event) => form.set("isOn", event.currentTarget.checked)}
      />
      {values.isOn && (
        <>
          <Group gap="sm" align="flex-start">
            <TextInput {...form.text("from")} {...clock} label={m.from} />
            <TextInput {...form.text("until")} {...clock} label={m.until} />
            <NativeSelect
              name="zone"
              label={m.zone}
              value={values.zone}
              data={[{ value: "", label: m.ownZone({ zone: timeZone }) }, ...timeZones().map((zone) => ({ value: zone, label: zone }))]}
              onChange={(event) => form.set("zone", event.currentTarget.value)}
            />
          </Group>
          <Checkbox.Group
            label={m.days}
            value={values.weekdays.map(String)}
            onChange={(chosen) => form.set("weekdays", chosen.map(Number))}
          >
            <Group gap="sm" mt={6}>
              {weekdays.map((day) => (
                <Checkbox key={day} value={String(day)} label={format.weekday(day)} />
              ))}
            </Group>
          </Checkbox.Group>
        </>
      )}
    </>
  );
}
