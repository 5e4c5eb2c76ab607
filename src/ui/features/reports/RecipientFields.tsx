import { MultiSelect, TagsInput } from "@mantine/core";
import type { ReportSettings } from "#wire/reports";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { messages } from "./messages.ts";
import { useReportChoices } from "./use-reports.ts";

export type Recipients = Pick<ReportSettings, "personIds" | "addresses" | "channelIds">;

interface RecipientFieldsProps {
  readonly values: Recipients;
  readonly errors: Readonly<Partial<Record<keyof Recipients, string | undefined>>>;
  readonly onChange: <K extends keyof Recipients>(name: K, value: Recipients[K]) => void;
}

/** People, addresses and channels to which reports go. */
export function RecipientFields({ values, errors, onChange }: RecipientFieldsProps) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const { people, channels } = useReportChoices();
  const clear = { "aria-label": kit.clear };
  return (
    <>
      <MultiSelect
        name="personIds"
        label={m.people}
        description={m.peopleHint}
        data={people}
        value={values.personIds}
        error={errors.personIds}
        onChange={(value) => onChange("personIds", value)}
        searchable
        clearable
        clearButtonProps={clear}
      />
      <TagsInput
        name="addresses"
        label={m.addresses}
        description={m.addressesHint}
        value={values.addresses}
        error={errors.addresses}
        onChange={(value) => onChange("addresses", value)}
        acceptValueOnBlur
        clearable
        clearButtonProps={clear}
        type="email"
      />
      <MultiSelect
        name="channelIds"
        label={m.channels}
        description={m.channelsHint}
        data={channels}
        value={values.channelIds}
        error={errors.channelIds}
        onChange={(value) => onChange("channelIds", value)}
        searchable
        clearable
        clearButtonProps={clear}
      />
    </>
  );
}
