import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { getPolicy } from "#wire/escalation";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { AnchorLink } from "../../kit/links.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { RoutePending } from "../../kit/RouteStates.tsx";
import { inputOf, newPolicy } from "./draft.ts";
import { messages } from "./messages.ts";
import { PolicyEditor } from "./PolicyEditor.tsx";

/** One policy, to look at, to edit and to try. */
export function PolicyPage() {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const { id } = useParams({ from: "/signed-in/o/$org/policies/$id" });
  const { data, error, refetch } = useQuery({
    queryKey: [org, "escalation", "policy", id],
    queryFn: ({ signal }) => call(getPolicy, { params: { org, id } }, signal),
  });
  if (error && !data) return <ErrorState title={m.missing} error={error} onRetry={() => void refetch()} />;
  if (!data) return <RoutePending />;
  const { policy, names } = data;
  return (
    <>
      <PageHeader title={policy.name} crumbs={<Crumb />} />
      <PolicyEditor key={`${policy.id} ${policy.version}`} policy={policy} initial={inputOf(policy)} names={names} />
    </>
  );
}

/** A policy that does not exist yet. */
export function NewPolicyPage() {
  const m = useMessages(messages);
  return (
    <>
      <PageHeader title={m.newPolicy} crumbs={<Crumb />} />
      <PolicyEditor policy={undefined} initial={newPolicy()} names={{}} />
    </>
  );
}

function Crumb() {
  const m = useMessages(messages);
  const org = useOrganisation().name;
  return (
    <AnchorLink to="/o/$org/policies" params={{ org }} size="sm">
      {m.title}
    </AnchorLink>
  );
}
