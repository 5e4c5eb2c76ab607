import { Button, Modal, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { unixMs } from "#base/duration";
import type { listHostMetadata, MetadataDocument } from "#wire/services";
import type { ResponseOf } from "#wire/contract";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { BytesCell, TimeCell } from "../../kit/cells.tsx";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { RoutePending } from "../../kit/RouteStates.tsx";
import classes from "./MetadataSection.module.css";
import { messages } from "./messages.ts";

type DocumentRow = ResponseOf<typeof listHostMetadata>["metadata"][number];

/** Whose documents: where they are listed and read. */
export interface MetadataOwner {
  /** Names the owner within the organisation. */
  readonly key: readonly string[];
  readonly list: (signal: AbortSignal) => Promise<ResponseOf<typeof listHostMetadata>>;
  readonly read: (namespace: string, signal: AbortSignal) => Promise<MetadataDocument>;
}

export interface MetadataSectionProps {
  readonly owner: MetadataOwner;
  /** Where documents are rare, an empty list only takes room. */
  readonly isHiddenWhenEmpty?: boolean;
}

/** The metadata documents that programs keep with a host, service or role. */
export function MetadataSection({ owner, isHiddenWhenEmpty = false }: MetadataSectionProps) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const org = useOrganisation().name;
  const [shown, setShown] = useState<string>();
  const { data, error, refetch } = useQuery({
    queryKey: [org, ...owner.key, "metadata"],
    queryFn: ({ signal }) => owner.list(signal),
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
  if (isHiddenWhenEmpty && (data === undefined || data.metadata.length === 0)) return undefined;
  return (
    <section aria-label={m.metadata}>
      <Title order={2} size="h3" mt="md" mb="xs">
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
      {shown !== undefined && <MetadataDialog owner={owner} namespace={shown} onClose={() => setShown(undefined)} />}
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

interface MetadataDialogProps {
  readonly owner: MetadataOwner;
  readonly namespace: string;
  readonly onClose: () => void;
}

function MetadataDialog({ owner, namespace, onClose }: MetadataDialogProps) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const org = useOrganisation().name;
  const { data, error, refetch } = useQuery({
    queryKey: [org, ...owner.key, "metadata", namespace],
    queryFn: ({ signal }) => owner.read(namespace, signal),
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
