import { Group, NativeSelect, NumberInput, PasswordInput, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { changeSmsSender, SmsSenderInput, type SmsSenderKind, type SmsState } from "#wire/sms";
import { useCall } from "#kit/call";
import { useDialogForm, type DialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { messages } from "./sms-messages.ts";
import { SmsTest } from "./SmsTest.tsx";

interface Values {
  readonly kind: SmsSenderKind;
  readonly from: string;
  readonly accountSid: string;
  readonly authToken: string;
  readonly previousAuthToken: string;
  readonly baseUrl: string;
  readonly url: string;
  readonly signingKey: string;
  readonly mostSegments: number;
  readonly pricePerSegment: string;
  readonly currency: string;
}

const empty: Values = {
  kind: "twilio",
  from: "",
  accountSid: "",
  authToken: "",
  previousAuthToken: "",
  baseUrl: "",
  url: "",
  signingKey: "",
  mostSegments: 2,
  pricePerSegment: "",
  currency: "",
};

function valuesOf(sender: SmsState["sender"]): Values {
  if (!sender) return empty;
  const { pricePerSegment, secrets: _kept, ...known } = sender;
  return { ...empty, ...known, pricePerSegment: pricePerSegment === undefined ? "" : String(pricePerSegment) };
}

const filled = <Name extends string>(name: Name, text: string): Partial<Record<Name, string>> =>
  text.trim() === "" ? {} : ({ [name]: text.trim() } as Record<Name, string>); // the very key that was handed in

const bodyOf = ({ kind, from, mostSegments, pricePerSegment, currency, ...rest }: Values): SmsSenderInput => ({
  kind,
  from: from.trim(),
  mostSegments,
  ...(pricePerSegment.trim() === "" ? {} : { pricePerSegment: Number(pricePerSegment) }),
  ...filled("currency", currency.toUpperCase()),
  ...(kind === "twilio"
    ? {
        ...filled("accountSid", rest.accountSid),
        ...filled("authToken", rest.authToken),
        ...filled("previousAuthToken", rest.previousAuthToken),
        ...filled("baseUrl", rest.baseUrl),
      }
    : { ...filled("url", rest.url), ...filled("signingKey", rest.signingKey) }),
});

export interface SmsDialogProps {
  readonly sender: SmsState["sender"];
  readonly onClose: () => void;
}

/** Sets who carries short messages; it can be tried before it is kept. */
export function SmsDialog({ sender, onClose }: SmsDialogProps) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const form = useDialogForm<Values>({
    schema: SmsSenderInput,
    bodyOf,
    initial: valuesOf(sender),
    refusals: { authToken: m.again, signingKey: m.again },
    submit: async (values) => {
      client.setQueryData([org, "sms"], await call(changeSmsSender, { params: { org }, body: bodyOf(values) }));
      toasts.show({ text: m.saved });
    },
    onDone: onClose,
  });
  const kept = form.values.kind === sender?.kind ? sender.secrets : [];
  return (
    <FormDialog title={m.title} form={form} action={kit.save} onClose={onClose} size="lg">
      <NativeSelect
        label={m.kind}
        value={form.values.kind}
        data={(["twilio", "http"] as const).map((kind) => ({ value: kind, label: m[`kind-${kind}`] }))}
        onChange={(event) => form.set("kind", event.currentTarget.value === "http" ? "http" : "twilio")}
        data-autofocus
      />
      {form.values.kind === "twilio" ? <TwilioFields form={form} kept={kept} /> : <ServiceFields form={form} kept={kept} />}
      <SizeFields form={form} />
      <SmsTest sender={bodyOf(form.values)} />
    </FormDialog>
  );
}

interface FieldsProps {
  readonly form: DialogForm<Values>;
  readonly kept: readonly string[];
}

const plain = { autoComplete: "off", spellCheck: false } as const;
const secret = { autoComplete: "new-password" } as const;

function TwilioFields({ form, kept }: FieldsProps) {
  const m = useMessages(messages);
  const hint = kept.includes("authToken") ? { description: m.kept } : {};
  return (
    <>
      <TextInput {...form.text("accountSid")} {...plain} label={m.accountSid} />
      <PasswordInput {...form.text("authToken")} {...secret} {...hint} label={m.authToken} />
      <PasswordInput {...form.text("previousAuthToken")} {...secret} label={m.previousAuthToken} description={m.previousHint} />
      <TextInput {...form.text("from")} {...plain} label={m.from} description={m.fromHint} />
      <TextInput {...form.text("baseUrl")} {...plain} label={m.baseUrl} description={m.baseUrlHint} />
    </>
  );
}

function ServiceFields({ form, kept }: FieldsProps) {
  const m = useMessages(messages);
  const hint = kept.includes("signingKey") ? { description: m.kept } : {};
  return (
    <>
      <TextInput {...form.text("url")} {...plain} label={m.url} />
      <PasswordInput {...form.text("signingKey")} {...secret} {...hint} label={m.signingKey} />
      <TextInput {...form.text("from")} {...plain} label={m.from} description={m.fromHint} />
    </>
  );
}

function SizeFields({ form }: { readonly form: DialogForm<Values> }) {
  const m = useMessages(messages);
  const { value, error, onBlur } = form.field("mostSegments");
  return (
    <>
      <NumberInput
        name="mostSegments"
        label={m.mostSegments}
        description={m.mostSegmentsHint}
        value={value}
        error={error}
        onBlur={onBlur}
        min={1}
        max={6}
        allowDecimal={false}
        onChange={(typed) => form.set("mostSegments", Number(typed))}
      />
      <Group align="flex-start" gap="sm" grow>
        <TextInput {...form.text("pricePerSegment")} {...plain} label={m.pricePerSegment} inputMode="decimal" />
        <TextInput
          {...form.text("currency")}
          {...plain}
          label={m.currency}
          description={m.currencyHint}
          inputWrapperOrder={["label", "input", "description", "error"]}
        />
      </Group>
    </>
  );
}
