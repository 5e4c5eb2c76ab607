import { Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { AlertStatus } from "#wire/alerting";
import { listAlerts, type AlertSummary } from "#wire/alerts";
import { listHosts } from "#wire/inventory";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { AnchorLink } from "../../kit/links.tsx";
import { AlertStatusBadge } from "../incidents/AlertStatusBadge.tsx";
import { messages } from "./messages.ts";
import { TitledCard } from "./WidgetCard.tsx";

const refreshEvery = 30_000;
/** The contract's limit: more than that many alerts of one role are counted no more exactly. */
const mostAlerts = 200;
const worstFirst: readonly AlertStatus[] = ["CRITICAL", "WARNING", "UNKNOWN", "OK"];

/** How many hosts of a role are well, and how many are not, by their worst alert. */
export function RoleState({ title, fullname }: { readonly title: string; readonly fullname: string }) {
  const m = useMessages(messages);
  const org = useOrganisation().name;
  const [service = "", role = ""] = fullname.split(/:\s*/u);
  const { hosts, alerts } = useRole(service, role);
  const counts = hosts === undefined || alerts === undefined ? undefined : statesOf(hosts, alerts);
  return (
    <TitledCard title={title}>
      <Stack gap={6}>
        <AnchorLink to="/o/$org/services/$service/roles/$role" params={{ org, service, role }} size="sm" fw={500}>
          {`${service}: ${role}`}
        </AnchorLink>
        {hosts === 0 && (
          <Text size="sm" c="dimmed">
            {m.roleWithoutHosts}
          </Text>
        )}
        {counts && hosts !== 0 && <Counts counts={counts} />}
      </Stack>
    </TitledCard>
  );
}

function useRole(
  service: string,
  role: string,
): { readonly hosts?: number | undefined; readonly alerts?: readonly AlertSummary[] | undefined } {
  const call = useCall();
  const org = useOrganisation().name;
  const fullname = `${service}:${role}`;
  const { data: hosts } = useQuery({
    queryKey: [org, "hosts", "of role", fullname],
    queryFn: ({ signal }) => call(listHosts, { params: { org }, query: { service, role, limit: 1 } }, signal),
    refetchInterval: refreshEvery,
  });
  const { data: alerts } = useQuery({
    queryKey: [org, "alerts", "of role", fullname],
    queryFn: ({ signal }) => call(listAlerts, { params: { org }, query: { role: fullname, limit: mostAlerts } }, signal),
    refetchInterval: refreshEvery,
  });
  return { hosts: hosts?.total, alerts: alerts?.alerts };
}

type Counts = Readonly<Record<AlertStatus, number>>;

/** Hosts by the worst of their open alerts; those without any are OK. */
export function statesOf(hosts: number, alerts: readonly Pick<AlertSummary, "host" | "status">[]): Counts {
  const worst = new Map<string, AlertStatus>();
  for (const { host, status } of alerts) {
    if (!host) continue;
    const known = worst.get(host.id);
    if (known === undefined || worstFirst.indexOf(status) < worstFirst.indexOf(known)) worst.set(host.id, status);
  }
  const counts = { OK: 0, WARNING: 0, CRITICAL: 0, UNKNOWN: 0 };
  for (const status of worst.values()) counts[status] += 1;
  return { ...counts, OK: Math.max(0, hosts - (worst.size - counts.OK)) };
}

function Counts({ counts }: { readonly counts: Counts }) {
  const m = useMessages(messages);
  const format = useFormat();
  const shown = worstFirst.filter((status) => counts[status] > 0);
  return (
    <Group gap="md">
      {shown.map((status) => (
        <Group key={status} gap={6} wrap="nowrap">
          <AlertStatusBadge status={status} />
          <Text size="sm" fw={600}>
            {m.hostCount({ count: counts[status], text: format.count(counts[status]) })}
          </Text>
        </Group>
      ))}
    </Group>
  );
}
