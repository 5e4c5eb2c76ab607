import { Button, Paper, Stack, Switch, Text, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { changeZabbixSettings, type ZabbixSettings } from "#wire/zabbix";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { networksOf } from "./agent-lines.ts";
import { messages } from "./messages.ts";
import { PageSection } from "../../kit/PageSection.tsx";

/** Who may report without a key, and whether strangers become hosts. */
export function ReceptionForm({ settings }: { readonly settings: ZabbixSettings }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const mayChange = useMay("organisation.change");
  const form = useDialogForm({
    initial: { networks: settings.networks.join("\n"), autoregister: settings.autoregister },
    refusals: { networks: m.networksWrong },
    submit: async ({ networks, autoregister }) => {
      const saved = await call(changeZabbixSettings, { params: { org }, body: { networks: networksOf(networks), autoregister } });
      client.setQueryData([org, "zabbix", "settings"], saved);
      toasts.show({ text: m.saved });
    },
  });
  return (
    <PageSection title={m.reception}>
      <Paper withBorder p="md" maw="36rem">
        <form onSubmit={form.onSubmit} noValidate>
          <Stack gap="md">
            {!mayChange && (
              <Text size="sm" c="dimmed">
                {m.readOnly}
              </Text>
            )}
            <Textarea
              {...form.text("networks")}
              label={m.networks}
              description={m.networksHint}
              autosize
              minRows={3}
              maxRows={12}
              spellCheck={false}
              disabled={!mayChange}
            />
            <Switch
              label={m.autoregister}
              description={m.autoregisterHint}
              checked={form.values.autoregister}
              disabled={!mayChange}
              onChange={(event) => form.set("autoregister", event.currentTarget.checked)}
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
    </PageSection>
  );
}
