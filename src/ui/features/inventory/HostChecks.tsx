import { Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { unixMs } from "#base/duration";
import { listHostChecks, type CheckStatus, type HostCheck } from "#wire/inventory";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { Dash, StateCell, TimeCell, type Tone } from "../../kit/cells.tsx";
import { DataTable } from "../../kit/DataTable.tsx";
import { messages } from "./messages.ts";

const tones: Readonly<Record<CheckStatus, Tone>> = { OK: "good", WARNING: "attention", CRITICAL: "bad", UNKNOWN: "off" };

/** The checks that a host's agent reports; nothing when it has none. */
export function HostChecks({ id }: { readonly id: string }) {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const { data, error, refetch } = useQuery({
    queryKey: [org, "host", id, "checks"],
    queryFn: ({ signal }) => call(listHostChecks, { params: { org, id } }, signal),
    refetchInterval: 60_000,
  });
  if (!error && (data === undefined || data.checks.length === 0)) return undefined;
  const columns: readonly Column<HostCheck>[] = [
    { key: "name", header: m.check, isRowHeader: true, cell: (check) => check.name },
    {
      key: "status",
      header: m.status,
      cell: (check) =>
        check.status === undefined ? (
          <StateCell tone="off" label={m.noReport} />
        ) : (
          <StateCell tone={tones[check.status]} label={check.status} />
        ),
    },
    { key: "message", header: m.message, cell: (check) => check.message ?? <Dash /> },
    {
      key: "at",
      header: m.checkedAt,
      cell: (check) => <TimeCell at={check.occurredAt === undefined ? undefined : unixMs(check.occurredAt)} />,
    },
    { key: "memo", header: m.memo, isWideOnly: true, cell: (check) => check.memo },
  ];
  return (
    <section aria-label={m.checks}>
      <Title order={2} size="h3" mb="xs">
        {m.checks}
      </Title>
      <DataTable
        caption={m.checks}
        columns={columns}
        rows={data?.checks}
        rowKey={(check) => check.name}
        error={error}
        onRetry={() => void refetch()}
        empty={undefined}
      />
    </section>
  );
}
