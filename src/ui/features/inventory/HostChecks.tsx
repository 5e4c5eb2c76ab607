import { Anchor, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { unixMs } from "#base/duration";
import { listHostChecks, type HostCheck } from "#wire/inventory";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { Dash, StateCell, TimeCell } from "../../kit/cells.tsx";
import { DataTable } from "../../kit/DataTable.tsx";
import { CheckDialog } from "./CheckDialog.tsx";
import { checkTones } from "./check-tones.ts";
import { messages } from "./messages.ts";

/** The checks that a host's agent reports; nothing when it has none. */
export function HostChecks({ id }: { readonly id: string }) {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const [shown, setShown] = useState<string>();
  const { data, error, refetch } = useQuery({
    queryKey: [org, "host", id, "checks"],
    queryFn: ({ signal }) => call(listHostChecks, { params: { org, id } }, signal),
    refetchInterval: 60_000,
  });
  if (!error && (data === undefined || data.checks.length === 0)) return undefined;
  const columns: readonly Column<HostCheck>[] = [
    {
      key: "name",
      header: m.check,
      isRowHeader: true,
      cell: (check) => (
        <Anchor component="button" type="button" size="sm" onClick={() => setShown(check.name)}>
          {check.name}
        </Anchor>
      ),
    },
    {
      key: "status",
      header: m.status,
      cell: (check) =>
        check.status === undefined ? (
          <StateCell tone="off" label={m.noReport} />
        ) : (
          <StateCell tone={checkTones[check.status]} label={check.status} />
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
      {shown !== undefined && <CheckDialog hostId={id} name={shown} onClose={() => setShown(undefined)} />}
    </section>
  );
}
