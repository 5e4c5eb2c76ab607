import { Button, Group, Stack, Text } from "@mantine/core";
import { unixMs } from "#base/duration";
import type { IncidentSummary } from "#wire/incidents";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { Dash, StateCell, TimeCell } from "../../kit/cells.tsx";
import { AnchorLink } from "../../kit/links.tsx";
import { messages } from "./messages.ts";
import { ResponderCell } from "./ResponderCell.tsx";
import { SeverityBadge } from "./SeverityBadge.tsx";
import { severityMessages } from "./severity-messages.ts";

/** @param onTake offered on those that nobody has; without it nobody may act here */
export function useIncidentColumns(onTake: ((incident: IncidentSummary) => Promise<void>) | undefined): readonly Column<IncidentSummary>[] {
  const m = useMessages(messages);
  const severity = useMessages(severityMessages);
  const format = useFormat();
  return [
    {
      key: "title",
      header: m.title,
      isRowHeader: true,
      csv: (one) => `#${one.number} ${one.title}`,
      cell: (one) => <TitleCell incident={one} />,
    },
    {
      key: "severity",
      header: m.severity,
      csv: (one) => severity[one.severity],
      cell: (one) => <SeverityBadge severity={one.severity} />,
    },
    {
      key: "responder",
      header: m.responder,
      csv: (one) => one.responder?.name ?? one.lastResponder?.name,
      cell: (one) => <ResponderCell incident={one} />,
    },
    {
      key: "since",
      header: m.since,
      csv: (one) => format.exactDateTime(unixMs(one.openedAt)),
      cell: (one) => <TimeCell at={unixMs(one.openedAt)} />,
    },
    {
      key: "services",
      header: m.services,
      csv: (one) => one.services.map((service) => service.name).join(" "),
      cell: (one) => (one.services.length === 0 ? <Dash /> : one.services.map((service) => service.name).join(", ")),
    },
    {
      key: "actions",
      header: m.actions,
      isHeaderHidden: true,
      align: "end",
      cell: (one) =>
        one.state === "open" && onTake !== undefined ? (
          <Button size="compact-md" aria-label={m.takeNamed({ title: one.title })} onClick={() => void onTake(one)}>
            {m.take}
          </Button>
        ) : undefined,
    },
  ];
}

function TitleCell({ incident }: { readonly incident: IncidentSummary }) {
  const m = useMessages(messages);
  const format = useFormat();
  const org = useOrganisation().name;
  const { number, title, hosts, openAlerts, alerts, snoozedUntil, isFlapping } = incident;
  const facts = [
    hosts.map((host) => host.name).join(", "),
    alerts > 1 ? m.openAlerts({ open: format.count(openAlerts), all: format.count(alerts) }) : "",
    snoozedUntil === undefined ? "" : m.snoozed({ time: format.dateTime(unixMs(snoozedUntil)) }),
  ].filter((fact) => fact !== "");
  return (
    <Stack gap={2}>
      <Group gap={8}>
        <AnchorLink
          to="/o/$org/incidents/$id"
          params={{ org, id: incident.id }}
          data-incident-link={incident.id}
          fw={600}
          size="sm"
          style={{ overflowWrap: "anywhere" }}
        >
          {`#${number} ${title}`}
        </AnchorLink>
        {isFlapping && <StateCell tone="attention" label={m.flapping} />}
      </Group>
      {facts.length > 0 && (
        <Text size="xs" c="dimmed" fw={400} style={{ overflowWrap: "anywhere" }}>
          {facts.join(" · ")}
        </Text>
      )}
    </Stack>
  );
}
