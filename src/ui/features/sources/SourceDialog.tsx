import { Group, NativeSelect, NumberInput, Select, Textarea, TextInput } from "@mantine/core";
import { severities } from "#wire/alerting";
import { changeSource, createSource, NewSource, sourceKinds, type Source, type SourceKind } from "#wire/sources";
import { useCall } from "#kit/call";
import { useDialogForm, type DialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { useServices } from "../inventory/use-services.ts";
import type { Address } from "./AddressDialog.tsx";
import { severityWordsOf, sourceOf, valuesOf, type SourceValues } from "./form-values.ts";
import { MappingFields } from "./MappingFields.tsx";
import { MailboxFields } from "./MailboxFields.tsx";
import { mailMessages } from "./mail-messages.ts";
import { messages } from "./messages.ts";
import { useRefreshSources } from "./use-sources.ts";

interface SourceDialogProps {
  /** Undefined: a new one. */
  readonly source?: Source;
  readonly kind: SourceKind;
  readonly onClose: () => void;
  readonly onCreated: (address: Address) => void;
}

/** Creates or changes a source or a heartbeat. */
export function SourceDialog({ source, kind, onClose, onCreated }: SourceDialogProps) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const mail = useMessages(mailMessages);
  const call = useCall();
  const toasts = useToasts();
  const refresh = useRefreshSources();
  const org = useOrganisation().name;
  const form = useDialogForm<SourceValues>({
    schema: NewSource,
    bodyOf: sourceOf,
    initial: valuesOf(source, kind),
    rules: (values) => ({
      ...(severityWordsOf(values.severityWords) ? {} : { severityWords: m.severityWordsWrong }),
      ...(values.kind === "mail" ? mailboxRules(values, source, mail) : {}),
      ...(values.kind === "generic" && !/\{(?:\/[^{}]*)?\}/u.test(values.key) ? { key: m.keyNeeded } : {}),
    }),
    submit: async (values) => {
      const { kind: kindOf, ...body } = sourceOf(values);
      if (source) {
        await call(changeSource, { params: { org, id: source.id }, body });
        toasts.show({ text: m.saved });
        onClose();
      } else {
        const created = await call(createSource, { params: { org }, body: { kind: kindOf, ...body } });
        if (kindOf !== "mail") onCreated(created);
        else {
          // Nobody sends to it: its address is of no use.
          toasts.show({ text: mail.kept({ name: body.name }) });
          onClose();
        }
      }
      await refresh();
    },
  });
  const isHeartbeat = kind === "heartbeat";
  const add = isHeartbeat ? m.addHeartbeat : m.addSource;
  return (
    <FormDialog
      title={source ? m.editSource({ name: source.name }) : add}
      form={form}
      action={source ? kit.save : add}
      onClose={onClose}
      size="lg"
    >
      {!isHeartbeat && !source && <KindField form={form} />}
      <CommonFields form={form} isHeartbeat={isHeartbeat} />
      {isHeartbeat && <BeatFields form={form} />}
      {form.values.kind === "generic" && <MappingFields form={form} />}
      {form.values.kind === "mail" && <MailboxFields form={form} source={source} />}
    </FormDialog>
  );
}

type Form = DialogForm<SourceValues>;

type MailTexts = Record<"hostNeeded" | "userNeeded" | "passwordNeeded", string>;

function mailboxRules({ imapHost, imapUser, imapPassword }: SourceValues, source: Source | undefined, texts: MailTexts) {
  return {
    ...(imapHost.trim() === "" ? { imapHost: texts.hostNeeded } : {}),
    ...(imapUser.trim() === "" ? { imapUser: texts.userNeeded } : {}),
    ...(imapPassword === "" && source === undefined ? { imapPassword: texts.passwordNeeded } : {}),
  };
}

function KindField({ form }: { readonly form: Form }) {
  const m = useMessages(messages);
  return (
    <NativeSelect
      name="kind"
      label={m.kind}
      value={form.values.kind}
      data={sourceKinds.filter((kind) => kind !== "heartbeat").map((kind) => ({ value: kind, label: m[`kind-${kind}`] }))}
      onChange={(event) => form.set("kind", sourceKinds.find((kind) => kind === event.currentTarget.value) ?? "alertmanager")}
      data-autofocus
    />
  );
}

function CommonFields({ form, isHeartbeat }: { readonly form: Form; readonly isHeartbeat: boolean }) {
  const m = useMessages(messages);
  const services = useServices() ?? [];
  const { value: service, onChange, ...field } = form.field("service");
  const options = services.map(({ name }) => ({ value: name, label: name }));
  return (
    <>
      <TextInput {...form.text("name")} label={m.name} autoComplete="off" maxLength={100} />
      <NativeSelect
        name="defaultSeverity"
        label={isHeartbeat ? m.beatSeverity : m.defaultSeverity}
        value={form.values.defaultSeverity}
        data={severities.map((severity) => ({ value: severity, label: m[`severity-${severity}`] }))}
        onChange={(event) => form.set("defaultSeverity", severities.find((one) => one === event.currentTarget.value) ?? "error")}
      />
      <Select
        {...field}
        label={m.service}
        description={m.serviceHint}
        placeholder={m.noService}
        value={service === "" ? null : service}
        data={options}
        searchable
        clearable
        onChange={(name) => onChange(name ?? "")}
      />
      <Textarea {...form.text("memo")} label={m.memo} autosize minRows={1} maxRows={4} maxLength={2048} />
    </>
  );
}

function BeatFields({ form }: { readonly form: Form }) {
  const m = useMessages(messages);
  const number = (name: "interval" | "grace", label: string, min: number, max: number) => {
    const { value, error, onBlur } = form.field(name);
    return (
      <NumberInput
        name={name}
        label={label}
        value={value}
        error={error}
        onBlur={onBlur}
        min={min}
        max={max}
        flex={1}
        onChange={(typed) => form.set(name, Number(typed))}
      />
    );
  };
  return (
    <Group align="flex-start">
      {number("interval", m.interval, 0.5, 44_640)}
      {number("grace", m.grace, 0, 10_080)}
    </Group>
  );
}
