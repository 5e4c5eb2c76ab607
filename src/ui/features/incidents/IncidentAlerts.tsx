import { Button, Group, Skeleton, Stack, Text, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { unixMs } from "#base/duration";
import { getAlert } from "#wire/alerts";
import type { Incident, IncidentAlert } from "#wire/incidents";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { StateCell, TimeCell } from "../../kit/cells.tsx";
import { AnchorLink } from "../../kit/links.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { alertMessages } from "./alert-messages.ts";
import { AlertGraph } from "./AlertGraph.tsx";
import { AlertStatusBadge } from "./AlertStatusBadge.tsx";
import classes from "./IncidentPage.module.css";
import { messages } from "./messages.ts";

/** More graphs than this make a phone's page slow; the others open at a press. */
const drawnAtOnce = 2;

/** What is wrong: the open alerts first, the worst with their graphs; those that are over on demand. */
export function IncidentAlerts({ incident }: { readonly incident: Incident }) {
  const m = useMessages(messages);
  const format = useFormat();
  const org = useOrganisation().name;
  const [showsClosed, setShowsClosed] = useState(incident.openAlerts === 0);
  const { members, alerts } = incident;
  const isOpen = (alert: IncidentAlert): boolean => alert.closedAt === undefined;
  const shown = members.filter((alert) => showsClosed || isOpen(alert));
  const hidden = members.length - shown.length;
  return (
    <PageSection title={m.alerts}>
      {alerts === 0 && <Text size="sm">{m.noAlerts}</Text>}
      <Stack gap="xs">
        {shown.map((alert, at) => (
          <AlertCard key={alert.id} alert={alert} isDrawn={at < drawnAtOnce} />
        ))}
      </Stack>
      <Group mt="xs" gap="xs">
        {hidden > 0 && (
          <Button size="compact-sm" variant="default" onClick={() => setShowsClosed(true)}>
            {m.showClosed({ count: format.count(hidden) })}
          </Button>
        )}
        {alerts > 1 && (
          <AnchorLink to="/o/$org/alerts" params={{ org }} search={{ incident: incident.id, state: "all" }} size="sm">
            {m.allAlerts}
          </AnchorLink>
        )}
      </Group>
    </PageSection>
  );
}

function AlertCard({ alert, isDrawn }: { readonly alert: IncidentAlert; readonly isDrawn: boolean }) {
  const m = useMessages(alertMessages);
  const format = useFormat();
  const org = useOrganisation().name;
  const [isOpen, setOpen] = useState(isDrawn);
  const { id, host, service, name, message, status, closedAt, openedAt, isMuted, inhibitedBy } = alert;
  const Chevron = isOpen ? IconChevronUp : IconChevronDown;
  return (
    <div className={classes.alert} data-closed={closedAt === undefined ? undefined : true}>
      <Group justify="space-between" wrap="nowrap" align="flex-start" gap="xs">
        <Stack gap={2} miw={0}>
          <Group gap="4px 8px">
            <AlertStatusBadge status={status} />
            <AnchorLink to="/o/$org/alerts/$id" params={{ org, id }} fw={600} size="sm" style={{ overflowWrap: "anywhere" }}>
              {name}
            </AnchorLink>
            {isMuted && <StateCell tone="off" label={m.muted} />}
          </Group>
          {message !== "" && (
            <Text size="sm" style={{ overflowWrap: "anywhere" }}>
              {message}
            </Text>
          )}
          <Group gap="2px 12px" fz="sm" c="dimmed">
            {host && (
              <AnchorLink to="/o/$org/hosts/$id" params={{ org, id: host.id }} size="sm">
                {host.name}
              </AnchorLink>
            )}
            {!host && service && (
              <AnchorLink to="/o/$org/services/$service" params={{ org, service: service.name }} size="sm">
                {service.name}
              </AnchorLink>
            )}
            <TimeCell at={unixMs(openedAt)} />
            {closedAt !== undefined && (
              <span>{`${m.lasted}: ${format.duration(Math.max(60_000, Math.floor((closedAt - openedAt) / 60_000) * 60_000))}`}</span>
            )}
            {inhibitedBy && <span>{m.inhibited({ host: inhibitedBy.name })}</span>}
          </Group>
        </Stack>
        <UnstyledButton p={6} aria-expanded={isOpen} aria-label={`${m.details}: ${name}`} onClick={() => setOpen((was) => !was)}>
          <Chevron aria-hidden size={20} />
        </UnstyledButton>
      </Group>
      {isOpen && <AlertInside id={id} hasGraph={graphed.has(alert.type)} />}
    </div>
  );
}

/** Kinds of alerts that tell of a metric: room is kept for their graph, so that nothing jumps when it comes. */
const graphed: ReadonlySet<string> = new Set(["host", "service"]);

/** The graph: it comes a moment later than the page. */
function AlertInside({ id, hasGraph }: { readonly id: string; readonly hasGraph: boolean }) {
  const kit = useMessages(kitMessages);
  const call = useCall();
  const org = useOrganisation().name;
  const { data } = useQuery({
    queryKey: [org, "alert", id],
    queryFn: ({ signal }) => call(getAlert, { params: { org, id } }, signal),
  });
  if (!data) return hasGraph ? <Skeleton height={230} mt="xs" role="img" aria-label={kit.loading} /> : undefined;
  return (
    <div className={classes.inside}>
      <AlertGraph alert={data} detail={data.detail} />
    </div>
  );
}
