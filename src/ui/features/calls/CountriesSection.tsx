import { Button, Group, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { changeCallSettings, type CallSettings } from "#wire/lines";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { messages } from "./messages.ts";
import { useCallSettings } from "./use-lines.ts";

/** Which countries may be called. */
export function CountriesSection() {
  const m = useMessages(messages);
  const mayChange = useMay("line.change");
  const { data } = useCallSettings();
  return (
    <PageSection title={m.countries} hint={m.countriesHint}>
      {data && (mayChange ? <CountriesForm key={data.countries.join()} settings={data} /> : <Text>{listed(data.countries)}</Text>)}
    </PageSection>
  );
}

const listed = (countries: readonly string[]): string => countries.map((code) => `+${code}`).join(", ");
const codesIn = (text: string): string[] => [...new Set(text.split(/[\s,、+]+/u).filter((code) => code !== ""))];

function CountriesForm({ settings }: { readonly settings: CallSettings }) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const form = useDialogForm({
    initial: { countries: settings.countries.join(", ") },
    rules: ({ countries }) => {
      const codes = codesIn(countries);
      return codes.length > 0 && codes.every((code) => /^[1-9]\d{0,2}$/u.test(code)) ? {} : { countries: m.countriesWrong };
    },
    submit: async ({ countries }) => {
      client.setQueryData(
        [org, "call-settings"],
        await call(changeCallSettings, { params: { org }, body: { countries: codesIn(countries) } }),
      );
      toasts.show({ text: m.saved });
    },
  });
  return (
    <form onSubmit={form.onSubmit} noValidate>
      <Group align="flex-start" gap="sm">
        <TextInput
          {...form.text("countries")}
          label={m.countriesLabel}
          description={m.countriesExample}
          w="24rem"
          maw="100%"
          autoComplete="off"
        />
      </Group>
      <FormProblem problem={form.problem} />
      <Button type="submit" variant="default" mt="sm" loading={form.isBusy}>
        {m.save}
      </Button>
    </form>
  );
}
