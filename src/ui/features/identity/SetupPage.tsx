import { useQuery } from "@tanstack/react-query";
import { useRouterState } from "@tanstack/react-router";
import { getSetup } from "#wire/identity";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { ButtonLink } from "../../kit/links.tsx";
import { RoutePending } from "../../kit/RouteStates.tsx";
import { GuestLayout } from "../../layouts/GuestLayout.tsx";
import { messages } from "./messages.ts";
import { SetupForm } from "./SetupForm.tsx";

/** The first page of an installation. The token stands behind the "#", so that no server or proxy logs it. */
export function SetupPage() {
  const m = useMessages(messages);
  const call = useCall();
  const token = useRouterState({ select: (state) => state.location.hash });
  const setup = useQuery({ queryKey: ["setup"], queryFn: ({ signal }) => call(getSetup, {}, signal) });
  if (setup.error) {
    return (
      <GuestLayout title={m.setupTitle}>
        <ErrorState error={setup.error} onRetry={() => void setup.refetch()} />
      </GuestLayout>
    );
  }
  if (!setup.data) return <RoutePending />;
  if (setup.data.isClaimed) {
    return (
      <GuestLayout title={m.setupDone} intro={m.setupDoneHint}>
        <ButtonLink to="/login">{m.signIn}</ButtonLink>
      </GuestLayout>
    );
  }
  if (token === "") return <GuestLayout title={m.setupNoToken} intro={m.setupNoTokenHint} />;
  return (
    <GuestLayout title={m.setupTitle} intro={m.setupIntro} isWide>
      <SetupForm token={token} />
    </GuestLayout>
  );
}
