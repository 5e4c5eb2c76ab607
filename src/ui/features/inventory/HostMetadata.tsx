import { Button, Modal, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { unixMs } from "#base/duration";
import { getHostMetadata, listHostMetadata } from "#wire/services";
import type { ResponseOf } from "#wire/contract";
import { useCall } from "#kit/call";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { BytesCell, TimeCell } from "../../kit/cells.tsx";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { RoutePending } from "../../kit/RouteStates.tsx";
import classes from "./HostMetadata.module.css";
import { messages } from "./messages.ts";

type DocumentRow = ResponseOf<typeof listHostMetadata>["metadata"][number];

/** The metadata documents that programs keep with a host. */
export function HostMetadata({ id }: { readonly id: string }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const org = useOrganisation().name;
  const [shown, setShown] = useState<string>();
  const { data, error, refetch } = useQuery({
    queryKey: [org, "host", id, "metadata"],
    queryFn: ({ signal }) => call(listHostMetadata, { params: { org, id } }, signal),
  });
  const columns: readonly Column<DocumentRow>[] = [
    { key: "namespace", header: m.namespace, isRowHeader: true, cell: (document) => document.namespace },
    { key: "updated", header: m.updated, cell: (document) => <TimeCell at={unixMs(document.updatedAt)} /> },
    { key: "size", header: m.size, align: "end", cell: (document) => <BytesCell bytes={document.bytes} /> },
    {
      key: "show",
      header: kit.actions,
      isHeaderHidden: true,
      align: "end",
      cell: (document) => (
        <Button
          size="compact-sm"
          variant="default"
          aria-label={`${m.show}: ${document.namespace}`}
          onClick={() => setShown(document.namespace)}
        >
          {m.show}
        </Button>
      ),
    },
  ];
  return (
    <section aria-label={m.metadata}>
      <Title order={2} size="h3" mb="xs">
        {m.metadata}
      </Title>
      <DataTable
        caption={m.metadata}
        columns={columns}
        rows={data?.metadata}
        rowKey={(document) => document.namespace}
        error={error}
        onRetry={() => void refetch()}
        empty={<NothingThere>{m.noMetadata}</NothingThere>}
      />
      {shown !== undefined && <MetadataDialog id={id} namespace={shown} onClose={() => setShown(undefined)} />}
    </section>
  );
}

/** Indents JSON; what is none stays as it is. */
function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}

function MetadataDialog({ id, namespace, onClose }: { readonly id: string; readonly namespace: string; readonly onClose: () => void }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const org = useOrganisation().name;
  const { data, error, refetch } = useQuery({
    queryKey: [org, "host", id, "metadata", namespace],
    queryFn: ({ signal }) => call(getHostMetadata, { params: { org, id, namespace } }, signal),
  });
  return (
    <Modal opened onClose={onClose} title={m.metadataTitle({ namespace })} size="lg" closeButtonProps={{ "aria-label": kit.close }}>
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!error && !data && <RoutePending />}
      {data && (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a long document scrolls, so the keyboard must reach it
        <pre className={classes.document} tabIndex={0}>
          {readable(data.text)}
        </pre>
      )}
    </Modal>
  );
}
