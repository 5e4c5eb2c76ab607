import { Group, NativeSelect, Select, Switch, TextInput } from "@mantine/core";
import { changeReportSettings, ReportSettings } from "#wire/reports";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { timeZones } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { LanguageSelect } from "./MakeReportDialog.tsx";
import { messages } from "./messages.ts";
import { RecipientFields } from "./RecipientFields.tsx";
import { useRefreshReports, useReportChoices } from "./use-reports.ts";

/** When and to whom reports are sent by themselves. */
export function ReportSettingsDialog({ settings, onClose }: { readonly settings: ReportSettings; readonly onClose: () => void }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const toasts = useToasts();
  const refresh = useRefreshReports();
  const org = useOrganisation().name;
  const { calendars } = useReportChoices();
  const form = useDialogForm<ReportSettings>({
    schema: ReportSettings,
    initial: settings,
    hints: { time: m.timeHint },
    rules: ({ isOn, personIds, addresses, channelIds }) =>
      isOn && personIds.length + addresses.length + channelIds.length === 0 ? { personIds: m.needRecipient } : {},
    submit: async (values) => {
      await call(changeReportSettings, { params: { org }, body: values });
      toasts.show({ text: m.settingsSaved });
      await refresh();
    },
    onDone: onClose,
  });
  const { values, set, field } = form;
  return (
    <FormDialog title={m.settingsTitle} form={form} action={kit.save} onClose={onClose} size="lg">
      <Switch label={m.isOn} checked={values.isOn} onChange={(event) => set("isOn", event.currentTarget.checked)} />
      <Group grow align="flex-start">
        <NativeSelect
          label={m.day}
          value={values.day}
          data={[
            { value: "first-working-day", label: m.firstWorkingDay },
            { value: "first-day", label: m.firstDay },
          ]}
          onChange={(event) => set("day", event.currentTarget.value === "first-day" ? "first-day" : "first-working-day")}
        />
        <TextInput {...form.text("time")} label={m.time} placeholder="09:00" autoComplete="off" />
      </Group>
      <Group grow align="flex-start">
        {values.day === "first-working-day" && (
          <NativeSelect
            label={m.calendar}
            value={values.calendarId}
            data={calendars.length === 0 ? [values.calendarId] : calendars}
            onChange={(event) => set("calendarId", event.currentTarget.value)}
          />
        )}
        <Select
          label={m.timeZone}
          data={[...new Set([...timeZones(), values.timeZone])]}
          value={values.timeZone}
          error={field("timeZone").error}
          onChange={(value) => value !== null && set("timeZone", value)}
          searchable
          allowDeselect={false}
        />
      </Group>
      <LanguageSelect value={values.language} onChange={(value) => set("language", value)} />
      <RecipientFields
        values={values}
        errors={{ personIds: field("personIds").error, addresses: field("addresses").error, channelIds: field("channelIds").error }}
        onChange={set}
      />
    </FormDialog>
  );
}
