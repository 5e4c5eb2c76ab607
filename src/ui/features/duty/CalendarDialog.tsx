import { ActionIcon, Button, Group, Select, Stack, Switch, Text, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import { changeCalendar, createCalendar, type Calendar } from "#wire/duty";
import { CalendarInput, type CalendarRules } from "#wire/duty-shapes";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { editorMessages } from "./editor-messages.ts";
import { useCalendarName, useRefresh } from "./use-duty.ts";
import { WeekdayChoice } from "./WeekdayChoice.tsx";

const usual: CalendarRules = {
  workdays: [1, 2, 3, 4, 5],
  holidays: "jp",
  hours: [{ from: "09:00", to: "18:00" }],
  closed: [],
  working: [],
};

export interface CalendarDialogProps {
  readonly calendar: Calendar | undefined;
  readonly isCopy: boolean;
  readonly onClose: () => void;
}

/** Creates or changes a calendar, from the beginning or from a date on. */
export function CalendarDialog({ calendar, isCopy, onClose }: CalendarDialogProps) {
  const m = useMessages(editorMessages);
  const call = useCall();
  const toasts = useToasts();
  const refresh = useRefresh();
  const org = useOrganisation().name;
  const isNew = calendar === undefined || isCopy;
  const nameOf = useCalendarName();
  const name = calendar ? nameOf(calendar) : "";
  const form = useDialogForm({
    schema: CalendarInput,
    initial: {
      name: isCopy ? m.copyName({ name }) : name,
      memo: calendar?.memo ?? "",
      versions: calendar?.versions.map((version) => ({ ...version })) ?? [usual],
    },
    explain: ({ code }) => (code === "conflict" ? m.nameTaken : undefined),
    submit: async (body) => {
      if (isNew) await call(createCalendar, { params: { org }, body });
      else await call(changeCalendar, { params: { org, id: calendar.id }, body });
      toasts.show({ text: m.saved({ name: body.name }) });
      await refresh();
    },
    onDone: onClose,
  });
  const { versions } = form.values;
  const [index, setIndex] = useState(versions.length - 1);
  const rules = versions[index] ?? usual;
  return (
    <FormDialog title={isNew ? m.createCalendar : m.editCalendar} form={form} action={m.save} onClose={onClose} size="lg">
      <TextInput {...form.text("name")} label={m.name} autoComplete="off" data-autofocus />
      <VersionFields
        versions={versions}
        index={index}
        onIndex={setIndex}
        onAdd={(date) => {
          const next = [...versions, { ...rules, from: date }].sort((a, b) => ((a.from ?? "") < (b.from ?? "") ? -1 : 1));
          form.set("versions", next);
          setIndex(next.findIndex((version) => version.from === date));
        }}
      />
      <RulesFields
        rules={rules}
        onChange={(next) =>
          form.set(
            "versions",
            versions.map((version, at) => (at === index ? next : version)),
          )
        }
      />
      {form.field("versions").error !== undefined && (
        <Text size="sm" c="red" role="alert">
          {form.field("versions").error}
        </Text>
      )}
      <TextInput {...form.text("memo")} label={m.memo} />
    </FormDialog>
  );
}

interface VersionFieldsProps {
  readonly versions: readonly CalendarRules[];
  readonly index: number;
  readonly onIndex: (index: number) => void;
  readonly onAdd: (date: string) => void;
}

function VersionFields({ versions, index, onIndex, onAdd }: VersionFieldsProps) {
  const m = useMessages(editorMessages);
  const [date, setDate] = useState("");
  const isTaken = versions.some((version) => version.from === date);
  return (
    <Group align="flex-end" gap="sm">
      <Select
        label={m.version}
        value={String(index)}
        allowDeselect={false}
        data={versions.map((version, at) => ({
          value: String(at),
          label: version.from === undefined ? m.fromBeginning : m.fromDate({ date: version.from }),
        }))}
        onChange={(value) => onIndex(Number(value ?? 0))}
      />
      <TextInput
        type="date"
        label={m.newVersion}
        description={m.newVersionHint}
        value={date}
        onChange={(event) => setDate(event.currentTarget.value)}
      />
      <Button
        variant="default"
        disabled={date === "" || isTaken}
        onClick={() => {
          onAdd(date);
          setDate("");
        }}
      >
        {m.addVersion}
      </Button>
    </Group>
  );
}

interface RulesProps {
  readonly rules: CalendarRules;
  readonly onChange: (rules: CalendarRules) => void;
}

function RulesFields({ rules, onChange }: RulesProps) {
  const m = useMessages(editorMessages);
  const hours = rules.hours[0];
  return (
    <Stack gap="md">
      <WeekdayChoice label={m.workdays} value={rules.workdays} onChange={(workdays) => onChange({ ...rules, workdays })} />
      <Switch
        label={m.holidays}
        checked={rules.holidays === "jp"}
        onChange={(event) => onChange({ ...rules, holidays: event.currentTarget.checked ? "jp" : "none" })}
      />
      {hours && (
        <Group grow>
          <TimeField
            label={`${m.hours}: ${m.hoursFrom}`}
            value={hours.from}
            onChange={(from) => onChange({ ...rules, hours: [{ ...hours, from }, ...rules.hours.slice(1)] })}
          />
          <TimeField
            label={`${m.hours}: ${m.hoursTo}`}
            value={hours.to}
            onChange={(to) => onChange({ ...rules, hours: [{ ...hours, to }, ...rules.hours.slice(1)] })}
          />
        </Group>
      )}
      <ClosedFields rules={rules} onChange={onChange} />
      <WorkingFields rules={rules} onChange={onChange} />
    </Stack>
  );
}

function TimeField({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  return (
    <TextInput
      type="time"
      label={label}
      value={value}
      onChange={(event) => event.currentTarget.value !== "" && onChange(event.currentTarget.value.slice(0, 5))}
    />
  );
}

function ClosedFields({ rules, onChange }: RulesProps) {
  const m = useMessages(editorMessages);
  const { closed } = rules;
  const set = (at: number, part: Partial<CalendarRules["closed"][number]>): void =>
    onChange({ ...rules, closed: closed.map((one, index) => (index === at ? { ...one, ...part } : one)) });
  return (
    <Rows
      label={m.closed}
      hint={m.closedHint}
      addText={m.addClosed}
      onAdd={() => onChange({ ...rules, closed: [...closed, { from: "2026-12-29", to: "2027-01-03", name: m.closed, isYearly: true }] })}
    >
      {closed.map((one, at) => (
        // oxlint-disable-next-line react/no-array-index-key -- rows have no other name, and keep their places
        <Group key={at} gap="xs" align="flex-end">
          <TextInput label={m.name} value={one.name} maxLength={100} onChange={(event) => set(at, { name: event.currentTarget.value })} />
          <DateField label={m.firstDay} value={one.from} onChange={(from) => set(at, { from })} />
          <DateField label={m.lastDay} value={one.to} onChange={(to) => set(at, { to })} />
          <Switch mb={8} label={m.yearly} checked={one.isYearly} onChange={(event) => set(at, { isYearly: event.currentTarget.checked })} />
          <RemoveButton
            label={m.removeClosed({ name: one.name })}
            onClick={() => onChange({ ...rules, closed: closed.filter((_, index) => index !== at) })}
          />
        </Group>
      ))}
    </Rows>
  );
}

function WorkingFields({ rules, onChange }: RulesProps) {
  const m = useMessages(editorMessages);
  const { working } = rules;
  const set = (at: number, part: Partial<CalendarRules["working"][number]>): void =>
    onChange({ ...rules, working: working.map((one, index) => (index === at ? { ...one, ...part } : one)) });
  return (
    <Rows
      label={m.working}
      hint={m.workingHint}
      addText={m.addWorking}
      onAdd={() => onChange({ ...rules, working: [...working, { date: "2026-12-26", name: "" }] })}
    >
      {working.map((one, at) => (
        // oxlint-disable-next-line react/no-array-index-key -- rows have no other name, and keep their places
        <Group key={at} gap="xs" align="flex-end">
          <DateField label={m.date} value={one.date} onChange={(date) => set(at, { date })} />
          <TextInput label={m.name} value={one.name} maxLength={100} onChange={(event) => set(at, { name: event.currentTarget.value })} />
          <RemoveButton
            label={m.removeClosed({ name: one.date })}
            onClick={() => onChange({ ...rules, working: working.filter((_, index) => index !== at) })}
          />
        </Group>
      ))}
    </Rows>
  );
}

interface RowsProps {
  readonly label: string;
  readonly hint: string;
  readonly addText: string;
  readonly onAdd: () => void;
  readonly children: ReactNode;
}

function Rows({ label, hint, addText, onAdd, children }: RowsProps) {
  return (
    <Stack gap="xs" component="section" aria-label={label}>
      <div>
        <Text size="sm" fw={500}>
          {label}
        </Text>
        <Text size="xs" c="dimmed">
          {hint}
        </Text>
      </div>
      {children}
      <Button variant="default" size="xs" w="max-content" leftSection={<IconPlus aria-hidden size={16} />} onClick={onAdd}>
        {addText}
      </Button>
    </Stack>
  );
}

function DateField({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  return (
    <TextInput
      type="date"
      label={label}
      value={value}
      onChange={(event) => event.currentTarget.value !== "" && onChange(event.currentTarget.value)}
    />
  );
}

function RemoveButton({ label, onClick }: { readonly label: string; readonly onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" mb={4} aria-label={label} onClick={onClick}>
      <IconX aria-hidden size={16} />
    </ActionIcon>
  );
}
