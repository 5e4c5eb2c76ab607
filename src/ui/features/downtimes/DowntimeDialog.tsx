import { Textarea, TextInput, Title } from "@mantine/core";
import { useState } from "react";
import { seconds } from "#base/duration";
import { changeDowntime, createDowntime, NewDowntime, type Downtime } from "#wire/downtimes";
import { useCall } from "#kit/call";
import { useNow } from "#kit/clock";
import { useDialogForm } from "#kit/dialog-form";
import { useFormat, type Format } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { downtimeOf, timesOf, valuesOf, type DowntimeValues } from "./downtime-form.ts";
import { DowntimePreview } from "./DowntimePreview.tsx";
import { messages } from "./messages.ts";
import { ScopeSelects } from "./ScopeSelects.tsx";
import { TimeFields } from "./TimeFields.tsx";
import { useRefreshDowntimes } from "./use-downtimes.ts";
import type { Texts } from "./words.ts";

export interface DowntimeDialogProps {
  /** Undefined: a new one. */
  readonly downtime: Downtime | undefined;
  /** What a new one begins with. */
  readonly first?: Partial<Downtime>;
  readonly onClose: () => void;
}

/** Creates or changes a downtime, with the next times at which it would hold. */
export function DowntimeDialog({ downtime, first, onClose }: DowntimeDialogProps) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const format = useFormat();
  const call = useCall();
  const toasts = useToasts();
  const refresh = useRefreshDowntimes();
  const org = useOrganisation().name;
  const now = useNow(seconds(60));
  const [initial] = useState(() => valuesOf(downtime ?? first, now, format));
  const before = downtime?.start;
  const form = useDialogForm<DowntimeValues>({
    schema: NewDowntime,
    bodyOf: (values) => downtimeOf(values, format, before) ?? { name: values.name.trim(), start: 0, duration: 1 },
    initial,
    rules: (values) => problemsOf(values, format, m),
    submit: async (values) => {
      const body = downtimeOf(values, format, before);
      if (!body) return;
      if (downtime) await call(changeDowntime, { params: { org, id: downtime.id }, body });
      else await call(createDowntime, { params: { org }, body });
      toasts.show({ text: downtime ? m.changed({ name: body.name }) : m.created({ name: body.name }) });
      await refresh();
    },
    onDone: onClose,
  });
  return (
    <FormDialog
      title={downtime ? m.edit({ name: downtime.name }) : m.add}
      form={form}
      action={downtime ? kit.save : m.add}
      onClose={onClose}
      size="lg"
    >
      <TextInput {...form.text("name")} label={m.name} autoComplete="off" maxLength={255} data-autofocus />
      <Title order={3} size="h4">
        {m.timesTitle}
      </Title>
      <TimeFields form={form} />
      <DowntimePreview times={timesOf(form.values, format, before)} />
      <Title order={3} size="h4">
        {m.coversTitle}
      </Title>
      <ScopeSelects form={form} names={(downtime ?? first)?.names ?? {}} />
      <Textarea {...form.text("memo")} label={m.memo} autosize minRows={1} maxRows={5} maxLength={2048} />
    </FormDialog>
  );
}

function problemsOf(values: DowntimeValues, format: Format, m: Texts): Partial<Record<keyof DowntimeValues, string>> {
  const isCount = (value: number | string): boolean => Number.isInteger(Number(value)) && Number(value) >= 1;
  const repeats = values.repeat !== "once";
  return {
    ...(format.parseLocalInput(values.start) === undefined ? { start: m.badTime } : {}),
    ...(isCount(values.length) ? {} : { length: m.badDuration }),
    ...(repeats && !isCount(values.interval) ? { interval: m.badInterval } : {}),
    ...(repeats && values.until !== "" && format.parseLocalInput(values.until) === undefined ? { until: m.badTime } : {}),
  };
}
