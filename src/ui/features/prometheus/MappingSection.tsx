import { Button, Paper, SimpleGrid, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getMapping, type Mapping } from "#wire/prometheus";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { LimitInput } from "./LimitInput.tsx";
import { messages } from "./messages.ts";
import { PageSection } from "../../kit/PageSection.tsx";
import { RuleSection } from "./RuleSection.tsx";
import { wordsOf } from "./texts.ts";
import { useSaveMapping } from "./use-save-mapping.ts";

/** How series become metrics: which label is the host, how many there may be, and rules. */
export function MappingSection() {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const { data, error, refetch } = useQuery({
    queryKey: [org, "prometheus", "mapping"],
    queryFn: ({ signal }) => call(getMapping, { params: { org } }, signal),
  });
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return undefined;
  return (
    <PageSection title={m.mapping} hint={m.mappingHint}>
      <Stack gap="lg">
        <SettingsForm key={data.revision} mapping={data} />
        <RuleSection mapping={data} />
      </Stack>
    </PageSection>
  );
}

function SettingsForm({ mapping }: { readonly mapping: Mapping }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const mayChange = useMay("mapping.change");
  const save = useSaveMapping();
  const { settings } = mapping;
  const form = useDialogForm({
    initial: { ...settings, hostLabels: settings.hostLabels.join(" ") },
    rules: ({ hostLabels }) =>
      wordsOf(hostLabels).length >= 1 && wordsOf(hostLabels).length <= 8 ? {} : { hostLabels: m.hostLabelsWrong },
    submit: ({ hostLabels, serviceLabel, roleLabel, ...values }) =>
      save({
        ...mapping,
        settings: { ...values, hostLabels: wordsOf(hostLabels), serviceLabel: serviceLabel.trim(), roleLabel: roleLabel.trim() },
      }),
  });
  const plain = { autoComplete: "off", spellCheck: false, disabled: !mayChange } as const;
  return (
    <Paper withBorder p="md" maw="46rem">
      <form onSubmit={form.onSubmit} noValidate>
        <Stack gap="md">
          {!mayChange && (
            <Text size="sm" c="dimmed">
              {m.readOnly}
            </Text>
          )}
          <TextInput {...form.text("hostLabels")} {...plain} label={m.hostLabels} description={m.hostLabelsHint} />
          <LimitInput form={form} isDisabled={!mayChange} />
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <TextInput {...form.text("serviceLabel")} {...plain} label={m.serviceLabel} description={m.serviceLabelHint} />
            <TextInput {...form.text("roleLabel")} {...plain} label={m.roleLabel} description={m.roleLabelHint} />
          </SimpleGrid>
          <Switch
            label={m.registerHosts}
            checked={form.values.registerHosts}
            disabled={!mayChange}
            onChange={(event) => form.set("registerHosts", event.currentTarget.checked)}
          />
          <FormProblem problem={form.problem} />
          {mayChange && (
            <Button type="submit" loading={form.isBusy} style={{ alignSelf: "flex-start" }}>
              {kit.save}
            </Button>
          )}
        </Stack>
      </form>
    </Paper>
  );
}
