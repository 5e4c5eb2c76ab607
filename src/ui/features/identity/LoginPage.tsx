import { Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Navigate, useRouterState, useSearch } from "@tanstack/react-router";
import { openSession } from "#wire/identity";
import { useCall, type CallError } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { sessionQuery } from "#kit/session";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { GuestLayout } from "../../layouts/GuestLayout.tsx";
import { messages } from "./messages.ts";
import { useSignIn } from "./use-sign-in.ts";

/** Why a sign-in was refused, with the time from which it may work again. */
export function useSignInProblem(): (error: CallError) => string | undefined {
  const m = useMessages(messages);
  const format = useFormat();
  return ({ code, retryAt }) => {
    const time = retryAt === undefined ? undefined : format.exactTime(retryAt);
    if (code === "wrong-credentials") return m.wrongCredentials;
    if (code === "too-many-requests") return time === undefined ? m.tooMany : m.tooManyUntil({ time });
    if (code === "locked") return time === undefined ? m.locked : m.lockedUntil({ time });
    return code === "forbidden" ? m.suspended : undefined;
  };
}

export function LoginPage() {
  const m = useMessages(messages);
  const call = useCall();
  const signIn = useSignIn();
  const explain = useSignInProblem();
  const { to } = useSearch({ from: "/login" });
  const hash = useRouterState({ select: (state) => state.location.hash });
  const target = to !== undefined && hash !== "" ? `${to}#${hash}` : to;
  const session = useQuery(sessionQuery(call));
  const form = useDialogForm({
    schema: openSession.body,
    initial: { email: "", password: "" },
    explain,
    submit: async (values) => signIn(await call(openSession, { body: values }), target),
  });
  if (session.data?.signedIn === true && !form.isBusy) return <Navigate to="/" />;
  return (
    <GuestLayout title={m.signInTitle}>
      <form onSubmit={form.onSubmit} noValidate>
        <Stack gap="md">
          <TextInput
            {...form.text("email")}
            type="email"
            label={m.email}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            data-autofocus
          />
          <PasswordInput {...form.text("password")} label={m.password} autoComplete="current-password" />
          <FormProblem problem={form.problem} />
          <Button type="submit" loading={form.isBusy} fullWidth>
            {m.signIn}
          </Button>
        </Stack>
      </form>
      <Text size="sm" c="dimmed">
        {m.forgotten}
      </Text>
    </GuestLayout>
  );
}
