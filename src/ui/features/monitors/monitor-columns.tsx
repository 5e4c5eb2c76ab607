import { Group, Text } from "@mantine/core";
import { IconBellOff } from "@tabler/icons-react";
import type { MonitorSummary } from "#wire/monitors";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { AnchorLink } from "../../kit/links.tsx";
import { AlertStatusBadge } from "../incidents/AlertStatusBadge.tsx";
import { useConditions } from "./condition.ts";
import { messages } from "./messages.ts";
import { typeMessages } from "./type-messages.ts";

/** Name, what is watched and what it says. */
export function useMonitorColumns(): readonly Column<MonitorSummary>[] {
  const m = useMessages(messages);
  const names = useMessages(typeMessages);
  const format = useFormat();
  const org = useOrganisation().name;
  const { conditionOf, scopeOf } = useConditions();
  return [
    {
      key: "name",
      header: m.name,
      isRowHeader: true,
      csv: ({ settings }) => settings.name,
      cell: ({ id, settings }) => (
        <Group gap={6} wrap="nowrap">
          <AnchorLink to="/o/$org/monitors/$id" params={{ org, id }} size="sm" fw={500} style={{ overflowWrap: "anywhere" }}>
            {settings.name}
          </AnchorLink>
          {settings.isMute === true && <IconBellOff size={16} role="img" aria-label={m.muted} style={{ flexShrink: 0 }} />}
        </Group>
      ),
    },
    { key: "status", header: m.status, csv: ({ status }) => status, cell: ({ status }) => <AlertStatusBadge status={status} /> },
    { key: "type", header: m.type, csv: ({ settings }) => settings.type, cell: ({ settings }) => names[settings.type] },
    {
      key: "condition",
      header: m.condition,
      csv: ({ settings }) => conditionOf(settings),
      cell: ({ settings }) => (
        <Text span inherit lineClamp={2} style={{ overflowWrap: "anywhere" }}>
          {conditionOf(settings)}
        </Text>
      ),
    },
    { key: "scope", header: m.scope, csv: ({ settings }) => scopeOf(settings), cell: ({ settings }) => scopeOf(settings) },
    {
      key: "targets",
      header: m.targets,
      align: "end",
      csv: ({ targets }) => targets,
      cell: ({ targets, bad }) =>
        bad === 0 ? format.count(targets) : m.targetsBad({ bad: format.count(bad), all: format.count(targets) }),
    },
  ];
}
