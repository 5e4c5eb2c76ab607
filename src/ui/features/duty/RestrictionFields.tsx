import { ActionIcon, Button, Group, Paper, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import type { CalendarCondition, Restriction } from "#wire/duty-shapes";
import { useMessages } from "#kit/messages";
import { editorMessages } from "./editor-messages.ts";
import { useCalendarName, useCalendars } from "./use-duty.ts";
import { WeekdayChoice } from "./WeekdayChoice.tsx";

const conditions: readonly CalendarCondition[] = ["working-time", "outside-working-time", "working-day", "day-off"];
type Hours = NonNullable<Restriction["hours"]>;

export interface RestrictionFieldsProps {
  readonly restriction: Restriction | undefined;
  readonly onChange: (restriction: Restriction | undefined) => void;
}

/** When a layer holds: at certain hours, by a calendar, or always. */
export function RestrictionFields({ restriction, onChange }: RestrictionFieldsProps) {
  const m = useMessages(editorMessages);
  const hours = restriction?.hours ?? [];
  const { calendar } = restriction ?? {};
  const set = (nextHours: Hours, nextCalendar: Restriction["calendar"]): void => {
    if (nextHours.length === 0 && !nextCalendar) onChange(undefined);
    else onChange({ ...(nextHours.length > 0 ? { hours: nextHours } : {}), ...(nextCalendar ? { calendar: nextCalendar } : {}) });
  };
  return (
    <Stack gap="xs">
      <Text size="sm" fw={500}>
        {`${m.holds}${restriction ? "" : `: ${m.always}`}`}
      </Text>
      {hours.map((one, index) => (
        <HoursRow
          // oxlint-disable-next-line react/no-array-index-key -- rows have no other name, and keep their places
          key={index}
          hours={one}
          onChange={(next) =>
            set(
              hours.map((other, at) => (at === index ? next : other)),
              calendar,
            )
          }
          onRemove={() =>
            set(
              hours.filter((_, at) => at !== index),
              calendar,
            )
          }
        />
      ))}
      <Group align="flex-end" gap="sm">
        <CalendarFields calendar={calendar} onChange={(next) => set(hours, next)} />
        <Button
          variant="default"
          leftSection={<IconPlus aria-hidden size={16} />}
          onClick={() => set([...hours, { weekdays: [1, 2, 3, 4, 5], from: "09:00", to: "18:00" }], calendar)}
        >
          {m.addHours}
        </Button>
      </Group>
    </Stack>
  );
}

interface CalendarFieldsProps {
  readonly calendar: Restriction["calendar"];
  readonly onChange: (calendar: Restriction["calendar"]) => void;
}

function CalendarFields({ calendar, onChange }: CalendarFieldsProps) {
  const m = useMessages(editorMessages);
  const { data } = useCalendars();
  const nameOf = useCalendarName();
  const choices = (data?.calendars ?? []).map((one) => ({ value: one.id, label: nameOf(one) }));
  return (
    <>
      <Select
        label={m.calendar}
        value={calendar?.id ?? ""}
        allowDeselect={false}
        data={[{ value: "", label: m.noCalendar }, ...choices]}
        onChange={(id) => onChange(id === null || id === "" ? undefined : { id, when: calendar?.when ?? "working-time" })}
      />
      {calendar && (
        <Select
          label={m.when}
          value={calendar.when}
          allowDeselect={false}
          data={conditions.map((value) => ({ value, label: m[value] }))}
          onChange={(value) => onChange({ ...calendar, when: conditions.find((one) => one === value) ?? calendar.when })}
        />
      )}
    </>
  );
}

interface HoursRowProps {
  readonly hours: Hours[number];
  readonly onChange: (hours: Hours[number]) => void;
  readonly onRemove: () => void;
}

function HoursRow({ hours, onChange, onRemove }: HoursRowProps) {
  const m = useMessages(editorMessages);
  const isComplete = (text: string): boolean => /^\d\d:\d\d$/u.test(text);
  return (
    <Paper withBorder p="xs">
      <Group align="flex-end" gap="md">
        <TextInput
          type="time"
          label={m.hoursFrom}
          value={hours.from}
          onChange={(event) => isComplete(event.currentTarget.value) && onChange({ ...hours, from: event.currentTarget.value })}
        />
        <TextInput
          type="time"
          label={m.hoursTo}
          value={hours.to === "24:00" ? "00:00" : hours.to}
          onChange={(event) => isComplete(event.currentTarget.value) && onChange({ ...hours, to: event.currentTarget.value })}
        />
        <WeekdayChoice
          label={m.holds}
          value={hours.weekdays}
          onChange={(weekdays) => weekdays.length > 0 && onChange({ ...hours, weekdays })}
        />
        <ActionIcon variant="subtle" color="gray" ml="auto" aria-label={m.removeHours} onClick={onRemove}>
          <IconX aria-hidden size={16} />
        </ActionIcon>
      </Group>
    </Paper>
  );
}
