import { Group, Text } from "@mantine/core";
import { unixMs } from "#base/duration";
import type { HostSummary } from "#wire/inventory";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { Dash, HostCell, StateCell, TimeCell } from "../../kit/cells.tsx";
import { hostName } from "./host-name.ts";
import classes from "./host-columns.module.css";
import { HostStateCell } from "./HostStateCell.tsx";
import { messages } from "./messages.ts";
import { RoleBadges } from "./RoleBadges.tsx";

export function useHostColumns(): readonly Column<HostSummary>[] {
  const m = useMessages(messages);
  const format = useFormat();
  const org = useOrganisation().name;
  return [
    {
      key: "name",
      header: m.name,
      isRowHeader: true,
      sortValue: hostName,
      csv: hostName,
      cell: (host) => (
        <>
          <HostCell org={org} id={host.id} name={hostName(host)} />
          {host.ipAddress !== undefined && (
            <Text size="xs" c="dimmed" component="div">
              {host.ipAddress}
            </Text>
          )}
        </>
      ),
    },
    {
      key: "status",
      header: m.status,
      csv: (host) => (host.isRetired ? "retired" : host.status),
      cell: (host) => <HostStateCell {...host} />,
    },
    { key: "roles", header: m.roles, csv: (host) => host.roles.join(" "), cell: (host) => <RoleBadges roles={host.roles} /> },
    {
      key: "load",
      header: m.load,
      align: "end",
      csv: (host) => host.latest.loadavg5 ?? undefined,
      cell: ({ latest }) => (latest.loadavg5 === null ? <Dash /> : format.decimal(latest.loadavg5)),
    },
    {
      key: "cpu",
      header: m.cpu,
      align: "end",
      csv: (host) => host.latest.cpuPercent ?? undefined,
      cell: ({ latest }) => <Share percent={latest.cpuPercent} />,
    },
    {
      key: "memory",
      header: m.memory,
      align: "end",
      csv: (host) => host.latest.memoryPercent ?? undefined,
      cell: ({ latest }) => <Share percent={latest.memoryPercent} />,
    },
    {
      key: "lastSeen",
      header: m.lastSeen,
      sortValue: (host) => host.lastSeenAt ?? 0,
      csv: (host) => (host.lastSeenAt === undefined ? undefined : format.exactDateTime(unixMs(host.lastSeenAt))),
      cell: (host) => (
        <Group gap={8} wrap="nowrap">
          <TimeCell at={host.lastSeenAt === undefined ? undefined : unixMs(host.lastSeenAt)} />
          {host.connectivity === "silent" && (
            <span title={m.silentHint}>
              <StateCell tone="bad" label={m.silent} />
            </span>
          )}
        </Group>
      ),
    },
  ];
}

/** A percentage with a bar behind it, so that a column can be scanned. */
function Share({ percent }: { readonly percent: number | null }) {
  const format = useFormat();
  if (percent === null) return <Dash />;
  return (
    <span className={classes.share}>
      <span className={classes.bar} aria-hidden>
        <span
          className={classes.fill}
          data-high={percent >= 90 || undefined}
          style={{ width: `${Math.min(100, Math.max(0, percent))}%` }}
        />
      </span>
      <span className={classes.number}>{format.percent(percent)}</span>
    </span>
  );
}
