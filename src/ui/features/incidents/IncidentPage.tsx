import { Alert, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { seconds, unixMs } from "#base/duration";
import { getIncident, type Incident } from "#wire/incidents";
import { useCall } from "#kit/call";
import { useNow } from "#kit/clock";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { StateCell } from "../../kit/cells.tsx";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { AnchorLink, ButtonLink } from "../../kit/links.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { RoutePending } from "../../kit/RouteStates.tsx";
import { ActionBar } from "./ActionBar.tsx";
import { IncidentAlerts } from "./IncidentAlerts.tsx";
import classes from "./IncidentPage.module.css";
import { messages } from "./messages.ts";
import { RelatedSection } from "./RelatedSection.tsx";
import { ResponderPanel } from "./ResponderPanel.tsx";
import { Responders } from "./Responders.tsx";
import { SeverityBadge } from "./SeverityBadge.tsx";
import { TimelineSection } from "./TimelineSection.tsx";

/** One incident, made to be read half asleep on a phone: how bad, what, how long, who has it; what can be done stands under the thumb. */
export function IncidentPage() {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const { id } = useParams({ from: "/signed-in/o/$org/incidents/$id" });
  const { data, error, refetch } = useQuery({
    queryKey: [org, "incident", id],
    queryFn: ({ signal }) => call(getIncident, { params: { org, id } }, signal),
    refetchInterval: 60_000,
  });
  if (error && !data) return <ErrorState title={m.missing} error={error} onRetry={() => void refetch()} />;
  if (!data) return <RoutePending />;
  return (
    <div className={classes.page}>
      <Head incident={data} />
      <ResponderPanel incident={data} />
      {data.mayAct && <ActionBar incident={data} />}
      <div className={classes.columns}>
        <Stack gap="lg" miw={0}>
          <IncidentAlerts incident={data} />
          <RelatedSection incident={data} />
        </Stack>
        <Stack gap="lg" miw={0}>
          <TimelineSection incident={data} />
          <Responders incident={data} />
        </Stack>
      </div>
    </div>
  );
}

function Head({ incident }: { readonly incident: Incident }) {
  const m = useMessages(messages);
  const format = useFormat();
  const now = useNow(seconds(15));
  const org = useOrganisation().name;
  const { number, title, severity, state, openedAt, resolvedAt, description, services, mergedInto, isFlapping, settlesAt } = incident;
  const length = format.duration(Math.max(60_000, Math.floor(((resolvedAt ?? now) - openedAt) / 60_000) * 60_000));
  return (
    <>
      <PageHeader
        title={title}
        crumbs={[
          <AnchorLink key="all" to="/o/$org/incidents" params={{ org }} size="sm">
            {m.incidents}
          </AnchorLink>,
          <Text key="number" size="sm" c="dimmed" component="span">
            {`#${number}`}
          </Text>,
        ]}
      />
      <Group gap="6px 12px" mb="sm">
        <SeverityBadge severity={severity} size="lg" />
        {isFlapping && <StateCell tone="attention" label={m.flapping} />}
        <Text size="sm" component="span">
          {m.openedAt({ time: format.dateTime(unixMs(openedAt)) })}
          {state !== "resolved" && (
            <Text span inherit fw={650} ml={8}>
              {m.openFor({ length })}
            </Text>
          )}
        </Text>
        {services.map((service) => (
          <AnchorLink key={service.id} to="/o/$org/services/$service" params={{ org, service: service.name }} size="sm">
            {service.name}
          </AnchorLink>
        ))}
      </Group>
      {settlesAt !== undefined && (
        <Text size="sm" c="dimmed" mb="sm">
          {m.settles({ time: format.time(unixMs(settlesAt)) })}
        </Text>
      )}
      {mergedInto && (
        <Alert color="ai" variant="outline" mb="sm" title={m.mergedInto({ number: String(mergedInto.number) })}>
          <ButtonLink to="/o/$org/incidents/$id" params={{ org, id: mergedInto.id }} size="xs" variant="default">
            {m.showMerged}
          </ButtonLink>
        </Alert>
      )}
      {description !== "" && (
        <Text size="sm" mb="sm" maw="60rem" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
          {description}
        </Text>
      )}
    </>
  );
}
