import { Button } from "@mantine/core";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { unixMs } from "#base/duration";
import { listZabbixPsks, type ZabbixPsk, type ZabbixSettings } from "#wire/zabbix";
import { useCall } from "#kit/call";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { TimeCell } from "../../kit/cells.tsx";
import { DataTable } from "../../kit/DataTable.tsx";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { CreatePskDialog } from "./CreatePskDialog.tsx";
import { messages } from "./messages.ts";
import { PageSection } from "../../kit/PageSection.tsx";
import { RevokePskDialog } from "./RevokePskDialog.tsx";

const pageSize = 20;

/** The keys of agents that report encrypted. */
export function PskSection({ settings }: { readonly settings: ZabbixSettings }) {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const mayChange = useMay("key.change");
  const [page, setPage] = useState(1);
  const [isCreating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ZabbixPsk>();
  const columns = usePskColumns(setRevoking);
  const query = { limit: pageSize, offset: (page - 1) * pageSize };
  const { data, error, refetch } = useQuery({
    queryKey: [org, "zabbix", "psks", query],
    queryFn: ({ signal }) => call(listZabbixPsks, { params: { org }, query }, signal),
    placeholderData: keepPreviousData,
  });
  const create = mayChange && (
    <Button variant="default" leftSection={<IconPlus aria-hidden size={18} />} onClick={() => setCreating(true)}>
      {m.createPsk}
    </Button>
  );
  return (
    <PageSection title={m.psks} hint={m.psksHint} actions={(data?.total ?? 0) > 0 && create}>
      <DataTable
        caption={m.psks}
        columns={columns}
        rows={data?.psks}
        rowKey={(psk) => psk.id}
        error={error}
        onRetry={() => void refetch()}
        empty={
          <EmptyState title={m.noPsks} hint={m.noPsksHint} icon={<IconKey aria-hidden size={32} />}>
            {create}
          </EmptyState>
        }
        {...(data && data.total > pageSize ? { paging: { page, pageSize, total: data.total, onPage: setPage } } : {})}
      />
      {isCreating && <CreatePskDialog port={settings.port} onClose={() => setCreating(false)} />}
      {revoking && <RevokePskDialog psk={revoking} onClose={() => setRevoking(undefined)} />}
    </PageSection>
  );
}

function usePskColumns(onRevoke: (psk: ZabbixPsk) => void): readonly Column<ZabbixPsk>[] {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const mayChange = useMay("key.change");
  return [
    { key: "identity", header: m.identity, isRowHeader: true, cell: (psk) => psk.identity },
    { key: "host", header: m.pskHost, cell: (psk) => psk.hostName ?? m.anyHost },
    { key: "created", header: m.created, cell: (psk) => <TimeCell at={unixMs(psk.createdAt)} /> },
    {
      key: "used",
      header: m.lastUsed,
      cell: (psk) => <TimeCell at={psk.lastUsedAt === undefined ? undefined : unixMs(psk.lastUsedAt)} absent={m.unused} />,
    },
    {
      key: "actions",
      header: kit.actions,
      isHeaderHidden: true,
      align: "end",
      cell: (psk) =>
        mayChange && (
          <Button size="compact-sm" variant="default" aria-label={m.revokeOf({ name: psk.identity })} onClick={() => onRevoke(psk)}>
            {m.revoke}
          </Button>
        ),
    },
  ];
}
