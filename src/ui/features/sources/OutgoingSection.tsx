import { Button, Group, NumberInput, Paper, Stack, Switch, TextInput } from "@mantine/core";
import { seconds, unixMs } from "#base/duration";
import { OutgoingBeat, setOutgoingBeat, type OutgoingState } from "#wire/sources";
import { useCall } from "#kit/call";
import { useNow } from "#kit/clock";
import { useDialogForm } from "#kit/dialog-form";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { StateCell } from "../../kit/cells.tsx";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { messages } from "./messages.ts";
import { useOutgoingBeat, useRefreshSources } from "./use-sources.ts";

/** The heartbeat that we send, so that something outside watches us. */
export function OutgoingSection() {
  const m = useMessages(messages);
  const { data, error, refetch } = useOutgoingBeat();
  return (
    <PageSection title={m.outgoing} hint={m.outgoingHint}>
      {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data && <OutgoingForm key={JSON.stringify(data.beat)} state={data} />}
    </PageSection>
  );
}

interface Values {
  readonly url: string;
  readonly minutes: number;
  readonly isEnabled: boolean;
}

const beatOf = ({ url, minutes, isEnabled }: Values): OutgoingBeat => ({
  url: url.trim(),
  intervalSeconds: Math.round(minutes * 60),
  isEnabled,
});

function OutgoingForm({ state }: { readonly state: OutgoingState }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const toasts = useToasts();
  const refresh = useRefreshSources();
  const org = useOrganisation().name;
  const mayChange = useMay("source.change");
  const { beat } = state;
  const form = useDialogForm<Values>({
    schema: OutgoingBeat,
    bodyOf: (values) => (values.url.trim() === "" ? { url: "http://x", intervalSeconds: 60, isEnabled: false } : beatOf(values)),
    initial: { url: beat?.url ?? "", minutes: (beat?.intervalSeconds ?? 60) / 60, isEnabled: beat?.isEnabled ?? true },
    submit: async (values) => {
      await call(setOutgoingBeat, { params: { org }, body: values.url.trim() === "" ? {} : { beat: beatOf(values) } });
      toasts.show({ text: m.saved });
      await refresh();
    },
  });
  const { value: every, error, onBlur } = form.field("minutes");
  return (
    <Paper component="form" withBorder p="md" maw="46rem" onSubmit={form.onSubmit} noValidate>
      <Stack gap="sm">
        <OutgoingStateLine state={state} />
        <FormProblem problem={form.problem} />
        <TextInput
          {...form.text("url")}
          label={m.outgoingUrl}
          placeholder="https://…"
          readOnly={!mayChange}
          autoComplete="off"
          spellCheck={false}
        />
        <Group align="flex-end" gap="lg">
          <NumberInput
            name="minutes"
            label={m.outgoingEvery}
            value={every}
            error={error}
            onBlur={onBlur}
            min={1}
            max={1440}
            readOnly={!mayChange}
            onChange={(typed) => form.set("minutes", Number(typed))}
          />
          <Switch
            label={m.outgoingEnabled}
            checked={form.values.isEnabled}
            disabled={!mayChange}
            pb={8}
            onChange={(event) => form.set("isEnabled", event.currentTarget.checked)}
          />
        </Group>
        {mayChange && (
          <Group justify="flex-end">
            <Button type="submit" variant="default" loading={form.isBusy}>
              {kit.save}
            </Button>
          </Group>
        )}
      </Stack>
    </Paper>
  );
}

function OutgoingStateLine({ state: { beat, lastAt, lastError } }: { readonly state: OutgoingState }) {
  const m = useMessages(messages);
  const format = useFormat();
  const now = useNow(seconds(15));
  const line = (tone: "good" | "attention" | "bad" | "waiting", label: string) => (
    <div>
      <StateCell tone={tone} label={label} />
    </div>
  );
  if (!beat || !beat.isEnabled) return line("attention", m.outgoingNone);
  if (lastError !== undefined) return line("bad", m.outgoingProblem({ problem: lastError }));
  return lastAt === undefined ? line("waiting", m.outgoingWaiting) : line("good", m.outgoingOk({ time: format.ago(unixMs(lastAt), now) }));
}
