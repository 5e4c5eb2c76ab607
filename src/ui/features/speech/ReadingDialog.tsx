import { TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { putSpokenName, type SpokenName } from "#wire/speech";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { messages } from "./messages.ts";

export interface ReadingDialogProps {
  readonly named: SpokenName;
  readonly onClose: () => void;
}

/** How a person, a host or a service is called aloud in Japanese. */
export function ReadingDialog({ named: { kind, id, name, reading }, onClose }: ReadingDialogProps) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const form = useDialogForm({
    schema: putSpokenName.body,
    initial: { reading },
    refusals: { reading: m.readingWrong },
    submit: async (body) => {
      await call(putSpokenName, { params: { org, kind, id }, body });
      toasts.show({ text: m.saved });
      await client.invalidateQueries({ queryKey: [org, "spoken-names"] });
    },
    onDone: onClose,
  });
  return (
    <FormDialog title={m.setReading({ name })} form={form} action={kit.save} onClose={onClose}>
      <TextInput {...form.text("reading")} lang="ja" label={m.nameReading} description={m.readingHint} autoComplete="off" data-autofocus />
    </FormDialog>
  );
}
