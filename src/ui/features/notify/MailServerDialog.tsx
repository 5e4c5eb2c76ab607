import { Group, NativeSelect, NumberInput, PasswordInput, Switch, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { isMailAddress } from "#base/mail-address";
import { changeMailServer, MailServerInput, type MailSecurity, type MailServerState } from "#wire/notify-people";
import type { MailEncoding } from "#wire/notify";
import { useCall } from "#kit/call";
import { useDialogForm, type DialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { messages } from "./mail-messages.ts";
import { MailTest } from "./MailTest.tsx";

interface Values {
  readonly host: string;
  readonly port: number;
  readonly security: MailSecurity;
  readonly verifiesTls: boolean;
  readonly userName: string;
  readonly password: string;
  readonly fromAddress: string;
  readonly fromName: string;
  readonly bounceAddress: string;
  readonly encoding: MailEncoding;
}

const securities = ["starttls", "tls", "opportunistic", "none"] as const;
const encodings = ["utf-8", "iso-2022-jp"] as const;
const usualPorts: Readonly<Record<MailSecurity, number>> = { tls: 465, starttls: 587, opportunistic: 25, none: 25 };

const empty: Values = {
  host: "",
  port: 587,
  security: "starttls",
  verifiesTls: true,
  userName: "",
  password: "",
  fromAddress: "",
  fromName: "Hinoban",
  bounceAddress: "",
  encoding: "utf-8",
};

const bodyOf = ({ password, ...values }: Values): MailServerInput => ({
  ...values,
  host: values.host.trim(),
  ...(password === "" ? {} : { password }),
});

export interface MailServerDialogProps {
  readonly server: MailServerState["server"];
  readonly onClose: () => void;
}

/** Sets the organisation's mail server; it can be tried before it is kept. */
export function MailServerDialog({ server, onClose }: MailServerDialogProps) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const { hasPassword = false, ...known } = server ?? {};
  const form = useDialogForm<Values>({
    schema: MailServerInput,
    bodyOf,
    initial: { ...empty, ...known },
    rules: ({ fromAddress, bounceAddress, userName, password, security }) => ({
      ...(isMailAddress(fromAddress.trim()) ? {} : { fromAddress: m.wrongAddress }),
      ...(bounceAddress.trim() === "" || isMailAddress(bounceAddress.trim()) ? {} : { bounceAddress: m.wrongAddress }),
      ...(userName.trim() !== "" && password === "" && !hasPassword ? { password: kit.required } : {}),
      ...(userName.trim() !== "" && security === "none" ? { security: m.unprotected } : {}),
    }),
    refusals: { password: m.passwordAgain },
    submit: async (values) => {
      client.setQueryData([org, "mail-server"], await call(changeMailServer, { params: { org }, body: bodyOf(values) }));
      toasts.show({ text: m.saved });
      await client.invalidateQueries({ queryKey: [org, "channels"] });
    },
    onDone: onClose,
  });
  return (
    <FormDialog title={m.title} form={form} action={kit.save} onClose={onClose} size="lg">
      <ServerFields form={form} hasPassword={hasPassword} />
      <SenderFields form={form} />
      <MailTest server={bodyOf(form.values)} />
    </FormDialog>
  );
}

const plain = { autoComplete: "off", spellCheck: false } as const;

function ServerFields({ form, hasPassword }: { readonly form: DialogForm<Values>; readonly hasPassword: boolean }) {
  const m = useMessages(messages);
  const { values } = form;
  const { value, error, onBlur } = form.field("port");
  const protect = (text: string): void => {
    const security = securities.find((one) => one === text) ?? "starttls";
    // A port that somebody typed stays; the usual one follows.
    if (values.port === usualPorts[values.security]) form.set("port", usualPorts[security]);
    form.set("security", security);
  };
  return (
    <>
      <Group align="flex-start" gap="sm">
        <TextInput {...form.text("host")} {...plain} label={m.host} flex={1} data-autofocus />
        <NumberInput
          name="port"
          label={m.port}
          value={value}
          error={error}
          onBlur={onBlur}
          w="7rem"
          min={1}
          max={65_535}
          allowDecimal={false}
          thousandSeparator=""
          onChange={(typed) => form.set("port", Number(typed))}
        />
      </Group>
      <NativeSelect
        name="security"
        label={m.security}
        value={values.security}
        error={form.field("security").error}
        data={securities.map((one) => ({ value: one, label: m[`security-${one}`] }))}
        onChange={(event) => protect(event.currentTarget.value)}
      />
      {values.security !== "none" && (
        <Switch
          label={m.verifiesTls}
          checked={values.verifiesTls}
          onChange={(event) => form.set("verifiesTls", event.currentTarget.checked)}
        />
      )}
      <TextInput {...form.text("userName")} {...plain} label={m.userName} description={m.userNameHint} />
      {values.userName.trim() !== "" && (
        <PasswordInput
          {...form.text("password")}
          label={m.password}
          autoComplete="new-password"
          {...(hasPassword ? { description: m.passwordKept } : {})}
        />
      )}
    </>
  );
}

function SenderFields({ form }: { readonly form: DialogForm<Values> }) {
  const m = useMessages(messages);
  return (
    <>
      <TextInput {...form.text("fromAddress")} {...plain} label={m.fromAddress} type="email" />
      <TextInput {...form.text("fromName")} {...plain} label={m.fromName} />
      <TextInput {...form.text("bounceAddress")} {...plain} label={m.bounceAddress} description={m.bounceHint} type="email" />
      <NativeSelect
        name="encoding"
        label={m.encoding}
        value={form.values.encoding}
        data={encodings.map((one) => ({ value: one, label: m[`encoding-${one}`] }))}
        onChange={(event) => form.set("encoding", event.currentTarget.value === "iso-2022-jp" ? "iso-2022-jp" : "utf-8")}
      />
    </>
  );
}
