import { Button, Group, NativeSelect, Paper, PasswordInput, Stack, Switch, Text, TextInput } from "@mantine/core";
import { IconPhoneOutgoing } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { unixMs } from "#base/duration";
import { changeMyCalls, getMyCalls, setMyPin, type MyCalls, type MyCallSettings } from "#wire/calls";
import { useCall } from "#kit/call";
import { useDialogForm, type DialogForm } from "#kit/dialog-form";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { StateCell, type Tone } from "../../kit/cells.tsx";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { AnchorLink } from "../../kit/links.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { callMessages } from "./call-messages.ts";
import { labelled } from "./call-state.tsx";
import { myCallMessages } from "./my-messages.ts";
import { useCallMe } from "./use-lines.ts";

/** How one is called oneself: PIN, language, the weekly test. */
export function MyCallsSection() {
  const m = useMessages(myCallMessages);
  const call = useCall();
  const org = useOrganisation().name;
  const { data, error, refetch } = useQuery({
    queryKey: [org, "my-calls"],
    queryFn: ({ signal }) => call(getMyCalls, { params: { org } }, signal),
  });
  return (
    <PageSection title={m.title} hint={m.hint} actions={<CallMeButton />}>
      {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data && (
        <Paper withBorder p="md">
          <Stack gap="md">
            <Pin mine={data} />
            <CallsForm key={JSON.stringify([data.language, data.ringSeconds, data.hasRandomDigit, data.weekly])} mine={data} />
          </Stack>
        </Paper>
      )}
    </PageSection>
  );
}

function CallMeButton() {
  const m = useMessages(myCallMessages);
  const mayCall = useMay("call.make");
  const callMe = useCallMe();
  const [isBusy, setBusy] = useState(false);
  if (!mayCall) return null;
  const run = async (): Promise<void> => {
    setBusy(true);
    await callMe();
    setBusy(false);
  };
  return (
    <Button variant="default" loading={isBusy} leftSection={<IconPhoneOutgoing aria-hidden size={18} />} onClick={() => void run()}>
      {m.callMe}
    </Button>
  );
}

function Pin({ mine: { hasPin } }: { readonly mine: MyCalls }) {
  const m = useMessages(myCallMessages);
  const [open, setOpen] = useState<"set" | "remove">();
  const change = usePin();
  const close = (): void => setOpen(undefined);
  return (
    <Group justify="space-between" gap="sm">
      <div style={{ flex: "1 1 16rem", minWidth: 0 }}>
        <Text fw={600}>{m.pin}</Text>
        <Text size="sm" c="dimmed">
          {hasPin ? m.pinOn : m.pinOff}
        </Text>
      </div>
      <Group gap="xs">
        <Button variant="default" onClick={() => setOpen("set")}>
          {hasPin ? m.pinChange : m.pinSet}
        </Button>
        {hasPin && (
          <Button variant="subtle" onClick={() => setOpen("remove")}>
            {m.pinRemove}
          </Button>
        )}
      </Group>
      {open === "set" && <PinDialog onClose={close} />}
      {open === "remove" && (
        <ConfirmDialog
          title={m.pinRemoveTitle}
          text={m.pinRemoveText}
          action={m.pinRemove}
          isDangerous
          onConfirm={() => change(null)}
          onClose={close}
        />
      )}
    </Group>
  );
}

