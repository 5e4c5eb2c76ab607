import { Button, Group, Stack, Text } from "@mantine/core";
import { seconds, unixMs } from "#base/duration";
import type { AlertSummary } from "#wire/alerts";
import { useNow } from "#kit/clock";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { Dash, HostCell, StateCell, TimeCell } from "../../kit/cells.tsx";
import { AnchorLink } from "../../kit/links.tsx";
import { alertMessages } from "./alert-messages.ts";
import { AlertStatusBadge } from "./AlertStatusBadge.tsx";

/** @param onClose offered on open ones; without it nobody may close alerts here */
export function useAlertColumns(onClose: ((alert: AlertSummary) => void) | undefined): readonly Column<AlertSummary>[] {
  const m = useMessages(alertMessages);
  const format = useFormat();
  const now = useNow(seconds(15));
  const org = useOrganisation().name;
  const lasted = ({ openedAt, closedAt }: AlertSummary): string =>
    format.duration(Math.max(60_000, Math.floor(((closedAt ?? now) - openedAt) / 60_000) * 60_000));
  return [
    {
      key: "monitor",
      header: m.monitor,
      isRowHeader: true,
      csv: (one) => one.name,
      cell: (one) => (
        <Stack gap={2}>
          <Group gap={8}>
            <AnchorLink to="/o/$org/alerts/$id" params={{ org, id: one.id }} fw={600} size="sm" style={{ overflowWrap: "anywhere" }}>
              {one.name}
            </AnchorLink>
            {one.isMuted && (
              <span title={m.mutedHint}>
                <StateCell tone="off" label={m.muted} />
              </span>
            )}
          </Group>
          <Text size="xs" c="dimmed" fw={400} lineClamp={2} style={{ overflowWrap: "anywhere" }}>
            {one.message}
          </Text>
        </Stack>
      ),
    },
    { key: "status", header: m.status, csv: (one) => one.status, cell: (one) => <AlertStatusBadge status={one.status} /> },
    {
      key: "host",
      header: m.host,
      csv: (one) => one.host?.name ?? one.service?.name,
      cell: (one) => <Thing alert={one} />,
    },
    {
      key: "value",
      header: m.value,
      align: "end",
      csv: (one) => one.value,
      cell: (one) => (one.value === undefined ? <Dash /> : format.si(one.value)),
    },
    {
      key: "opened",
      header: m.openedAt,
      csv: (one) => format.exactDateTime(unixMs(one.openedAt)),
      cell: (one) => <TimeCell at={unixMs(one.openedAt)} />,
    },
    { key: "lasted", header: m.lasted, align: "end", csv: lasted, cell: (one) => lasted(one) },
    {
      key: "incident",
      header: m.incident,
      csv: (one) => one.incident && `#${one.incident.number}`,
      cell: ({ incident }) =>
        incident ? (
          <AnchorLink to="/o/$org/incidents/$id" params={{ org, id: incident.id }} size="sm">
            {`#${incident.number}${incident.responder ? ` ${incident.responder.name}` : ""}`}
          </AnchorLink>
        ) : (
          <Dash />
        ),
    },
    {
      key: "actions",
      header: m.actions,
      isHeaderHidden: true,
      align: "end",
      cell: (one) =>
        one.closedAt === undefined && onClose ? (
          <Button size="compact-sm" variant="default" aria-label={m.closeNamed({ name: one.name })} onClick={() => onClose(one)}>
            {m.close}
          </Button>
        ) : undefined,
    },
  ];
}

/** What the alert is about. */
function Thing({ alert: { host, service } }: { readonly alert: AlertSummary }) {
  const org = useOrganisation().name;
  if (host) return <HostCell org={org} id={host.id} name={host.name} />;
  if (!service) return <Dash />;
  return (
    <AnchorLink to="/o/$org/services/$service" params={{ org, service: service.name }} size="sm">
      {service.name}
    </AnchorLink>
  );
}
