import { Group, NumberInput, Select, SimpleGrid, Stack, TextInput } from "@mantine/core";
import type { Rotation } from "#wire/duty-shapes";
import { useMessages } from "#kit/messages";
import { editorMessages } from "./editor-messages.ts";
import type { Crew } from "./people.ts";
import { PeopleOrder } from "./PeopleOrder.tsx";
import { startDate, withStart, withUntil } from "./schedule-draft.ts";
import { usePeopleChoices } from "./use-duty.ts";
import { WeekdayChoice } from "./WeekdayChoice.tsx";

const units = ["hour", "day", "week", "month", "weekdays"] as const;

export interface RotationFieldsProps {
  readonly rotation: Rotation;
  readonly crew: Crew;
  readonly onChange: (rotation: Rotation) => void;
}

/** Who takes turns, and how. */
export function RotationFields({ rotation, crew, onChange }: RotationFieldsProps) {
  const m = useMessages(editorMessages);
  const choices = usePeopleChoices();
  const unitTexts = { hour: m.hour, day: m.day, week: m.week, month: m.month, weekdays: m.weekdaysUnit };
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      <PeopleOrder
        label={m.people}
        hint={m.peopleHint}
        ids={rotation.people}
        choices={choices}
        nameOf={crew.nameOf}
        onChange={(people) => onChange({ ...rotation, people })}
      />
      <Stack gap="sm">
        <Group grow align="flex-end">
          <NumberInput
            label={m.every}
            value={rotation.length}
            min={1}
            max={1000}
            allowDecimal={false}
            onChange={(value) => typeof value === "number" && value >= 1 && onChange({ ...rotation, length: value })}
          />
          <Select
            label={m.unit}
            value={rotation.unit}
            allowDeselect={false}
            data={units.map((value) => ({ value, label: unitTexts[value] }))}
            onChange={(value) => {
              const unit = units.find((one) => one === value) ?? rotation.unit;
              onChange({ ...rotation, unit, ...(unit === "weekdays" && !rotation.weekdays ? { weekdays: [1, 5] } : {}) });
            }}
          />
        </Group>
        {rotation.unit === "weekdays" && (
          <WeekdayChoice
            label={m.handOverDays}
            value={rotation.weekdays ?? []}
            onChange={(weekdays) => weekdays.length > 0 && onChange({ ...rotation, weekdays })}
          />
        )}
        <StartFields rotation={rotation} onChange={onChange} />
      </Stack>
    </SimpleGrid>
  );
}

function StartFields({ rotation, onChange }: Omit<RotationFieldsProps, "crew">) {
  const m = useMessages(editorMessages);
  return (
    <Group grow align="flex-end">
      <TextInput
        type="date"
        label={m.start}
        value={startDate(rotation)}
        onChange={(event) => {
          const date = event.currentTarget.value;
          if (date !== "") onChange(withStart(rotation, date, rotation.handOver));
        }}
      />
      <TextInput
        type="time"
        label={m.handOver}
        value={rotation.handOver}
        onChange={(event) => {
          const time = event.currentTarget.value;
          if (time !== "") onChange(withStart(rotation, startDate(rotation), time));
        }}
      />
      <TextInput
        type="date"
        label={m.until}
        value={rotation.until?.slice(0, 10) ?? ""}
        onChange={(event) => onChange(withUntil(rotation, event.currentTarget.value))}
      />
    </Group>
  );
}
