import { FileInput, Group, Select, Text, TextInput } from "@mantine/core";
import { addTime, days } from "#base/duration";
import { createAbsence, importAbsences, mostCalendarBytes } from "#wire/duty-calendars";
import { useCall } from "#kit/call";
import { useClock } from "#kit/clock";
import { useDialogForm } from "#kit/dialog-form";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation, useSession } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { messages } from "./messages.ts";
import { usePeopleChoices, useRefresh } from "./use-duty.ts";

interface Closing {
  readonly onClose: () => void;
}

/** Notes that somebody is away. */
export function AbsenceDialog({ onClose }: Closing) {
  const m = useMessages(messages);
  const format = useFormat();
  const clock = useClock();
  const call = useCall();
  const toasts = useToasts();
  const refresh = useRefresh();
  const org = useOrganisation().name;
  const me = useSession().person.id;
  const form = useDialogForm({
    initial: { personId: me, from: format.localInput(clock.now()), to: format.localInput(addTime(clock.now(), days(1))), note: "" },
    rules: (values) => {
      const [from, to] = [format.parseLocalInput(values.from), format.parseLocalInput(values.to)];
      return {
        ...(from === undefined ? { from: m.needTime } : {}),
        ...(to === undefined ? { to: m.needTime } : to <= (from ?? 0) ? { to: m.endBeforeStart } : {}),
      };
    },
    submit: async ({ personId, from, to, note }) => {
      const body = { personId, from: format.parseLocalInput(from) ?? 0, to: format.parseLocalInput(to) ?? 0, note };
      await call(createAbsence, { params: { org }, body });
      toasts.show({ text: m.absenceAdded });
      await refresh();
    },
    onDone: onClose,
  });
  return (
    <FormDialog title={m.addAbsence} form={form} action={m.add} onClose={onClose}>
      <Select
        {...form.field("personId")}
        onChange={(value) => form.set("personId", value ?? me)}
        label={m.person}
        data={usePeopleChoices()}
        searchable
        allowDeselect={false}
      />
      <Group grow align="flex-start">
        <TextInput {...form.text("from")} type="datetime-local" label={m.from} />
        <TextInput {...form.text("to")} type="datetime-local" label={m.to} />
      </Group>
      <TextInput {...form.text("note")} label={m.note} maxLength={200} />
    </FormDialog>
  );
}

interface FileValues {
  personId: string;
  file: File | null;
  url: string;
}

/** Reads when somebody is away from a calendar file. */
export function ImportAbsencesDialog({ onClose }: Closing) {
  const m = useMessages(messages);
  const format = useFormat();
  const call = useCall();
  const toasts = useToasts();
  const refresh = useRefresh();
  const org = useOrganisation().name;
  const me = useSession().person.id;
  const form = useDialogForm<FileValues>({
    initial: { personId: me, file: null, url: "" },
    rules: ({ file, url }) => (url === "" && (file === null || file.size > mostCalendarBytes) ? { file: m.noFile } : {}),
    submit: async ({ personId, file, url }) => {
      const source = (file?.name ?? url).slice(0, 200);
      const body = { personId, source, ...(file ? { text: await file.text() } : { url }) };
      const { absences } = await call(importAbsences, { params: { org }, body });
      toasts.show({ text: m.absencesRead({ count: format.count(absences) }) });
      await refresh();
    },
    onDone: onClose,
  });
  return (
    <FormDialog title={m.importAbsences} form={form} action={m.read} onClose={onClose}>
      <Text size="sm">{m.importAbsencesText}</Text>
      <Select
        {...form.field("personId")}
        onChange={(value) => form.set("personId", value ?? me)}
        label={m.person}
        data={usePeopleChoices()}
        searchable
        allowDeselect={false}
      />
      <FileInput {...form.field("file")} label={m.file} placeholder={m.chooseFile} accept=".ics,text/calendar" clearable />
      <TextInput {...form.text("url")} label={m.orAddress} description={m.orAddressHint} disabled={form.values.file !== null} />
    </FormDialog>
  );
}
