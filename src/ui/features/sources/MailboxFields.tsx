import { Alert, Button, Fieldset, Group, NativeSelect, NumberInput, PasswordInput, Stack, Switch, TextInput } from "@mantine/core";
import { useState } from "react";
import { tryMailbox, type ImapSecurity, type Source } from "#wire/sources";
import { useCall } from "#kit/call";
import type { DialogForm } from "#kit/dialog-form";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useOrganisation } from "#kit/session";
import type { SourceValues } from "./form-values.ts";
import { mailMessages } from "./mail-messages.ts";
import { mailboxOf, usualPort } from "./mail-values.ts";
import { MailRules } from "./MailRules.tsx";

interface MailboxFieldsProps {
  readonly form: DialogForm<SourceValues>;
  readonly source: Source | undefined;
}

const plain = { autoComplete: "off", spellCheck: false } as const;
const securities: readonly ImapSecurity[] = ["tls", "starttls", "none"];

/** Where the mailbox is, and what its mails become. */
export function MailboxFields({ form, source }: MailboxFieldsProps) {
  const m = useMessages(mailMessages);
  const { values } = form;
  const { error } = form.field("imapPort");
  return (
    <>
      <Fieldset legend={m.mailbox}>
        <Stack gap="sm">
          <Group align="flex-start" gap="sm">
            <TextInput {...form.text("imapHost")} {...plain} label={m.host} flex={1} miw="12rem" />
            <NumberInput
              name="imapPort"
              label={m.port}
              value={values.imapPort}
              error={error}
              min={1}
              max={65_535}
              w="7rem"
              onChange={(typed) => form.set("imapPort", Number(typed))}
            />
          </Group>
          <NativeSelect
            name="imapSecurity"
            label={m.security}
            value={values.imapSecurity}
            data={securities.map((value) => ({ value, label: m[`security-${value}`] }))}
            onChange={(event) => {
              const next = securities.find((one) => one === event.currentTarget.value) ?? "tls";
              if (values.imapPort === usualPort(values.imapSecurity)) form.set("imapPort", usualPort(next));
              form.set("imapSecurity", next);
            }}
          />
          {values.imapSecurity !== "none" && (
            <Switch
              label={m.verifies}
              checked={values.imapVerifies}
              onChange={(event) => form.set("imapVerifies", event.currentTarget.checked)}
            />
          )}
          <TextInput {...form.text("imapUser")} {...plain} label={m.user} />
          <PasswordInput
            {...form.text("imapPassword")}
            label={m.password}
            description={source ? m.passwordKept : undefined}
            autoComplete="new-password"
          />
          <TextInput {...form.text("folder")} {...plain} label={m.folder} />
          <SignInTest form={form} source={source} />
          <Switch label={m.marksSeen} checked={values.marksSeen} onChange={(event) => form.set("marksSeen", event.currentTarget.checked)} />
        </Stack>
      </Fieldset>
      <MailRules form={form} />
    </>
  );
}

type Outcome = { readonly isFine: boolean; readonly text: string };

/** Signs in with what is typed. */
function SignInTest({ form: { values }, source }: MailboxFieldsProps) {
  const m = useMessages(mailMessages);
  const format = useFormat();
  const call = useCall();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  const [outcome, setOutcome] = useState<Outcome>();
  const [isBusy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    try {
      const body = { mailbox: mailboxOf(values), ...(source ? { sourceId: source.id } : {}) };
      const { ok, problem = "", mails = 0 } = await call(tryMailbox, { params: { org }, body });
      setOutcome({ isFine: ok, text: ok ? m.signedIn({ count: format.count(mails) }) : problem });
    } catch (error) {
      setOutcome({ isFine: false, text: problemText(error) });
    } finally {
      setBusy(false);
    }
  };
  const isReady = values.imapHost.trim() !== "" && values.imapUser.trim() !== "" && values.folder.trim() !== "";
  return (
    <Stack gap="xs" align="flex-start">
      <Button variant="default" loading={isBusy} disabled={!isReady} onClick={() => void run()}>
        {m.trySignIn}
      </Button>
      <div role="status" style={{ width: "100%" }}>
        {outcome && (
          <Alert variant="outline" color={outcome.isFine ? "green" : "red"}>
            {outcome.text}
          </Alert>
        )}
      </div>
    </Stack>
  );
}
