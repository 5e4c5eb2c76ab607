import { ActionIcon, Button, Fieldset, Group, NativeSelect, Paper, SimpleGrid, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { IconArrowUp, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { severities } from "#wire/alerting";
import { tryMail } from "#wire/sources";
import { useCall } from "#kit/call";
import type { DialogForm } from "#kit/dialog-form";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useOrganisation } from "#kit/session";
import type { SourceValues } from "./form-values.ts";
import { mailMessages } from "./mail-messages.ts";
import { mailboxOf, newRule, type RuleValues } from "./mail-values.ts";
import { TriedItems, type Tried } from "./MappingFields.tsx";
import { messages } from "./messages.ts";

type Form = DialogForm<SourceValues>;

const plain = { autoComplete: "off", spellCheck: false } as const;
const mostRules = 50;

/** What mails become: rules in their order, what no rule is about, and a trial. */
export function MailRules({ form }: { readonly form: Form }) {
  const m = useMessages(mailMessages);
  const { mailRules, unmatched } = form.values;
  const change = (next: readonly RuleValues[]): void => form.set("mailRules", next);
  const add = (): void => change([...mailRules, newRule(Math.max(0, ...mailRules.map(({ id }) => id)) + 1)]);
  return (
    <Fieldset legend={m.rules}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {m.rulesHint}
        </Text>
        {mailRules.map((rule, index) => (
          <Rule
            key={rule.id}
            rule={rule}
            index={index}
            onChange={(next) => change(mailRules.map((one) => (one.id === rule.id ? next : one)))}
            onUp={() => change(mailRules.toSpliced(index, 1).toSpliced(index - 1, 0, rule))}
            onRemove={() => change(mailRules.filter((one) => one.id !== rule.id))}
          />
        ))}
        <Button
          variant="default"
          leftSection={<IconPlus aria-hidden size={18} />}
          style={{ alignSelf: "flex-start" }}
          disabled={mailRules.length >= mostRules}
          onClick={add}
        >
          {m.addRule}
        </Button>
        <NativeSelect
          name="unmatched"
          label={m.unmatched}
          value={unmatched}
          data={(["alert", "ignore"] as const).map((value) => ({ value, label: m[`unmatched-${value}`] }))}
          onChange={(event) => form.set("unmatched", event.currentTarget.value === "ignore" ? "ignore" : "alert")}
        />
        <MailTrial values={form.values} />
      </Stack>
    </Fieldset>
  );
}

interface RuleProps {
  readonly rule: RuleValues;
  readonly index: number;
  readonly onChange: (rule: RuleValues) => void;
  readonly onUp: () => void;
  readonly onRemove: () => void;
}

function Rule({ rule, index, onChange, onUp, onRemove }: RuleProps) {
  const m = useMessages(mailMessages);
  const words = useMessages(messages);
  const number = String(index + 1);
  const text = (name: "from" | "subject" | "body" | "name" | "key" | "host" | "closes") => (
    <TextInput
      {...plain}
      label={m[`rule-${name}`]}
      value={rule[name]}
      maxLength={300}
      onChange={(event) => onChange({ ...rule, [name]: event.currentTarget.value })}
    />
  );
  return (
    <Paper withBorder p="sm" component="section" aria-label={m.rule({ number })}>
      <Stack gap="xs">
        <Group justify="space-between" wrap="nowrap">
          <Text size="sm" fw={600}>
            {m.rule({ number })}
          </Text>
          <Group gap={4} wrap="nowrap">
            <ActionIcon variant="subtle" aria-label={m.ruleUp({ number })} disabled={index === 0} onClick={onUp}>
              <IconArrowUp aria-hidden size={18} />
            </ActionIcon>
            <ActionIcon variant="subtle" aria-label={m.removeRule({ number })} onClick={onRemove}>
              <IconTrash aria-hidden size={18} />
            </ActionIcon>
          </Group>
        </Group>
        <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="xs">
          {text("from")}
          {text("subject")}
          {text("body")}
        </SimpleGrid>
        <NativeSelect
          label={m["rule-action"]}
          value={rule.action}
          data={(["alert", "ignore"] as const).map((value) => ({ value, label: m[`action-${value}`] }))}
          onChange={(event) => onChange({ ...rule, action: event.currentTarget.value === "ignore" ? "ignore" : "alert" })}
        />
        {rule.action === "alert" && (
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs">
            {text("name")}
            {text("key")}
            {text("host")}
            <NativeSelect
              label={m["rule-severity"]}
              value={rule.severity}
              data={[
                { value: "", label: m.asSource },
                ...severities.map((severity) => ({ value: severity, label: words[`severity-${severity}`] })),
              ]}
              onChange={(event) => onChange({ ...rule, severity: severities.find((one) => one === event.currentTarget.value) ?? "" })}
            />
            {text("closes")}
          </SimpleGrid>
        )}
      </Stack>
    </Paper>
  );
}

const noMail = { from: "", subject: "", body: "" };

/** Reads an example mail by the rules as they are typed. */
function MailTrial({ values }: { readonly values: SourceValues }) {
  const m = useMessages(mailMessages);
  const words = useMessages(messages);
  const call = useCall();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  const [mail, setMail] = useState(noMail);
  const [tried, setTried] = useState<Tried>();
  const run = async (): Promise<void> => {
    try {
      const { unmatched, rules } = mailboxOf(values);
      const body = { defaultSeverity: values.defaultSeverity, mailbox: { unmatched, rules }, ...mail };
      const { items, problem } = await call(tryMail, { params: { org }, body });
      setTried({ items, problem });
    } catch (error) {
      setTried({ items: [], problem: problemText(error) });
    }
  };
  return (
    <Stack gap="xs" align="flex-start">
      <Text size="sm" fw={600}>
        {m.example}
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs" w="100%">
        {(["from", "subject"] as const).map((name) => (
          <TextInput
            key={name}
            {...plain}
            label={m[`example-${name}`]}
            value={mail[name]}
            onChange={(event) => setMail({ ...mail, [name]: event.currentTarget.value })}
          />
        ))}
      </SimpleGrid>
      <Textarea
        w="100%"
        label={m["example-body"]}
        value={mail.body}
        autosize
        minRows={2}
        maxRows={8}
        onChange={(event) => setMail({ ...mail, body: event.currentTarget.value })}
      />
      <Button variant="default" disabled={mail.subject.trim() === "" && mail.body.trim() === ""} onClick={() => void run()}>
        {words.tryIt}
      </Button>
      <div role="status" style={{ width: "100%" }}>
        {tried && <TriedItems tried={tried} />}
      </div>
    </Stack>
  );
}
