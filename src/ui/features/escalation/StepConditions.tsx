import { Fieldset, MultiSelect, NumberInput, Select, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { severities } from "#wire/alerting";
import type { PolicyStep, StepCondition } from "#wire/escalation";
import { useMessages } from "#kit/messages";
import { severityMessages } from "../incidents/severity-messages.ts";
import { clockMinute, clockText } from "./draft.ts";
import { messages } from "./messages.ts";
import type { Choices } from "./use-choices.ts";

interface StepConditionsProps {
  readonly step: PolicyStep;
  readonly choices: Choices;
  readonly onChange: (step: PolicyStep) => void;
}

/** When a step counts at all. */
export function StepConditions({ step, choices, onChange }: StepConditionsProps) {
  const m = useMessages(messages);
  const words = useMessages(severityMessages);
  const { severities: chosen = [], calendar, hours, many } = step.when ?? {};
  const set = (when: StepCondition): void => {
    const { when: _when, ...rest } = step;
    const kept = Object.fromEntries(Object.entries(when).filter(([, value]) => value !== undefined)) as StepCondition; // the same keys, without those that are empty
    onChange(Object.keys(kept).length === 0 ? rest : { ...rest, when: kept });
  };
  const change = (part: { readonly [K in keyof StepCondition]: StepCondition[K] | undefined }): void =>
    set({ ...step.when, ...part } as StepCondition); // `set` leaves out what is undefined
  const during = (key: string | null): void => {
    const [kind, id] = (key ?? "").split(":");
    change({ calendar: id === undefined ? undefined : { calendarId: id, during: kind === "outside" ? "outside" : "working" } });
  };
  const hour = (part: "from" | "until", text: string): void => {
    const minute = clockMinute(text);
    if (minute === undefined) change({ hours: undefined });
    else change({ hours: { from: hours?.from ?? 0, until: hours?.until ?? 0, [part]: minute } });
  };
  return (
    <Fieldset legend={m.conditions}>
      <Stack gap="sm">
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <MultiSelect
            label={m.onlySeverities}
            placeholder={chosen.length === 0 ? m.anySeverity : undefined}
            data={[...severities].reverse().map((value) => ({ value, label: words[value] }))}
            value={chosen}
            onChange={(values) => {
              const next = severities.filter((one) => values.includes(one));
              change({ severities: next.length === 0 ? undefined : next });
            }}
          />
          <Select
            label={m.onlyCalendar}
            placeholder={m["during-always"]}
            clearable
            data={choices.calendars.map(({ id, name }) => ({
              group: name,
              items: [
                { value: `working:${id}`, label: m["during-working"] },
                { value: `outside:${id}`, label: m["during-outside"] },
              ],
            }))}
            value={calendar ? `${calendar.during}:${calendar.calendarId}` : null}
            onChange={during}
          />
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <TextInput
            type="time"
            label={m.onlyFrom}
            value={hours ? clockText(hours.from) : ""}
            onChange={(event) => hour("from", event.currentTarget.value)}
          />
          <TextInput
            type="time"
            label={m.onlyUntil}
            value={hours ? clockText(hours.until) : ""}
            onChange={(event) => hour("until", event.currentTarget.value)}
          />
        </SimpleGrid>
        <Text size="xs" c="dimmed">
          {m.onlyHoursHint}
        </Text>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <NumberInput
            label={m.onlyMany}
            value={many?.alerts ?? ""}
            min={2}
            max={10_000}
            allowDecimal={false}
            onChange={(typed) =>
              change({ many: typed === "" ? undefined : { alerts: Math.max(2, Number(typed)), minutes: many?.minutes ?? 10 } })
            }
          />
          <NumberInput
            label={m.onlyManyMinutes}
            value={many?.minutes ?? ""}
            min={1}
            max={1440}
            allowDecimal={false}
            disabled={!many}
            onChange={(typed) => change({ many: many && typed !== "" ? { ...many, minutes: Number(typed) } : many })}
          />
        </SimpleGrid>
        <Text size="xs" c="dimmed">
          {m.onlyManyHint}
        </Text>
      </Stack>
    </Fieldset>
  );
}
