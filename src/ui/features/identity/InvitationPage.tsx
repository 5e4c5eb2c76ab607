import { Button, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouterState } from "@tanstack/react-router";
import { useState } from "react";
import { unixMs } from "#base/duration";
import { acceptInvitation, closeSession, getInvitation, type Session } from "#wire/identity";
import type { ResponseOf } from "#wire/contract";
import { CallError, useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { sessionQuery } from "#kit/session";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { ButtonLink } from "../../kit/links.tsx";
import { RoutePending } from "../../kit/RouteStates.tsx";
import { GuestLayout } from "../../layouts/GuestLayout.tsx";
import { JoinForm } from "./JoinForm.tsx";
import { messages } from "./messages.ts";
import { useRoleNames } from "./role-messages.ts";
import { useSignIn } from "./use-sign-in.ts";

type OpenInvitation = ResponseOf<typeof getInvitation>;

/** What somebody sees who opened an invitation's link. */
export function InvitationPage() {
  const m = useMessages(messages);
  const roles = useRoleNames();
  const format = useFormat();
  const call = useCall();
  const token = useRouterState({ select: (state) => state.location.hash });
  const session = useQuery(sessionQuery(call));
  const invitation = useQuery({
    queryKey: ["invitation", token],
    queryFn: ({ signal }) => call(getInvitation, { params: { token } }, signal),
    enabled: token !== "",
    retry: false,
  });
  if (token === "" || (invitation.error instanceof CallError && [400, 404, 410].includes(invitation.error.status))) {
    return (
      <GuestLayout title={m.invitationMissing} intro={m.invitationMissingHint}>
        <ButtonLink to="/login">{m.signIn}</ButtonLink>
      </GuestLayout>
    );
  }
  const error = invitation.error ?? session.error;
  if (error) {
    return (
      <GuestLayout title={m.invitationMissing}>
        <ErrorState error={error} onRetry={() => void invitation.refetch()} />
      </GuestLayout>
    );
  }
  if (!invitation.data || !session.data) return <RoutePending />;
  const { organisation, role, invitedByName, expiresAt } = invitation.data;
  const roleName = roles.name(role);
  const intro =
    invitedByName === undefined ? m.invitationIntroPlain({ role: roleName }) : m.invitationIntro({ by: invitedByName, role: roleName });
  return (
    <GuestLayout title={m.invitationTitle({ organisation: organisation.displayName })} intro={intro}>
      <Text size="sm" c="dimmed">
        {m.invitationExpires({ time: format.dateTime(unixMs(expiresAt)) })}
      </Text>
      <Answer token={token} invitation={invitation.data} session={session.data} />
    </GuestLayout>
  );
}

interface AnswerProps {
  readonly token: string;
  readonly invitation: OpenInvitation;
  readonly session: Session;
}

/** The way to accept: as whoever is signed in, after a login, or as somebody new. */
function Answer({ token, invitation, session }: AnswerProps) {
  const m = useMessages(messages);
  if (session.signedIn && session.person.email.toLowerCase() === invitation.email.toLowerCase()) return <AcceptButton token={token} />;
  if (session.signedIn) return <OtherPerson invited={invitation.email} email={session.person.email} />;
  if (!invitation.hasAccount) return <JoinForm token={token} email={invitation.email} />;
  return (
    <Stack gap="md">
      <Text size="sm">{m.invitationHasAccount({ email: invitation.email })}</Text>
      {/* The token stays behind the "#", where no server sees it. */}
      <ButtonLink to="/login" search={{ to: "/invitation" }} hash={token}>
        {m.signIn}
      </ButtonLink>
    </Stack>
  );
}

function AcceptButton({ token }: { readonly token: string }) {
  const m = useMessages(messages);
  const call = useCall();
  const signIn = useSignIn();
  const problemText = useProblemText();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const accept = async (): Promise<void> => {
    setBusy(true);
    try {
      await signIn(await call(acceptInvitation, { params: { token }, body: {} }), undefined);
    } catch (error) {
      setProblem(problemText(error));
      setBusy(false);
    }
  };
  return (
    <Stack gap="md">
      <FormProblem problem={problem} />
      <Button loading={isBusy} onClick={() => void accept()}>
        {m.invitationAccept}
      </Button>
    </Stack>
  );
}

function OtherPerson({ email, invited }: { readonly email: string; readonly invited: string }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const client = useQueryClient();
  const signOut = async (): Promise<void> => {
    await call(closeSession).catch(() => undefined);
    client.setQueryData<Session>(["session"], { signedIn: false });
  };
  return (
    <Stack gap="md">
      <Text size="sm">{m.invitationOther({ email, invited })}</Text>
      <Button variant="default" onClick={() => void signOut()}>
        {kit.signOut}
      </Button>
    </Stack>
  );
}
