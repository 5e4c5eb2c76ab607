import { Button, Stack } from "@mantine/core";
import { IconHeartbeat, IconPlugConnected, IconPlus } from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import type { Source } from "#wire/sources";
import { useMessages } from "#kit/messages";
import { useMay } from "#kit/session";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { AddressDialog, type Address } from "./AddressDialog.tsx";
import { DeleteDialog, DropAddressDialog, MuteDialog, RenewDialog } from "./ActDialogs.tsx";
import { messages } from "./messages.ts";
import { OutgoingSection } from "./OutgoingSection.tsx";
import { SignalsDialog } from "./SignalsDialog.tsx";
import { SourceDialog } from "./SourceDialog.tsx";
import { SourceTable, type SourceAct } from "./SourceTable.tsx";
import { useSources } from "./use-sources.ts";

type Open =
  | { readonly kind: "create"; readonly what: "source" | "heartbeat" }
  | { readonly kind: "address"; readonly address: Address }
  | { readonly kind: SourceAct; readonly source: Source };

/** Where alerts of other products come in, heartbeats that are expected, and the one that we send. */
export function SourcesPage() {
  const m = useMessages(messages);
  const mayChange = useMay("source.change");
  const list = useSources();
  const [open, setOpen] = useState<Open>();
  const close = (): void => setOpen(undefined);
  const all = list.data?.sources;
  const addButton = (what: "source" | "heartbeat"): ReactNode =>
    mayChange && (
      <Button variant="default" leftSection={<IconPlus aria-hidden size={18} />} onClick={() => setOpen({ kind: "create", what })}>
        {what === "source" ? m.addSource : m.addHeartbeat}
      </Button>
    );
  const section = (what: "source" | "heartbeat", sources: Source[] | undefined): ReactNode => {
    const [title, hint, empty, emptyHint] =
      what === "source"
        ? [m.sources, m.sourcesHint, m.noSources, m.noSourcesHint]
        : [m.heartbeats, m.heartbeatsHint, m.noHeartbeats, m.noHeartbeatsHint];
    const icon = what === "source" ? <IconPlugConnected aria-hidden size={32} /> : <IconHeartbeat aria-hidden size={32} />;
    return (
      <PageSection title={title} hint={hint} actions={sources && sources.length > 0 && addButton(what)}>
        <SourceTable
          caption={title}
          isHeartbeat={what === "heartbeat"}
          sources={sources}
          error={list.error}
          onRetry={() => void list.refetch()}
          onAct={(kind, source) => setOpen({ kind, source })}
          empty={
            <EmptyState title={empty} hint={emptyHint} icon={icon}>
              {addButton(what)}
            </EmptyState>
          }
        />
      </PageSection>
    );
  };
  return (
    <>
      <PageHeader title={m.title} intro={m.intro} />
      <Stack gap="xl">
        {section(
          "source",
          all?.filter((source) => source.kind !== "heartbeat"),
        )}
        {section(
          "heartbeat",
          all?.filter((source) => source.kind === "heartbeat"),
        )}
        <OutgoingSection />
      </Stack>
      {open && <OpenDialog open={open} onClose={close} onAddress={(address) => setOpen({ kind: "address", address })} />}
    </>
  );
}

interface OpenDialogProps {
  readonly open: Open;
  readonly onClose: () => void;
  readonly onAddress: (address: Address) => void;
}

function OpenDialog({ open, onClose, onAddress }: OpenDialogProps) {
  switch (open.kind) {
    case "create":
      return <SourceDialog kind={open.what === "heartbeat" ? "heartbeat" : "alertmanager"} onClose={onClose} onCreated={onAddress} />;
    case "address":
      return <AddressDialog address={open.address} onClose={onClose} />;
    case "edit":
      return <SourceDialog source={open.source} kind={open.source.kind} onClose={onClose} onCreated={onAddress} />;
    case "signals":
      return <SignalsDialog source={open.source} onClose={onClose} />;
    case "mute":
      return <MuteDialog source={open.source} onClose={onClose} />;
    case "renew":
      return <RenewDialog source={open.source} onClose={onClose} onAddress={onAddress} />;
    case "drop":
      return <DropAddressDialog source={open.source} onClose={onClose} />;
    case "delete":
      return <DeleteDialog source={open.source} onClose={onClose} />;
  }
}
