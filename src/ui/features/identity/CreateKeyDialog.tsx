import { Alert, Button, Group, Modal, Radio, Stack, Textarea, TextInput } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Type } from "typebox";
import { createKey, KeyName } from "#wire/keys";
import type { KeyRights } from "#wire/permissions";
import { useCall } from "#kit/call";
import { useClock } from "#kit/clock";
import { useDialogForm, type DialogForm } from "#kit/dialog-form";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { CopyField } from "../../kit/CopyField.tsx";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { messages } from "./people-messages.ts";

interface NewKey {
  readonly name: string;
  readonly rights: KeyRights;
  /** As a datetime-local input writes it; empty: never. */
  readonly expiresAt: string;
  /** One a line. */
  readonly networks: string;
}

const empty: NewKey = { name: "", rights: "read-write", expiresAt: "", networks: "" };
const fields = Type.Object({ name: KeyName });

const networksOf = (text: string): string[] => text.split(/[\s,]+/u).filter((line) => line !== "");

/** Asks for a new key's name and limits, then shows the key: this once, and nowhere else. */
export function CreateKeyDialog({ onClose }: { readonly onClose: () => void }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const clock = useClock();
  const client = useQueryClient();
  const format = useFormat();
  const org = useOrganisation().name;
  const [secret, setSecret] = useState<string>();
  const form = useDialogForm<NewKey>({
    schema: fields,
    initial: empty,
    rules: ({ expiresAt }) =>
      expiresAt !== "" && (format.parseLocalInput(expiresAt) ?? 0) <= clock.now() ? { expiresAt: m.expiryPast } : {},
    refusals: { networks: m.networksWrong, expiresAt: m.expiryPast },
    submit: async ({ name, rights, expiresAt, networks }) => {
      const expires = expiresAt === "" ? undefined : format.parseLocalInput(expiresAt);
      const body = { name: name.trim(), rights, networks: networksOf(networks), ...(expires === undefined ? {} : { expiresAt: expires }) };
      const made = await call(createKey, { params: { org }, body });
      setSecret(made.secret);
      await client.invalidateQueries({ queryKey: [org, "keys"] });
    },
  });
  if (secret === undefined) {
    return (
      <FormDialog title={m.createKey} form={form} action={m.createKey} onClose={onClose}>
        <KeyFields form={form} />
      </FormDialog>
    );
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={m.keyReady}
      closeButtonProps={{ "aria-label": kit.close }}
      closeOnClickOutside={false}
      closeOnEscape={false}
    >
      <Stack gap="md">
        <CopyField label={m.keySecret} value={secret} />
        <Alert variant="outline" color="yellow" icon={<IconInfoCircle aria-hidden />}>
          {m.keyOnce}
        </Alert>
        <Group justify="flex-end">
          <Button onClick={onClose}>{kit.close}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function KeyFields({ form }: { readonly form: DialogForm<NewKey> }) {
  const m = useMessages(messages);
  const hints: readonly (readonly [KeyRights, string])[] = [
    ["read-write", m.rightsHintBoth],
    ["read", m.rightsHintRead],
    ["write", m.rightsHintWrite],
    ["administer", m.rightsHintAdminister],
  ];
  return (
    <>
      <TextInput {...form.text("name")} label={m.keyName} description={m.keyNameHint} autoComplete="off" data-autofocus />
      <Radio.Group
        name="rights"
        label={m.rights}
        value={form.values.rights}
        onChange={(text) => form.set("rights", hints.find(([right]) => right === text)?.[0] ?? "read-write")}
      >
        <Stack gap="xs" mt={6}>
          {hints.map(([right, hint]) => (
            <Radio key={right} value={right} label={m[`rights-${right}`]} description={hint} />
          ))}
        </Stack>
      </Radio.Group>
      <TextInput {...form.text("expiresAt")} type="datetime-local" label={m.expiry} description={m.expiryHint} />
      <Textarea {...form.text("networks")} label={m.networks} description={m.networksHint} autosize minRows={2} spellCheck={false} />
    </>
  );
}
