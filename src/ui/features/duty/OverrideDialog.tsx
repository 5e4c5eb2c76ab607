import { Group, Radio, Select, Stack, Textarea, TextInput } from "@mantine/core";
import { createOverride, type Schedule } from "#wire/duty";
import { useCall } from "#kit/call";
import { useDialogForm, type DialogForm } from "#kit/dialog-form";
import type { Format } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { messages } from "./messages.ts";
import type { Crew } from "./people.ts";
import type { Picked } from "./Timeline.tsx";
import { usePeopleChoices, useRefresh } from "./use-duty.ts";

export interface OverrideDialogProps {
  readonly schedule: Pick<Schedule, "id" | "name" | "timeZone">;
  readonly picked: Picked;
  readonly crew: Crew;
  /** In the schedule's zone. */
  readonly format: Format;
  readonly onClose: () => void;
}

interface Values {
  kind: "replace" | "add" | "remove";
  personId: string;
  insteadOf: string;
  from: string;
  to: string;
  reason: string;
}

/** Puts somebody on duty, takes somebody off, or replaces somebody for a while. */
export function OverrideDialog({ schedule, picked, crew, format, onClose }: OverrideDialogProps) {
  const m = useMessages(messages);
  const call = useCall();
  const toasts = useToasts();
  const refresh = useRefresh();
  const org = useOrganisation().name;
  const form = useDialogForm<Values>({
    initial: {
      kind: "replace",
      personId: "",
      insteadOf: picked.people.length > 1 ? (picked.people[0] ?? "") : "",
      from: format.localInput(picked.from),
      to: format.localInput(picked.to),
      reason: "",
    },
    rules: (values) => rulesOf(values, format, m),
    submit: async (values) => {
      const { kind, personId, insteadOf } = values;
      const [from, to] = [format.parseLocalInput(values.from) ?? 0, format.parseLocalInput(values.to) ?? 0];
      const body = { kind, personId, from, to, reason: values.reason, ...(kind === "replace" && insteadOf !== "" ? { insteadOf } : {}) };
      await call(createOverride, { params: { org, id: schedule.id }, body });
      toasts.show({ text: m.overrideMade });
      await refresh();
    },
    onDone: onClose,
  });
  return (
    <FormDialog title={m.overrideTitle} form={form} action={m.override} onClose={onClose}>
      <Radio.Group {...form.field("kind")} onChange={(value) => form.set("kind", kindOf(value))} label={m.overrideKind}>
        <Stack gap={6} mt={4}>
          <Radio value="replace" label={m.replace} />
          <Radio value="add" label={m.addKind} />
          <Radio value="remove" label={m.remove} />
        </Stack>
      </Radio.Group>
      <PersonFields form={form} picked={picked} crew={crew} />
      <TimeFields form={form} zone={m.zone({ zone: schedule.timeZone })} />
      <Textarea {...form.text("reason")} label={m.reason} autosize minRows={1} maxRows={4} maxLength={1000} />
    </FormDialog>
  );
}

const kindOf = (value: string): Values["kind"] => (value === "add" || value === "remove" ? value : "replace");

type Texts = ReturnType<typeof useMessages<(typeof messages)["en"]>>;

function rulesOf(values: Values, format: Format, m: Pick<Texts, "needPerson" | "needTime" | "endBeforeStart">) {
  const [from, to] = [format.parseLocalInput(values.from), format.parseLocalInput(values.to)];
  return {
    ...(values.personId === "" ? { personId: m.needPerson } : {}),
    ...(from === undefined ? { from: m.needTime } : {}),
    ...(to === undefined ? { to: m.needTime } : from !== undefined && to <= from ? { to: m.endBeforeStart } : {}),
  };
}

function PersonFields({ form, picked, crew }: { readonly form: DialogForm<Values>; readonly picked: Picked; readonly crew: Crew }) {
  const m = useMessages(messages);
  const people = usePeopleChoices();
  const { kind } = form.values;
  return (
    <>
      <Select
        {...form.field("personId")}
        onChange={(value) => form.set("personId", value ?? "")}
        label={m.person}
        data={people}
        searchable
      />
      {kind === "replace" && picked.people.length > 1 && (
        <Select
          {...form.field("insteadOf")}
          onChange={(value) => form.set("insteadOf", value ?? "")}
          label={m.insteadOf}
          allowDeselect={false}
          data={[{ value: "", label: m.everybody }, ...picked.people.map((id) => ({ value: id, label: crew.nameOf(id) }))]}
        />
      )}
    </>
  );
}

function TimeFields({ form, zone }: { readonly form: DialogForm<Values>; readonly zone: string }) {
  const m = useMessages(messages);
  return (
    <Group grow align="flex-start">
      <TextInput {...form.text("from")} type="datetime-local" label={m.from} description={zone} />
      <TextInput {...form.text("to")} type="datetime-local" label={m.to} description={zone} />
    </Group>
  );
}
