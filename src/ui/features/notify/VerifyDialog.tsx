import { Button, Text, TextInput } from "@mantine/core";
import { IconPhoneOutgoing } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { sendContactCode, verifyContact, type Contact } from "#wire/notify-people";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { messages } from "./my-messages.ts";

export interface VerifyDialogProps {
  readonly contact: Contact;
  readonly onClose: () => void;
}

/** Asks for the code that was sent to an address, or that a call reads. */
export function VerifyDialog({ contact: { id, kind, address }, onClose }: VerifyDialogProps) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  const [isBusy, setBusy] = useState(false);
  const isPhone = kind === "phone";
  const form = useDialogForm({
    initial: { code: "" },
    refusals: { code: m.codeWrong },
    submit: async ({ code }) => {
      client.setQueryData([org, "my-notifications"], await call(verifyContact, { params: { org, id }, body: { code: code.trim() } }));
      toasts.show({ text: m.verified });
    },
    onDone: onClose,
  });
  const send = async (): Promise<void> => {
    setBusy(true);
    try {
      const { ok, problem = "" } = await call(sendContactCode, { params: { org, id } });
      if (ok) toasts.show({ text: isPhone ? m.codeCalling : m.codeSent });
      else toasts.show({ kind: "problem", text: m.codeFailed({ problem }) });
    } catch (error) {
      toasts.show({ kind: "problem", text: problemText(error) });
    } finally {
      setBusy(false);
    }
  };
  const again = (
    <Button
      variant="default"
      loading={isBusy}
      leftSection={isPhone ? <IconPhoneOutgoing aria-hidden size={18} /> : undefined}
      style={{ alignSelf: "flex-start" }}
      onClick={() => void send()}
    >
      {isPhone ? m.verifyCall : m.again}
    </Button>
  );
  return (
    <FormDialog title={m.verifyTitle({ address })} form={form} action={m.verifyAction} onClose={onClose}>
      <Text size="sm">{isPhone ? m.verifyCallText : m.verifyText}</Text>
      {isPhone && again}
      <TextInput {...form.text("code")} label={m.code} inputMode="numeric" autoComplete="one-time-code" data-autofocus />
      {!isPhone && again}
    </FormDialog>
  );
}
