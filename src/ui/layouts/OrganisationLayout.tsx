import { Outlet, useParams } from "@tanstack/react-router";
import { useLiveEvents } from "#kit/live";
import { useMessages } from "#kit/messages";
import { MembershipContext, useSession } from "#kit/session";
import { shellMessages } from "#kit/shell-messages";
import { IncidentBanner } from "../features/incidents/IncidentBanner.tsx";
import { EmptyState } from "../kit/EmptyState.tsx";

/** The pages of one organisation. */
export function OrganisationLayout() {
  const m = useMessages(shellMessages);
  const { org } = useParams({ from: "/signed-in/o/$org" });
  const membership = useSession().memberships.find((one) => one.name === org);
  if (!membership) return <EmptyState title={m.notMember} hint={m.notMemberHint} isPage />;
  return (
    <MembershipContext value={membership}>
      <LiveOutlet key={org} org={org} />
    </MembershipContext>
  );
}

function LiveOutlet({ org }: { readonly org: string }) {
  useLiveEvents(org);
  return (
    <>
      <IncidentBanner org={org} />
      <Outlet />
    </>
  );
}
