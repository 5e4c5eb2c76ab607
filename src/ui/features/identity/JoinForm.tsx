import { Button, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { Type } from "typebox";
import { acceptInvitation, NewPassword, PersonName, TimeZone } from "#wire/identity";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { browserTimeZone } from "#kit/format";
import { useLanguage, useMessages } from "#kit/messages";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { messages } from "./messages.ts";
import { NewPasswordInput } from "./NewPasswordInput.tsx";
import { reportPassword } from "./password.ts";
import { LanguageSelect, TimeZoneSelect } from "./ProfileFields.tsx";
import { useSignIn } from "./use-sign-in.ts";

const fields = Type.Object({ name: PersonName, password: NewPassword, timeZone: TimeZone });

/** A new person accepts an invitation. The address is the invitation's and cannot be changed. */
export function JoinForm({ token, email }: { readonly token: string; readonly email: string }) {
  const m = useMessages(messages);
  const call = useCall();
  const signIn = useSignIn();
  const { language, setLanguage } = useLanguage();
  const form = useDialogForm({
    schema: fields,
    initial: { name: "", password: "", timeZone: browserTimeZone() },
    rules: ({ password }) => (reportPassword(password, email).isAllowed ? {} : { password: m.passwordRules }),
    submit: async (values) =>
      signIn(await call(acceptInvitation, { params: { token }, body: { newPerson: { ...values, language } } }), undefined),
  });
  return (
    <form onSubmit={form.onSubmit} noValidate>
      <Stack gap="sm">
        <TextInput label={m.email} value={email} readOnly autoComplete="username" />
        <TextInput {...form.text("name")} label={m.name} autoComplete="name" data-autofocus />
        <NewPasswordInput {...form.text("password")} label={m.password} email={email} />
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <LanguageSelect name="language" value={language} onChange={setLanguage} />
          <TimeZoneSelect {...form.field("timeZone")} />
        </SimpleGrid>
        <FormProblem problem={form.problem} />
        <Button type="submit" loading={form.isBusy}>
          {m.invitationCreate}
        </Button>
      </Stack>
    </form>
  );
}
