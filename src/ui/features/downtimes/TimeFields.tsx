import { Group, NativeSelect, NumberInput, Text, TextInput } from "@mantine/core";
import { recurrenceTypes } from "#wire/downtimes";
import type { DialogForm } from "#kit/dialog-form";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { WeekdayChoice } from "../duty/WeekdayChoice.tsx";
import { units, type DowntimeValues, type Unit } from "./downtime-form.ts";
import { messages } from "./messages.ts";

type Form = DialogForm<DowntimeValues>;

/** When a downtime begins, how long it lasts, and how it comes again. */
export function TimeFields({ form }: { readonly form: Form }) {
  const m = useMessages(messages);
  const format = useFormat();
  const unitNames: Readonly<Record<Unit, string>> = { minutes: m.unitMinutes, hours: m.unitHours, days: m.unitDays };
  const length = form.field("length");
  return (
    <>
      <TextInput {...form.text("start")} type="datetime-local" label={m.start} description={m.zoneHint({ zone: format.timeZone })} />
      <Group gap="xs" align="flex-end" wrap="nowrap">
        <NumberInput
          name="length"
          label={m.duration}
          value={length.value}
          error={length.error}
          onBlur={length.onBlur}
          onChange={length.onChange}
          min={1}
          allowDecimal={false}
          style={{ flex: 1 }}
        />
        <NativeSelect
          aria-label={m.unit}
          value={form.values.unit}
          data={units.map((value) => ({ value, label: unitNames[value] }))}
          onChange={(event) => form.set("unit", units.find((unit) => unit === event.currentTarget.value) ?? "minutes")}
        />
      </Group>
      <RepeatFields form={form} />
    </>
  );
}

function RepeatFields({ form }: { readonly form: Form }) {
  const m = useMessages(messages);
  const { repeat, weekdays } = form.values;
  const interval = form.field("interval");
  const everyOf = { hourly: m.everyHours, daily: m.everyDays, weekly: m.everyWeeks, monthly: m.everyMonths, yearly: m.everyYears };
  return (
    <>
      <Group gap="xs" align="flex-end" wrap="nowrap">
        <NativeSelect
          name="repeat"
          label={m.repeat}
          value={repeat}
          data={[{ value: "once", label: m.once }, ...recurrenceTypes.map((value) => ({ value, label: m[value] }))]}
          onChange={(event) => form.set("repeat", recurrenceTypes.find((type) => type === event.currentTarget.value) ?? "once")}
          style={{ flex: 1 }}
        />
        {repeat !== "once" && (
          <NumberInput
            name="interval"
            label={everyOf[repeat]}
            value={interval.value}
            error={interval.error}
            onBlur={interval.onBlur}
            onChange={interval.onChange}
            min={1}
            max={1000}
            allowDecimal={false}
            w="9rem"
          />
        )}
      </Group>
      {repeat === "weekly" && (
        <div>
          <WeekdayChoice label={m.weekdays} value={weekdays} onChange={(days) => form.set("weekdays", days)} />
          <Text size="xs" c="dimmed" mt={4}>
            {m.weekdaysHint}
          </Text>
        </div>
      )}
      {(repeat === "monthly" || repeat === "yearly") && (
        <Text size="xs" c="dimmed">
          {m.lastDay}
        </Text>
      )}
      {repeat !== "once" && <TextInput {...form.text("until")} type="datetime-local" label={m.until} description={m.untilHint} />}
    </>
  );
}
