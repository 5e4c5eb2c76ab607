import { Button, Paper, PasswordInput, SimpleGrid, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { changeAccount, changePassword, type Session } from "#wire/identity";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useLanguage, useMessages } from "#kit/messages";
import { useSession } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { messages } from "./messages.ts";
import { NewPasswordInput } from "./NewPasswordInput.tsx";
import { reportPassword } from "./password.ts";
import { LanguageSelect, TimeZoneSelect } from "./ProfileFields.tsx";
import { SessionsTable } from "./SessionsTable.tsx";

/** One's own account: profile, password, sessions. */
export function AccountPage() {
  const m = useMessages(messages);
  const { person } = useSession();
  return (
    <>
      <PageHeader title={m.accountTitle} intro={person.email} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md" mb="lg">
        <ProfileForm />
        <PasswordForm />
      </SimpleGrid>
      <SessionsTable />
    </>
  );
}

function ProfileForm() {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const { person } = useSession();
  const { setLanguage } = useLanguage();
  const form = useDialogForm({
    schema: changeAccount.body,
    initial: { name: person.name, language: person.language, timeZone: person.timeZone },
    submit: async (values) => {
      const saved = await call(changeAccount, { body: { ...values, name: values.name.trim() } });
      setLanguage(saved.language);
      client.setQueryData<Session>(["session"], (now) => (now?.signedIn === true ? { ...now, person: saved } : now));
      toasts.show({ text: m.profileSaved });
    },
  });
  return (
    <Paper component="section" withBorder p="md" aria-label={m.profile}>
      <form onSubmit={form.onSubmit} noValidate>
        <Stack gap="sm">
          <Title order={2}>{m.profile}</Title>
          <TextInput {...form.text("name")} label={m.name} autoComplete="name" />
          <LanguageSelect name="language" value={form.values.language} onChange={(next) => form.set("language", next)} />
          <TimeZoneSelect {...form.field("timeZone")} />
          <FormProblem problem={form.problem} />
          <Button type="submit" loading={form.isBusy} style={{ alignSelf: "flex-start" }}>
            {kit.save}
          </Button>
        </Stack>
      </form>
    </Paper>
  );
}

const empty = { current: "", next: "" };

function PasswordForm() {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const format = useFormat();
  const toasts = useToasts();
  const { person } = useSession();
  const form = useDialogForm({
    schema: changePassword.body,
    initial: empty,
    rules: ({ next }) => (reportPassword(next, person.email).isAllowed ? {} : { next: m.passwordRules }),
    // Everything else that the server may find wrong was checked here already.
    refusals: { current: m.wrongCurrent, next: m.reusedPassword },
    submit: async (values) => {
      const { sessionsEnded } = await call(changePassword, { body: values });
      form.reset();
      toasts.show({ text: m.passwordChanged({ count: format.count(sessionsEnded) }) });
      await client.invalidateQueries({ queryKey: ["account"] });
    },
  });
  return (
    <Paper component="section" withBorder p="md" aria-label={m.changePassword}>
      <form onSubmit={form.onSubmit} noValidate>
        <Stack gap="sm">
          <Title order={2}>{m.changePassword}</Title>
          {/* Tells password managers whose password changes. */}
          <input type="email" value={person.email} autoComplete="username" readOnly hidden />
          <PasswordInput {...form.text("current")} label={m.currentPassword} autoComplete="current-password" />
          <NewPasswordInput {...form.text("next")} label={m.nextPassword} email={person.email} />
          <Text size="xs" c="dimmed">
            {m.changePasswordHint}
          </Text>
          <FormProblem problem={form.problem} />
          <Button type="submit" loading={form.isBusy} style={{ alignSelf: "flex-start" }}>
            {m.changePassword}
          </Button>
        </Stack>
      </form>
    </Paper>
  );
}
