import { Button, Paper, Radio, Stack, Switch, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { changeOtlpMapping, getOtlpMapping, type OtlpMapping } from "#wire/otlp";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { LimitInput } from "./LimitInput.tsx";
import { messages } from "./messages.ts";
import { PageSection } from "../../kit/PageSection.tsx";

const choices = ["never", "without-host", "always"] as const;

/** How OpenTelemetry's metrics become those of hosts and services. */
export function OtlpSection() {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const { data, error, refetch } = useQuery({
    queryKey: [org, "otlp", "mapping"],
    queryFn: ({ signal }) => call(getOtlpMapping, { params: { org } }, signal),
  });
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return undefined;
  return (
    <PageSection title={m.otlp} hint={m.otlpHint}>
      <OtlpForm key={JSON.stringify(data)} mapping={data} />
    </PageSection>
  );
}

function OtlpForm({ mapping }: { readonly mapping: OtlpMapping }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const mayChange = useMay("mapping.change");
  const form = useDialogForm<OtlpMapping>({
    initial: mapping,
    submit: async (body) => {
      client.setQueryData([org, "otlp", "mapping"], await call(changeOtlpMapping, { params: { org }, body }));
      toasts.show({ text: m.saved });
    },
  });
  return (
    <Paper withBorder p="md" maw="46rem">
      <form onSubmit={form.onSubmit} noValidate>
        <Stack gap="md">
          {!mayChange && (
            <Text size="sm" c="dimmed">
              {m.readOnly}
            </Text>
          )}
          <Radio.Group
            name="services"
            label={m.otlpServices}
            value={form.values.services}
            onChange={(text) => form.set("services", choices.find((one) => one === text) ?? "without-host")}
          >
            <Stack gap="xs" mt={6}>
              {choices.map((one) => (
                <Radio key={one} value={one} label={m[`services-${one}`]} disabled={!mayChange} />
              ))}
            </Stack>
          </Radio.Group>
          <LimitInput form={form} isDisabled={!mayChange} />
          <Switch
            label={m.registerHosts}
            checked={form.values.registerHosts}
            disabled={!mayChange}
            onChange={(event) => form.set("registerHosts", event.currentTarget.checked)}
          />
          <Switch
            label={m.joinsRoles}
            checked={form.values.joinsRoles}
            disabled={!mayChange}
            onChange={(event) => form.set("joinsRoles", event.currentTarget.checked)}
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
