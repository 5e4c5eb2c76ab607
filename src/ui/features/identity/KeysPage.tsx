import { Button, Switch } from "@mantine/core";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { listKeys, type Key } from "#wire/keys";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import { DataTable } from "../../kit/DataTable.tsx";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { CreateKeyDialog } from "./CreateKeyDialog.tsx";
import { useKeyColumns } from "./key-columns.tsx";
import { messages } from "./people-messages.ts";
import { RevokeKeyDialog } from "./RevokeKeyDialog.tsx";

const pageSize = 50;

/** The API keys of the organisation. */
export function KeysPage() {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const maySee = useMay("key.view");
  const [page, setPage] = useState(1);
  const [includeRevoked, setIncludeRevoked] = useState(false);
  const [isCreating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<Key>();
  const columns = useKeyColumns(setRevoking);
  const query = { limit: pageSize, offset: (page - 1) * pageSize, includeRevoked };
  const { data, error, refetch } = useQuery({
    queryKey: [org, "keys", query],
    queryFn: ({ signal }) => call(listKeys, { params: { org }, query }, signal),
    placeholderData: keepPreviousData,
    enabled: maySee,
  });
  if (!maySee) return <EmptyState title={m.keysForbidden} isPage />;
  const createButton = (
    <Button leftSection={<IconPlus aria-hidden size={18} />} onClick={() => setCreating(true)}>
      {m.createKey}
    </Button>
  );
  return (
    <>
      <PageHeader title={m.keys} intro={m.keysIntro}>
        {createButton}
      </PageHeader>
      <Switch
        mb="sm"
        label={m.showRevoked}
        checked={includeRevoked}
        onChange={(event) => {
          setIncludeRevoked(event.currentTarget.checked);
          setPage(1);
        }}
      />
      <DataTable
        caption={m.keys}
        columns={columns}
        rows={data?.keys}
        rowKey={(key) => key.id}
        error={error}
        onRetry={() => void refetch()}
        empty={
          <EmptyState title={m.noKeys} hint={m.noKeysHint} icon={<IconKey aria-hidden size={32} />}>
            {createButton}
          </EmptyState>
        }
        {...(data ? { paging: { page, pageSize, total: data.total, onPage: setPage } } : {})}
      />
      {isCreating && <CreateKeyDialog onClose={() => setCreating(false)} />}
      {revoking && <RevokeKeyDialog apiKey={revoking} onClose={() => setRevoking(undefined)} />}
    </>
  );
}
