import { Box, Button, NativeSelect, Paper, Stack, Text, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { changeOrganisation, getOrganisation, type Organisation } from "#wire/identity";
import { hostStatuses } from "#wire/inventory";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import { useStatusNames } from "#kit/statuses";
import { useToasts } from "#kit/toasts";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { RoutePending } from "../../kit/RouteStates.tsx";
import { GroupingSection } from "../incidents/GroupingSection.tsx";
import { choicesWith, lengthOf } from "../inventory/no-data.ts";
import { MailServerSection } from "../notify/MailServerSection.tsx";
import { NetworksSection } from "./NetworksSection.tsx";
import { messages } from "./people-messages.ts";
import { TimeZoneSelect } from "./ProfileFields.tsx";

export function SettingsPage() {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const mayRestrict = useMay("network.view");
  const { data, error, refetch } = useQuery({
    queryKey: [org, "organisation"],
    queryFn: ({ signal }) => call(getOrganisation, { params: { org } }, signal),
  });
  return (
    <>
      <PageHeader title={m.settings} intro={m.settingsIntro} />
      {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!error && !data && <RoutePending />}
      {data && <OrganisationForm organisation={data} />}
      <Box mt="lg">
        <GroupingSection />
      </Box>
      <MailServerSection />
      {mayRestrict && <NetworksSection />}
    </>
  );
}

function OrganisationForm({ organisation }: { readonly organisation: Organisation }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const statusNames = useStatusNames();
  const mayChange = useMay("organisation.change");
  const format = useFormat();
  const { name: org, displayName, defaultHostStatus, noDataMinutes, timeZone } = organisation;
  const form = useDialogForm({
    schema: changeOrganisation.body,
    initial: { displayName, defaultHostStatus, noDataMinutes, timeZone },
    submit: async (values) => {
      const saved = await call(changeOrganisation, { params: { org }, body: { ...values, displayName: values.displayName.trim() } });
      client.setQueryData([org, "organisation"], saved);
      toasts.show({ text: m.saved });
      await client.invalidateQueries({ queryKey: ["session"] });
    },
  });
  return (
    <Paper withBorder p="md" maw="36rem">
      <form onSubmit={form.onSubmit} noValidate>
        <Stack gap="md">
          {!mayChange && (
            <Text size="sm" c="dimmed">
              {m.readOnly}
            </Text>
          )}
          <TextInput {...form.text("displayName")} label={m.displayName} disabled={!mayChange} />
          <TextInput label={m.urlName} description={m.urlNameHint} value={org} readOnly />
          <NativeSelect
            name="defaultHostStatus"
            label={m.defaultStatus}
            description={m.defaultStatusHint}
            disabled={!mayChange}
            data={hostStatuses.map((status) => ({ value: status, label: statusNames[status] }))}
            value={form.values.defaultHostStatus}
            onChange={(event) => {
              const chosen = hostStatuses.find((status) => status === event.currentTarget.value);
              if (chosen) form.set("defaultHostStatus", chosen);
            }}
          />
          <NativeSelect
            name="noDataMinutes"
            label={m.noData}
            description={m.noDataHint}
            disabled={!mayChange}
            data={choicesWith(noDataMinutes).map((value) => ({ value: String(value), label: format.duration(lengthOf(value)) }))}
            value={String(form.values.noDataMinutes)}
            onChange={(event) => form.set("noDataMinutes", Number(event.currentTarget.value))}
          />
          <TimeZoneSelect {...form.field("timeZone")} label={m.timeZone} disabled={!mayChange} />
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
