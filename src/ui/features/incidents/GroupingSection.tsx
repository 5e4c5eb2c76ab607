import { Button, Checkbox, NumberInput, Paper, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { changeGrouping, getGrouping, type GroupingSettings } from "#wire/alerts";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { groupingMessages } from "./grouping-messages.ts";

/** How alerts become incidents, and when they flap. */
export function GroupingSection() {
  const m = useMessages(groupingMessages);
  const call = useCall();
  const org = useOrganisation().name;
  const { data, error, refetch } = useQuery({
    queryKey: [org, "grouping"],
    queryFn: ({ signal }) => call(getGrouping, { params: { org } }, signal),
  });
  return (
    <PageSection title={m.grouping} hint={m.groupingHint}>
      {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data && <GroupingForm key={JSON.stringify(data)} settings={data} />}
    </PageSection>
  );
}

const ways = ["byHost", "byRole", "byService", "byDependency"] as const;
const numbers = ["windowMinutes", "flapMinutes", "flapCount"] as const;

function GroupingForm({ settings }: { readonly settings: GroupingSettings }) {
  const m = useMessages(groupingMessages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const mayChange = useMay("alerting.change");
  const form = useDialogForm<GroupingSettings>({
    schema: changeGrouping.body,
    initial: settings,
    submit: async (values) => {
      client.setQueryData([org, "grouping"], await call(changeGrouping, { params: { org }, body: values }));
      toasts.show({ text: m.saved });
    },
  });
  const hints = { windowMinutes: m.windowHint, flapMinutes: m.flapMinutesHint, flapCount: m.flapCountHint };
  const labels = { windowMinutes: m.window, flapMinutes: m.flapMinutes, flapCount: m.flapCount };
  const number = (name: (typeof numbers)[number]) => {
    const field = form.field(name);
    return (
      <NumberInput
        name={name}
        label={labels[name]}
        description={hints[name]}
        value={field.value}
        error={field.error}
        onBlur={field.onBlur}
        onChange={(value) => form.set(name, Number(value))}
        min={name === "flapCount" ? 2 : 0}
        max={name === "flapCount" ? 100 : 1440}
        allowDecimal={false}
        hideControls
        styles={{ wrapper: { maxWidth: "10rem" } }}
        disabled={!mayChange}
      />
    );
  };
  return (
    <Paper withBorder p="md" maw="36rem">
      <form onSubmit={form.onSubmit} noValidate>
        <Stack gap="md">
          {!mayChange && (
            <Text size="sm" c="dimmed">
              {m.readOnly}
            </Text>
          )}
          {number("windowMinutes")}
          <Stack gap="xs" role="group" aria-label={m.joinWhen}>
            <Text size="sm" fw={500}>
              {m.joinWhen}
            </Text>
            {ways.map((way) => (
              <Checkbox
                key={way}
                label={m[way]}
                {...(way === "byDependency" ? { description: m.byDependencyHint } : {})}
                checked={form.values[way]}
                disabled={!mayChange}
                onChange={(event) => form.set(way, event.currentTarget.checked)}
              />
            ))}
          </Stack>
          {number("flapMinutes")}
          {number("flapCount")}
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
