import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Outlet, useNavigate, useParams } from "@tanstack/react-router";
import { useEffect, type ReactNode } from "react";
import { closeSession, type Session } from "#wire/identity";
import { useCall } from "#kit/call";
import { useLanguage } from "#kit/messages";
import { OpenIncidentsContext, useIncidentCounts } from "#kit/open-incidents";
import { sessionQuery, SessionContext } from "#kit/session";
import { OnDutyChip } from "../features/duty/OnDutyChip.tsx";
import { ConsoleShell } from "../kit/ConsoleShell.tsx";
import { FormatProvider } from "../kit/FormatProvider.tsx";

/** Everything behind the login: who is signed in, times in their zone, the console's frame. */
export function SignedInLayout() {
  const call = useCall();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { data: session } = useQuery(sessionQuery(call));
  const { adopt } = useLanguage();
  const { org } = useParams({ strict: false });
  const language = session?.signedIn === true ? session.person.language : undefined;
  useEffect(() => {
    if (language !== undefined) adopt(language);
  }, [language, adopt]);

  if (session?.signedIn !== true) return undefined;
  const signOut = async (): Promise<void> => {
    // Whether or not the server could be told, this browser forgets.
    await call(closeSession).catch(() => undefined);
    await navigate({ to: "/login" });
    client.clear();
    client.setQueryData<Session>(["session"], { signedIn: false });
  };
  const membership = session.memberships.find((one) => one.name === org);
  return (
    <SessionContext value={session}>
      <FormatProvider timeZone={session.person.timeZone}>
        <WithIncidents org={membership?.name}>
          <ConsoleShell
            session={session}
            membership={membership}
            onSignOut={() => void signOut()}
            status={membership && <OnDutyChip org={membership.name} />}
          >
            <Outlet />
          </ConsoleShell>
        </WithIncidents>
      </FormatProvider>
    </SessionContext>
  );
}

/** Lets the frame and the pages know how many incidents are not over: navigation, banner and window title say it. */
function WithIncidents({ org, children }: { readonly org: string | undefined; readonly children: ReactNode }) {
  return <OpenIncidentsContext value={useIncidentCounts(org)}>{children}</OpenIncidentsContext>;
}
