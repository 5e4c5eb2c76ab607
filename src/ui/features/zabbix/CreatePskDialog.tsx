import { Alert, Button, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { createZabbixPsk } from "#wire/zabbix";
import { useCall } from "#kit/call";
import { useDialogForm, type DialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { CopyField } from "../../kit/CopyField.tsx";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { pskLines, serverLine } from "./agent-lines.ts";
import { messages } from "./messages.ts";

interface NewPsk {
  readonly identity: string;
  readonly hostName: string;
  readonly key: string;
}

interface Made {
  readonly identity: string;
  readonly key: string;
}

/** Empty fields are left out: then the server makes them. */
const bodyOf = (values: NewPsk): Partial<NewPsk> =>
  Object.fromEntries(Object.entries(values).flatMap(([name, text]: [string, string]) => (text.trim() === "" ? [] : [[name, text.trim()]])));

/** Makes a key, or takes over one that agents have. A made one is shown this once, with the lines that an agent needs. */
export function CreatePskDialog({ port, onClose }: { readonly port: number; readonly onClose: () => void }) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const [made, setMade] = useState<Made>();
  const form = useDialogForm<NewPsk>({
    schema: createZabbixPsk.body,
    bodyOf,
    hints: { identity: m.identityWrong, key: m.existingKeyWrong },
    initial: { identity: "", hostName: "", key: "" },
    explain: (error) => (error.code === "conflict" ? m.identityTaken : undefined),
    submit: async (values) => {
      const { psk, key } = await call(createZabbixPsk, { params: { org }, body: bodyOf(values) });
      await client.invalidateQueries({ queryKey: [org, "zabbix"] });
      if (key !== undefined) {
        setMade({ identity: psk.identity, key });
        return;
      }
      toasts.show({ text: m.taken({ name: psk.identity }) });
      onClose();
    },
  });
  if (made) return <MadeDialog made={made} port={port} onClose={onClose} />;
  return (
    <FormDialog title={m.createPsk} form={form} action={m.createPsk} onClose={onClose}>
      <PskFields form={form} />
    </FormDialog>
  );
}

function PskFields({ form }: { readonly form: DialogForm<NewPsk> }) {
  const m = useMessages(messages);
  return (
    <>
      <TextInput
        {...form.text("hostName")}
        label={m.pskHost}
        description={m.pskHostHint}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
      />
      <TextInput {...form.text("identity")} label={m.identity} description={m.identityHint} autoComplete="off" spellCheck={false} />
      <TextInput {...form.text("key")} label={m.existingKey} description={m.existingKeyHint} autoComplete="off" spellCheck={false} />
    </>
  );
}

function MadeDialog({ made, port, onClose }: { readonly made: Made; readonly port: number; readonly onClose: () => void }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const lines = [serverLine(globalThis.location.hostname, port), ...pskLines(made.identity)];
  return (
    <Modal
      opened
      onClose={onClose}
      title={m.pskReady}
      size="lg"
      closeButtonProps={{ "aria-label": kit.close }}
      closeOnClickOutside={false}
      closeOnEscape={false}
    >
      <Stack gap="md">
        <CopyField label={m.pskKey} value={made.key} />
        <Textarea
          label={m.pskLines}
          value={lines.join("\n")}
          readOnly
          autosize
          spellCheck={false}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
          onFocus={(event) => event.currentTarget.select()}
        />
        <Alert variant="outline" color="yellow" icon={<IconInfoCircle aria-hidden />}>
          {m.pskOnce}
        </Alert>
        <Group justify="flex-end">
          <Button onClick={onClose}>{kit.close}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
