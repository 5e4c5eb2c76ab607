import { Select, Text, Textarea } from "@mantine/core";
import { minutes, unixMs } from "#base/duration";
import { proposeSwap, type PersonShift } from "#wire/duty";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation, useSession } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { useNow } from "#kit/clock";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { messages } from "./messages.ts";
import { usePeopleChoices, usePersonShifts, useRefresh } from "./use-duty.ts";

/** Asks somebody to take one of one's own shifts, perhaps for one of theirs. */
export function SwapDialog({ shift, onClose }: { readonly shift: PersonShift; readonly onClose: () => void }) {
  const m = useMessages(messages);
  const format = useFormat();
  const call = useCall();
  const toasts = useToasts();
  const refresh = useRefresh();
  const org = useOrganisation().name;
  const me = useSession().person.id;
  const now = useNow(minutes(1));
  const people = usePeopleChoices().filter((person) => person.value !== me);
  const text = ({ from, to }: { readonly from: number; readonly to: number }): string =>
    `${format.dateTime(unixMs(from))} – ${format.dateTime(unixMs(to))}`;
  const form = useDialogForm({
    initial: { otherId: "", take: "", reason: "" },
    rules: (values) => (values.otherId === "" ? { otherId: m.needPerson } : {}),
    submit: async ({ otherId, take, reason }) => {
      const theirs = shifts.find((one) => String(one.from) === take);
      const give = { from: Math.max(shift.from, now), to: shift.to };
      const body = { personId: me, give, otherId, reason, ...(theirs ? { take: { from: theirs.from, to: theirs.to } } : {}) };
      await call(proposeSwap, { params: { org, id: shift.scheduleId }, body });
      toasts.show({ text: m.swapAsked({ name: people.find((person) => person.value === otherId)?.label ?? "" }) });
      await refresh();
    },
    onDone: onClose,
  });
  const { otherId } = form.values;
  const { data } = usePersonShifts(otherId === "" ? undefined : otherId);
  const shifts = (data?.shifts ?? []).filter((one) => one.scheduleId === shift.scheduleId && one.from > now);
  return (
    <FormDialog title={m.swapTitle} form={form} action={m.swapAsk} onClose={onClose}>
      <Text size="sm">{`${shift.scheduleName}: ${text(shift)}`}</Text>
      <Select
        {...form.field("otherId")}
        onChange={(value) => form.set("otherId", value ?? "")}
        label={m.swapWith}
        data={people}
        searchable
      />
      <Select
        {...form.field("take")}
        onChange={(value) => form.set("take", value ?? "")}
        label={m.inReturn}
        allowDeselect={false}
        disabled={shifts.length === 0}
        data={[{ value: "", label: m.nothing }, ...shifts.map((one) => ({ value: String(one.from), label: text(one) }))]}
      />
      <Textarea {...form.text("reason")} label={m.reason} autosize minRows={1} maxRows={4} maxLength={1000} />
    </FormDialog>
  );
}
