import { Group, NativeSelect, Pill, Text, TextInput } from "@mantine/core";
import { days, unixMs, addTime, millis } from "#base/duration";
import { useFormat } from "#kit/format";
import { useLanguage, useMessages } from "#kit/messages";
import { verbs } from "#wire/verbs";
import { SearchField } from "../../kit/SearchField.tsx";
import { verbNouns, verbText } from "./entry-text.ts";
import type { HistorySearch } from "./history-search.ts";
import { messages } from "./messages.ts";
import { nounNames } from "./noun-messages.ts";

export interface HistoryFiltersProps {
  readonly search: HistorySearch;
  readonly nameOf: (id: string) => string;
  readonly onChange: (part: HistorySearch) => void;
}

const outcomes = ["done", "refused", "failed"] as const;

/** What narrows the history down. */
export function HistoryFilters({ search, nameOf, onChange }: HistoryFiltersProps) {
  const m = useMessages(messages);
  const { language } = useLanguage();
  const nouns = useMessages(nounNames);
  const kinds = verbNouns.map((noun) => ({
    group: nounLabel(nouns, noun),
    items: [
      { value: noun, label: `${nounLabel(nouns, noun)} (${m.anyKind})` },
      ...Object.keys(verbs)
        .filter((verb) => verb.startsWith(`${noun}.`))
        .map((verb) => ({ value: verb, label: verbText(verb, language) })),
    ],
  }));
  return (
    <>
      <Group gap="sm" mb="sm" align="flex-end" wrap="wrap">
        <SearchField
          label={m.search}
          value={search.text ?? ""}
          onChange={(text) => onChange({ text: text === "" ? undefined : text })}
          mb="0"
        />
        <NativeSelect
          aria-label={m.kind}
          maw="14rem"
          data={[{ value: "", label: m.anyKind }, ...kinds]}
          value={search.verb ?? ""}
          onChange={(event) => onChange({ verb: event.currentTarget.value === "" ? undefined : event.currentTarget.value })}
        />
        <NativeSelect
          aria-label={m.outcome}
          data={[{ value: "", label: m.anyOutcome }, ...outcomes.map((outcome) => ({ value: outcome as string, label: m[outcome] }))]} // `as`: one list holds "" besides
          value={search.outcome ?? ""}
          onChange={(event) => onChange({ outcome: outcomes.find((outcome) => outcome === event.currentTarget.value) })}
        />
        <DayFilters search={search} onChange={onChange} />
      </Group>
      <Pills search={search} nameOf={nameOf} onChange={onChange} />
    </>
  );
}

const nounLabel = (names: Readonly<Record<string, unknown>>, noun: string): string => {
  const name = names[noun];
  return typeof name === "string" ? name : noun;
};

/** Whole days in the zone of the reader; `to` is kept as the first moment after the chosen day. */
function DayFilters({ search, onChange }: Omit<HistoryFiltersProps, "nameOf">) {
  const m = useMessages(messages);
  const format = useFormat();
  const dayOf = (at: number | undefined): string => (at === undefined ? "" : format.localInput(unixMs(at)).slice(0, 10));
  const startOf = (day: string) => (day === "" ? undefined : format.parseLocalInput(`${day}T00:00`));
  const lastDay = search.to === undefined ? undefined : addTime(unixMs(search.to), millis(-1));
  return (
    <Group gap={6} wrap="nowrap" role="group" aria-label={m.days}>
      <TextInput
        type="date"
        aria-label={m.from}
        title={m.from}
        value={dayOf(search.from)}
        onChange={(event) => onChange({ from: startOf(event.currentTarget.value) })}
      />
      <Text span c="dimmed" aria-hidden>
        {"–"}
      </Text>
      <TextInput
        type="date"
        aria-label={m.to}
        title={m.to}
        value={dayOf(lastDay)}
        onChange={(event) => {
          const start = startOf(event.currentTarget.value);
          onChange({ to: start === undefined ? undefined : addTime(start, days(1)) });
        }}
      />
    </Group>
  );
}

/** Filters that came from an entry and have no field of their own. */
function Pills({ search, nameOf, onChange }: HistoryFiltersProps) {
  const m = useMessages(messages);
  const given = [
    search.actor === undefined ? undefined : { label: m.onlyActor({ name: nameOf(search.actor) }), without: { actor: undefined } },
    search.object === undefined ? undefined : { label: m.onlyObject({ name: nameOf(search.object) }), without: { object: undefined } },
  ].filter((filter) => filter !== undefined);
  if (given.length === 0) return undefined;
  return (
    <Group gap="xs" mb="sm">
      {given.map(({ label, without }) => (
        <Pill
          key={label}
          size="md"
          withRemoveButton
          onRemove={() => onChange(without)}
          removeButtonProps={{ "aria-label": m.removeFilter({ filter: label }), "aria-hidden": false, tabIndex: 0 }}
        >
          {label}
        </Pill>
      ))}
    </Group>
  );
}