function usePin(): (pin: string | null) => Promise<void> {
  const m = useMessages(myCallMessages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  return async (pin) => {
    client.setQueryData([org, "my-calls"], await call(setMyPin, { params: { org }, body: { pin } }));
    toasts.show({ text: pin === null ? m.pinRemoved : m.pinSaved });
  };
}

function PinDialog({ onClose }: { readonly onClose: () => void }) {
  const m = useMessages(myCallMessages);
  const change = usePin();
  const form = useDialogForm({
    initial: { pin: "" },
    rules: ({ pin }) => (/^\d{4,8}$/u.test(pin) ? {} : { pin: m.pinWrong }),
    submit: ({ pin }) => change(pin),
    onDone: onClose,
  });
  return (
    <FormDialog title={m.pinTitle} form={form} action={m.save} onClose={onClose}>
      <PasswordInput
        {...form.text("pin")}
        label={m.pinLabel}
        description={m.pinHint}
        inputMode="numeric"
        autoComplete="off"
        data-autofocus
      />
    </FormDialog>
  );
}

interface Values {
  readonly language: "" | "en" | "ja";
  readonly ring: string;
  readonly hasRandomDigit: boolean;
  readonly isOn: boolean;
  readonly weekday: string;
  readonly time: string;
}

const bodyOf = ({ language, ring, hasRandomDigit, isOn, weekday, time }: Values): MyCallSettings => ({
  ...(language === "" ? {} : { language }),
  ...(ring.trim() === "" ? {} : { ringSeconds: Number(ring) }),
  hasRandomDigit,
  weekly: { isOn, weekday: Number(weekday), time },
});

function useCallsForm({ language, ringSeconds, hasRandomDigit, weekly }: MyCalls): DialogForm<Values> {
  const m = useMessages(myCallMessages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  return useDialogForm<Values>({
    initial: {
      language: language ?? "",
      ring: ringSeconds === undefined ? "" : String(ringSeconds),
      hasRandomDigit,
      isOn: weekly.isOn,
      weekday: String(weekly.weekday),
      time: weekly.time,
    },
    rules: ({ ring, time }) => ({
      ...(ring.trim() === "" || (/^\d{2,3}$/u.test(ring.trim()) && Number(ring) >= 10 && Number(ring) <= 120) ? {} : { ring: m.ringWrong }),
      ...(/^(?:[01]\d|2[0-3]):[0-5]\d$/u.test(time) ? {} : { time: m.timeWrong }),
    }),
    submit: async (values) => {
      client.setQueryData([org, "my-calls"], await call(changeMyCalls, { params: { org }, body: bodyOf(values) }));
      toasts.show({ text: m.saved });
    },
  });
}

const weekdays = [1, 2, 3, 4, 5, 6, 0] as const;

function CallsForm({ mine }: { readonly mine: MyCalls }) {
  const m = useMessages(myCallMessages);
  const format = useFormat();
  const form = useCallsForm(mine);
  const { isOn } = form.values;
  return (
    <form onSubmit={form.onSubmit} noValidate>
      <Stack gap="sm">
        <Group align="flex-start" gap="md">
          <NativeSelect
            name="language"
            label={m.language}
            value={form.values.language}
            data={[
              { value: "", label: m.profile },
              { value: "ja", label: m["language-ja"] },
              { value: "en", label: m["language-en"] },
            ]}
            onChange={(event) => form.set("language", (["en", "ja"] as const).find((one) => one === event.currentTarget.value) ?? "")}
          />
          <TextInput {...form.text("ring")} label={m.ring} description={m.ringHint} inputMode="numeric" autoComplete="off" maw="22rem" />
        </Group>
        <Switch
          label={m.randomDigit}
          checked={form.values.hasRandomDigit}
          onChange={(event) => form.set("hasRandomDigit", event.currentTarget.checked)}
        />
        <Switch label={m.weekly} checked={isOn} onChange={(event) => form.set("isOn", event.currentTarget.checked)} />
        {isOn && (
          <Group align="flex-start" gap="md">
            <NativeSelect
              name="weekday"
              label={m.weekday}
              value={form.values.weekday}
              data={weekdays.map((day) => ({ value: String(day), label: format.weekday(day) }))}
              onChange={(event) => form.set("weekday", event.currentTarget.value)}
            />
            <TextInput {...form.text("time")} label={m.time} w="8rem" inputMode="numeric" autoComplete="off" />
          </Group>
        )}
        <Weekly mine={mine} />
        <FormProblem problem={form.problem} />
        <Button type="submit" variant="default" loading={form.isBusy} style={{ alignSelf: "flex-start" }}>
          {m.save}
        </Button>
      </Stack>
    </form>
  );
}

const outcomeTones: Readonly<Record<NonNullable<MyCalls["lastWeekly"]>["outcome"], Tone>> = {
  passed: "good",
  failed: "bad",
  running: "waiting",
  impossible: "bad",
};

/** How the last test went, and when the next one is made. */
function Weekly({ mine: { nextWeekly, lastWeekly, timeZone } }: { readonly mine: MyCalls }) {
  const m = useMessages(myCallMessages);
  const calls = useMessages(callMessages);
  const format = useFormat();
  const org = useOrganisation().name;
  return (
    <>
      {nextWeekly !== undefined && (
        <Text size="sm" c="dimmed">
          {m.next({ at: format.dateTime(unixMs(nextWeekly)), zone: timeZone })}
        </Text>
      )}
      {lastWeekly && (
        <Group gap="xs">
          <Text size="sm">{`${m.last}: ${format.dateTime(unixMs(lastWeekly.at))}`}</Text>
          <StateCell tone={outcomeTones[lastWeekly.outcome]} label={m[`outcome-${lastWeekly.outcome}`]} />
          {lastWeekly.problem !== undefined && <Text size="sm">{labelled(calls, "cause", lastWeekly.problem)}</Text>}
          {lastWeekly.callId !== undefined && (
            <AnchorLink to="/o/$org/calls/$id" params={{ org, id: lastWeekly.callId }} size="sm">
              {m.openCall}
            </AnchorLink>
          )}
        </Group>
      )}
    </>
  );
}
