import { Button, Stack, Switch, Text } from "@mantine/core";
import { IconShare } from "@tabler/icons-react";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { graphTitle } from "#base/chart/names";
import { unixMs } from "#base/duration";
import { listShareLinks, revokeShareLink, type ShareLink } from "#wire/sharing";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { presetText } from "#kit/range";
import { useMay, useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { useToasts } from "#kit/toasts";
import { StateCell, TimeCell, type Tone } from "../../kit/cells.tsx";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { DataTable } from "../../kit/DataTable.tsx";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { AnchorLink } from "../../kit/links.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { searchOfTarget } from "./graph-search.ts";
import { messages } from "./messages.ts";

const pageSize = 50;
const tones: Readonly<Record<ShareLink["state"], Tone>> = { active: "good", expired: "attention", revoked: "off" };

/** All share links of the organisation. */
export function SharesPage() {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const [page, setPage] = useState(1);
  const [includeEnded, setIncludeEnded] = useState(false);
  const [revoking, setRevoking] = useState<ShareLink>();
  const columns = useShareColumns(setRevoking);
  const query = { limit: pageSize, offset: (page - 1) * pageSize, includeEnded };
  const { data, error, refetch } = useQuery({
    queryKey: [org, "shares", query],
    queryFn: ({ signal }) => call(listShareLinks, { params: { org }, query }, signal),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <PageHeader title={m.title} intro={m.intro} />
      <Switch
        mb="sm"
        label={m.showEnded}
        checked={includeEnded}
        onChange={(event) => {
          setIncludeEnded(event.currentTarget.checked);
          setPage(1);
        }}
      />
      <DataTable
        caption={m.title}
        columns={columns}
        rows={data?.links}
        rowKey={(link) => link.id}
        error={error}
        onRetry={() => void refetch()}
        empty={<EmptyState title={m.none} hint={m.noneHint} icon={<IconShare aria-hidden size={32} />} />}
        {...(data ? { paging: { page, pageSize, total: data.total, onPage: setPage } } : {})}
      />
      {revoking && <RevokeDialog link={revoking} onClose={() => setRevoking(undefined)} />}
    </>
  );
}

function RevokeDialog({ link, onClose }: { readonly link: ShareLink; readonly onClose: () => void }) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const { id, label } = link;
  const revoke = async (): Promise<void> => {
    await call(revokeShareLink, { params: { org, id } });
    toasts.show({ text: m.revokedDone({ label }) });
    await client.invalidateQueries({ queryKey: [org, "shares"] });
  };
  return (
    <ConfirmDialog
      title={m.revokeTitle({ label })}
      text={m.revokeText}
      action={m.revoke}
      isDangerous
      onConfirm={revoke}
      onClose={onClose}
    />
  );
}

/** A graph's title as far as its name tells it. */
const titleOf = ({ graph }: ShareLink["target"], language: "en" | "ja"): string =>
  graphTitle({ name: graph, kind: "system", title: graph.replace(/^custom\./u, "") }, language);

function useShareColumns(onRevoke: (link: ShareLink) => void): readonly Column<ShareLink>[] {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const format = useFormat();
  const org = useOrganisation().name;
  const mayChange = useMay("share.change");
  const at = (time: number | undefined, absent: string) => <TimeCell at={time === undefined ? undefined : unixMs(time)} absent={absent} />;
  return [
    { key: "label", header: m.label, isRowHeader: true, cell: (link) => link.label },
    {
      key: "graph",
      header: m.graph,
      cell: (link) => (
        <Stack gap={0}>
          <AnchorLink to="/o/$org/graph" params={{ org }} search={searchOfTarget(link.target)} size="sm">
            {titleOf(link.target, format.language)}
          </AnchorLink>
          <Text size="xs" c="dimmed">
            {link.owner}
          </Text>
        </Stack>
      ),
    },
    { key: "state", header: m.state, cell: (link) => <StateCell tone={tones[link.state]} label={m[link.state]} /> },
    { key: "period", header: m.period, cell: (link) => m.last({ length: presetText(link.period, format.language) }) },
    { key: "expires", header: m.expiry, cell: (link) => at(link.expiresAt, m.noExpiry) },
    { key: "lastUsed", header: m.lastUsed, cell: (link) => at(link.lastUsedAt, m.unused) },
    {
      key: "created",
      header: m.created,
      cell: (link) => (
        <Stack gap={0}>
          {at(link.createdAt, "")}
          {link.createdByName !== undefined && (
            <Text size="xs" c="dimmed">
              {m.by({ name: link.createdByName })}
            </Text>
          )}
        </Stack>
      ),
    },
    {
      key: "actions",
      header: kit.actions,
      isHeaderHidden: true,
      align: "end",
      cell: (link) =>
        mayChange && link.state !== "revoked" ? (
          <Button size="compact-sm" variant="default" aria-label={m.revokeOf({ label: link.label })} onClick={() => onRevoke(link)}>
            {m.revoke}
          </Button>
        ) : undefined,
    },
  ];
}
