import { Group, NativeSelect, PasswordInput, Stack, Switch, Text, Textarea, TextInput } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { dialledAs } from "#base/dialled-number";
import { phoneNumber } from "#base/phone-number";
import type { LinePreset } from "#wire/line-settings";
import type { Line } from "#wire/lines";
import type { DialogForm } from "#kit/dialog-form";
import { useMessages, type Messages } from "#kit/messages";
import { firstFields, isSecret, isSip, moreFields, rewritesNumbers, type LineValues, type TextField } from "./line-form.ts";
import { messages } from "./messages.ts";

interface FieldsProps {
  readonly form: DialogForm<LineValues>;
  readonly line: Line | undefined;
}

type Texts = Messages<typeof messages extends Messages<infer T> ? T : never>["en"];

/** What must be known of a line; the rest stands behind "More settings". */
export function LineFields({ form, line }: FieldsProps) {
  const m = useMessages(messages);
  const { preset } = form.values;
  return (
    <Stack gap="sm">
      <TextInput {...form.text("name")} label={m.name} description={m.nameHint} autoComplete="off" data-autofocus />
      {firstFields[preset].map((name) => (
        <LineField key={name} name={name} form={form} line={line} />
      ))}
      {rewritesNumbers(form.values) && <Dialling form={form} />}
      {preset === "twilio" && (
        <Choice
          form={form}
          name="way"
          label={m.way}
          options={[
            ["callbacks", m["way-callbacks"]],
            ["polling", m["way-polling"]],
          ]}
        />
      )}
    </Stack>
  );
}

/** What only few need to touch. */
export function MoreFields({ form, line }: FieldsProps) {
  const m = useMessages(messages);
  const { preset } = form.values;
  return (
    <Stack gap="sm">
      {moreFields[preset].map((name) => (
        <LineField key={name} name={name} form={form} line={line} />
      ))}
      {isSip(form.values) && <SipFields form={form} />}
      {isSip(form.values) && <RecordingFields form={form} />}
      <Group grow align="flex-start">
        <TextInput {...form.text("capacity")} label={m.capacity} description={m.capacityHint} inputMode="numeric" autoComplete="off" />
        <TextInput {...form.text("priority")} label={m.priority} description={m.priorityHint} inputMode="numeric" autoComplete="off" />
      </Group>
    </Stack>
  );
}

/** What calls cost, and how much they may. */
export function CostFields({ form }: Pick<FieldsProps, "form">) {
  const m = useMessages(messages);
  return (
    <Stack gap="sm">
      <Group grow align="flex-start">
        <TextInput {...form.text("pricePerMinute")} label={m.pricePerMinute} inputMode="decimal" autoComplete="off" />
        <TextInput {...form.text("currency")} label={m.currency} autoComplete="off" />
      </Group>
      <Group grow align="flex-start">
        <TextInput {...form.text("monthlyCost")} label={m.monthlyCost} inputMode="decimal" autoComplete="off" />
        <TextInput {...form.text("monthlyCalls")} label={m.monthlyCalls} inputMode="numeric" autoComplete="off" />
      </Group>
      <Text size="sm" c="dimmed">
        {m.limitHint}
      </Text>
    </Stack>
  );
}

function SipFields({ form }: Pick<FieldsProps, "form">) {
  const m = useMessages(messages);
  return (
    <>
      <Group grow align="flex-start">
        <Choice
          form={form}
          name="transport"
          label={m.transport}
          options={(["udp", "tcp", "tls"] as const).map((one) => [one, m[`transport-${one}`]] as const)}
        />
        <Choice
          form={form}
          name="identity"
          label={m.identity}
          options={(["from", "preferred", "asserted"] as const).map((one) => [one, m[`identity-${one}`]] as const)}
        />
      </Group>
      {(["registers", "verifiesTls", "srtp", "takesCalls"] as const).map((name) => (
        <Switch key={name} label={m[name]} checked={form.values[name]} onChange={(event) => form.set(name, event.currentTarget.checked)} />
      ))}
    </>
  );
}

