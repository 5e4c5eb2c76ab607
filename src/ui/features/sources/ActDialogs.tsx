import { NativeSelect, Text, TextInput } from "@mantine/core";
import { dropOldAddress, deleteSource, muteSource, renewAddress, type Source } from "#wire/sources";
import { useCall } from "#kit/call";
import { useClock } from "#kit/clock";
import { useDialogForm } from "#kit/dialog-form";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { FormDialog } from "../../kit/FormDialog.tsx";
import type { Address } from "./AddressDialog.tsx";
import { messages } from "./messages.ts";
import { useRefreshSources } from "./use-sources.ts";

interface ActProps {
  readonly source: Source;
  readonly onClose: () => void;
}

const hour = 3_600_000;
const lengths = [1, 4, 24, 7 * 24, 30 * 24] as const;

/** How long, and why. */
export function MuteDialog({ source: { id, name }, onClose }: ActProps) {
  const m = useMessages(messages);
  const call = useCall();
  const clock = useClock();
  const toasts = useToasts();
  const refresh = useRefreshSources();
  const org = useOrganisation().name;
  const form = useDialogForm({
    initial: { hours: "1", reason: "" },
    submit: async ({ hours, reason }) => {
      const until = clock.now() + Number(hours) * hour;
      await call(muteSource, { params: { org, id }, body: { until, ...(reason.trim() === "" ? {} : { reason: reason.trim() }) } });
      toasts.show({ text: m.muted({ name }) });
      await refresh();
    },
    onDone: onClose,
  });
  return (
    <FormDialog title={m.muteTitle({ name })} form={form} action={m.mute} onClose={onClose}>
      <Text size="sm">{m.muteText}</Text>
      <NativeSelect
        {...form.text("hours")}
        label={m.muteFor}
        data={lengths.map((count) => ({
          value: String(count),
          label: count % 24 === 0 ? m.days({ count: count / 24 }) : m.hours({ count }),
        }))}
        data-autofocus
      />
      <TextInput {...form.text("reason")} label={m.muteReason} maxLength={500} />
    </FormDialog>
  );
}

/** Makes a second address. */
export function RenewDialog({ source, onClose, onAddress }: ActProps & { readonly onAddress: (address: Address) => void }) {
  const m = useMessages(messages);
  const call = useCall();
  const refresh = useRefreshSources();
  const org = useOrganisation().name;
  const renew = async (): Promise<void> => {
    onAddress(await call(renewAddress, { params: { org, id: source.id } }));
    await refresh();
  };
  return (
    <ConfirmDialog title={m.renewTitle({ name: source.name })} text={m.renewText} action={m.renew} onConfirm={renew} onClose={onClose} />
  );
}

export function DropAddressDialog({ source: { id, name }, onClose }: ActProps) {
  const m = useMessages(messages);
  const call = useCall();
  const toasts = useToasts();
  const refresh = useRefreshSources();
  const org = useOrganisation().name;
  const drop = async (): Promise<void> => {
    await call(dropOldAddress, { params: { org, id } });
    toasts.show({ text: m.dropped });
    await refresh();
  };
  return <ConfirmDialog title={m.dropTitle({ name })} text={m.dropText} action={m.drop} isDangerous onConfirm={drop} onClose={onClose} />;
}

export function DeleteDialog({ source: { id, name }, onClose }: ActProps) {
  const m = useMessages(messages);
  const call = useCall();
  const toasts = useToasts();
  const refresh = useRefreshSources();
  const org = useOrganisation().name;
  const remove = async (): Promise<void> => {
    await call(deleteSource, { params: { org, id } });
    toasts.show({ text: m.removed({ name }) });
    await refresh();
  };
  return (
    <ConfirmDialog title={m.removeTitle({ name })} text={m.removeText} action={m.remove} isDangerous onConfirm={remove} onClose={onClose} />
  );
}
