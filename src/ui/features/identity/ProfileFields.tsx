import { NativeSelect, Select } from "@mantine/core";
import { useMemo } from "react";
import { timeZones } from "#kit/format";
import { languageNames, languages, useMessages, type Language } from "#kit/messages";
import { messages } from "./messages.ts";

export interface TimeZoneSelectProps {
  readonly name: string;
  readonly value: string;
  readonly error: string | undefined;
  readonly onBlur: () => void;
  readonly onChange: (zone: string) => void;
  readonly label?: string;
  readonly disabled?: boolean;
}

/** A zone of the IANA database, found by typing a part of its name. */
export function TimeZoneSelect({ onChange, label, ...input }: TimeZoneSelectProps) {
  const m = useMessages(messages);
  const zones = useMemo(
    () => [...new Set([...timeZones(), input.value])].map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") })),
    [input.value],
  );
  return (
    <Select
      {...input}
      label={label ?? m.timeZone}
      data={zones}
      searchable
      allowDeselect={false}
      limit={60}
      onChange={(zone) => {
        if (zone !== null) onChange(zone);
      }}
    />
  );
}

export interface LanguageSelectProps {
  readonly name: string;
  readonly value: Language;
  readonly onChange: (language: Language) => void;
}

export function LanguageSelect({ name, value, onChange }: LanguageSelectProps) {
  const m = useMessages(messages);
  return (
    <NativeSelect
      name={name}
      label={m.language}
      data={languages.map((language) => ({ value: language, label: languageNames[language] }))}
      value={value}
      onChange={(event) => {
        const chosen = languages.find((language) => language === event.currentTarget.value);
        if (chosen) onChange(chosen);
      }}
    />
  );
}
