import { Button, Fieldset, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { claimSetup } from "#wire/identity";
import { useCall, type CallError } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { browserTimeZone } from "#kit/format";
import { useLanguage, useMessages } from "#kit/messages";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { messages } from "./messages.ts";
import { NewPasswordInput } from "./NewPasswordInput.tsx";
import { reportPassword } from "./password.ts";
import { LanguageSelect, TimeZoneSelect } from "./ProfileFields.tsx";
import { setupBody, setupFields, suggestName } from "./setup-model.ts";
import { useSignIn } from "./use-sign-in.ts";

/** Organisation and first owner in one form; signs in when done. */
export function SetupForm({ token }: { readonly token: string }) {
  const m = useMessages(messages);
  const call = useCall();
  const signIn = useSignIn();
  const { language, setLanguage } = useLanguage();
  const explain = ({ code, fields }: CallError): string | undefined =>
    fields.has("token") ? m.setupTokenWrong : code === "gone" || code === "conflict" ? m.setupDone : undefined;
  const form = useDialogForm({
    schema: setupFields,
    initial: { displayName: "", organisation: "", name: "", email: "", password: "", timeZone: browserTimeZone() },
    hints: { organisation: m.organisationNameWrong, email: m.emailWrong },
    rules: ({ password, email }) => (reportPassword(password, email).isAllowed ? {} : { password: m.passwordRules }),
    explain,
    submit: async (values) => signIn(await call(claimSetup, { body: setupBody(values, token, language) }), undefined),
  });
  const changeDisplayName = (text: string): void => {
    // The short name follows as long as nobody typed another one.
    if (form.values.organisation === suggestName(form.values.displayName)) form.set("organisation", suggestName(text));
    form.set("displayName", text);
  };
  return (
    <form onSubmit={form.onSubmit} noValidate>
      <Stack gap="lg">
        <Fieldset legend={m.organisationSection}>
          <Stack gap="sm">
            <TextInput
              {...form.text("displayName")}
              onChange={(event) => changeDisplayName(event.currentTarget.value)}
              label={m.organisationDisplayName}
              description={m.organisationDisplayNameHint}
              autoComplete="organization"
              data-autofocus
            />
            <TextInput
              {...form.text("organisation")}
              label={m.organisationName}
              description={m.organisationNameHint}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
            />
          </Stack>
        </Fieldset>
        <Fieldset legend={m.youSection}>
          <Stack gap="sm">
            <TextInput {...form.text("name")} label={m.name} autoComplete="name" />
            <TextInput
              {...form.text("email")}
              type="email"
              label={m.email}
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
            />
            <NewPasswordInput {...form.text("password")} label={m.password} email={form.values.email} />
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
              <LanguageSelect name="language" value={language} onChange={setLanguage} />
              <TimeZoneSelect {...form.field("timeZone")} />
            </SimpleGrid>
          </Stack>
        </Fieldset>
        <FormProblem problem={form.problem} />
        <Button type="submit" loading={form.isBusy}>
          {m.setupAction}
        </Button>
      </Stack>
    </form>
  );
}