/** Off by default: in many countries people must be told, and in some they must agree. */
function RecordingFields({ form }: Pick<FieldsProps, "form">) {
  const m = useMessages(messages);
  const { isRecorded } = form.values;
  return (
    <>
      <Switch
        label={m.isRecorded}
        description={m.isRecordedHint}
        checked={isRecorded}
        onChange={(event) => form.set("isRecorded", event.currentTarget.checked)}
      />
      {isRecorded && (
        <>
          <TextInput {...form.text("announcement")} label={m.announcement} description={m.announcementHint} autoComplete="off" />
          <TextInput {...form.text("recordingDays")} label={m.recordingDays} inputMode="numeric" autoComplete="off" placeholder="30" />
        </>
      )}
    </>
  );
}

/** How numbers are dialled, with one that shows it. */
function Dialling({ form }: Pick<FieldsProps, "form">) {
  const m = useMessages(messages);
  const { dialForm, countryCode, dialPrefix } = form.values;
  const [number, setNumber] = useState("090-1234-5678");
  const read = phoneNumber(number, /^[1-9]\d{0,2}$/u.test(countryCode) ? countryCode : "81");
  return (
    <Stack gap={6}>
      <Choice
        form={form}
        name="dialForm"
        label={m.dialling}
        options={(["national", "e164", "digits"] as const).map((one) => [one, m[`dialForm-${one}`]] as const)}
      />
      <Group grow align="flex-start">
        <TextInput
          {...form.text("countryCode")}
          label={m.countryCode}
          description={m.countryCodeHint}
          inputMode="numeric"
          autoComplete="off"
        />
        <TextInput
          {...form.text("dialPrefix")}
          label={m.dialPrefix}
          description={m.dialPrefixHint}
          inputMode="numeric"
          autoComplete="off"
        />
      </Group>
      <Group gap="xs" align="center">
        <TextInput
          aria-label={m.tryNumber}
          value={number}
          size="xs"
          w="10rem"
          inputMode="tel"
          autoComplete="off"
          onChange={(event) => setNumber(event.currentTarget.value)}
        />
        <Text size="sm" role="status">
          {read.ok
            ? m.example({ number: read.number, dialled: dialledAs({ dialForm, countryCode, dialPrefix }, read.number) })
            : m.noNumberThere}
        </Text>
      </Group>
    </Stack>
  );
}

interface ChoiceProps<N extends "transport" | "dialForm" | "identity" | "way"> {
  readonly form: DialogForm<LineValues>;
  readonly name: N;
  readonly label: string;
  readonly options: readonly (readonly [LineValues[N], string])[];
}

function Choice<N extends "transport" | "dialForm" | "identity" | "way">({ form, name, label, options }: ChoiceProps<N>): ReactNode {
  return (
    <NativeSelect
      name={name}
      label={label}
      value={form.values[name]}
      data={options.map(([value, text]) => ({ value, label: text }))}
      onChange={(event) => {
        const chosen = options.find(([value]) => value === event.currentTarget.value);
        if (chosen) form.set(name, chosen[0]);
      }}
    />
  );
}

interface FieldProps extends FieldsProps {
  readonly name: TextField;
}

function LineField({ name, form, line }: FieldProps) {
  const m = useMessages(messages);
  const { preset } = form.values;
  const label = labelOf(m, name, preset);
  const isKept = line?.secrets.includes(name) === true;
  const description = isKept ? m.secretKept : hintOf(m, name, preset);
  const common = { ...form.text(name), label, autoComplete: "off", ...(description === undefined ? {} : { description }) };
  if (name === "privateKey")
    return <Textarea {...common} rows={4} styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }} />;
  if (isSecret(name)) return <PasswordInput {...common} autoComplete="new-password" />;
  return <TextInput {...common} inputMode={name === "port" ? "numeric" : name === "from" ? "tel" : "text"} />;
}

function labelOf(m: Texts, name: TextField, preset: LinePreset): string {
  const own: unknown = Reflect.get(m, `${name}-${preset}`);
  const general: unknown = Reflect.get(m, name);
  return typeof own === "string" ? own : typeof general === "string" ? general : name;
}

function hintOf(m: Texts, name: TextField, preset: LinePreset): string | undefined {
  const own: unknown = Reflect.get(m, `${name}Hint-${preset}`);
  const general: unknown = Reflect.get(m, `${name}Hint`);
  return typeof own === "string" ? own : typeof general === "string" ? general : undefined;
}
