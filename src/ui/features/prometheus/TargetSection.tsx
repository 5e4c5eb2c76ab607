import { Button, Group, Stack, Switch, Text } from "@mantine/core";
import { IconPlus, IconTargetArrow } from "@tabler/icons-react";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { unixMs } from "#base/duration";
import { deleteTarget, listTargets, type ScrapeTarget, type TargetState } from "#wire/prometheus";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { useToasts } from "#kit/toasts";
import { Dash, HostCell, StateCell, TimeCell, type Tone } from "../../kit/cells.tsx";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { messages } from "./messages.ts";
import { PageSection } from "../../kit/PageSection.tsx";
import { refreshEvery } from "./ReceptionSection.tsx";
import { TargetDialog } from "./TargetDialog.tsx";

const pageSize = 50;
const tones: Readonly<Record<TargetState, Tone>> = { up: "good", down: "bad", waiting: "waiting", disabled: "off" };

type Open =
  | { readonly kind: "edit"; readonly target: ScrapeTarget | undefined }
  | { readonly kind: "delete"; readonly target: ScrapeTarget };

/** What this server scrapes, whether it answers, and why not. */
export function TargetSection() {
  const m = useMessages(messages);
  const mayChange = useMay("scrape.change");
  const [page, setPage] = useState(1);
  const [isDownOnly, setDownOnly] = useState(false);
  const [open, setOpen] = useState<Open>();
  const targets = useTargets(page, isDownOnly);
  const { data } = targets;
  const add = mayChange && (
    <Button variant="default" leftSection={<IconPlus aria-hidden size={18} />} onClick={() => setOpen({ kind: "edit", target: undefined })}>
      {m.addTarget}
    </Button>
  );
  const isEmpty = data?.total === 0 && !isDownOnly;
  const close = (): void => setOpen(undefined);
  const showDown = (isOn: boolean): void => {
    setDownOnly(isOn);
    setPage(1);
  };
  const empty = isDownOnly ? <NothingThere>{m.noneDown}</NothingThere> : <NoTargets>{add}</NoTargets>;
  return (
    <PageSection title={m.targets} hint={m.targetsHint} actions={!isEmpty && add}>
      <DownSwitch count={data?.down ?? 0} isOn={isDownOnly} onChange={showDown} />
      <TargetTable targets={targets} page={page} onPage={setPage} onOpen={setOpen} empty={empty} />
      {open?.kind === "edit" && <TargetDialog target={open.target} onClose={close} />}
      {open?.kind === "delete" && <DeleteTargetDialog target={open.target} onClose={close} />}
    </PageSection>
  );
}

function useTargets(page: number, isDownOnly: boolean) {
  const call = useCall();
  const org = useOrganisation().name;
  const query = { limit: pageSize, offset: (page - 1) * pageSize, ...(isDownOnly ? ({ state: "down" } as const) : {}) };
  return useQuery({
    queryKey: [org, "prometheus", "targets", query],
    queryFn: ({ signal }) => call(listTargets, { params: { org }, query }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: refreshEvery,
  });
}

interface DownSwitchProps {
  readonly count: number;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}

/** Stands there only when there is something to look for. */
function DownSwitch({ count, isOn, onChange }: DownSwitchProps) {
  const m = useMessages(messages);
  const format = useFormat();
  if (count === 0 && !isOn) return undefined;
  return (
    <Group mb="xs">
      <Switch
        label={m.onlyDown({ count: format.count(count) })}
        checked={isOn}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    </Group>
  );
}

interface TargetTableProps {
  readonly targets: ReturnType<typeof useTargets>;
  readonly page: number;
  readonly onPage: (page: number) => void;
  readonly onOpen: (open: Open) => void;
  readonly empty: ReactNode;
}

function TargetTable({ targets: { data, error, refetch, isPlaceholderData }, page, onPage, onOpen, empty }: TargetTableProps) {
  const m = useMessages(messages);
  return (
    <DataTable
      caption={m.targets}
      columns={useTargetColumns(onOpen)}
      rows={data?.targets}
      rowKey={(target) => target.id}
      rowLabel={(target) => target.url}
      isMarked={(target) => target.state === "down"}
      error={error}
      onRetry={() => void refetch()}
      isRefreshing={isPlaceholderData}
      empty={empty}
      {...(data && data.total > pageSize ? { paging: { page, pageSize, total: data.total, onPage } } : {})}
    />
  );
}

function NoTargets({ children }: { readonly children: ReactNode }) {
  const m = useMessages(messages);
  return (
    <EmptyState title={m.noTargets} hint={m.noTargetsHint} icon={<IconTargetArrow aria-hidden size={32} />}>
      {children}
    </EmptyState>
  );
}

function useTargetColumns(onOpen: (open: Open) => void): readonly Column<ScrapeTarget>[] {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const org = useOrganisation().name;
  const mayChange = useMay("scrape.change");
  return [
    {
      key: "url",
      header: m.url,
      isRowHeader: true,
      cell: (target) => (
        <Text span inherit style={{ overflowWrap: "anywhere" }}>
          {target.url}
        </Text>
      ),
    },
    { key: "state", header: m.state, cell: ({ state }) => <StateCell tone={tones[state]} label={m[`state-${state}`]} /> },
    {
      key: "host",
      header: m.host,
      cell: ({ hostId, hostName, url }) =>
        hostId === undefined ? hostName || <Dash /> : <HostCell org={org} id={hostId} name={hostName || new URL(url).hostname} />,
    },
    { key: "scraped", header: m.scraped, cell: ({ lastAt }) => <TimeCell at={lastAt === undefined ? undefined : unixMs(lastAt)} /> },
    { key: "result", header: m.result, cell: (target) => <Result target={target} /> },
    {
      key: "actions",
      header: kit.actions,
      isHeaderHidden: true,
      align: "end",
      cell: (target) =>
        mayChange && (
          <Group gap="xs" justify="flex-end" wrap="nowrap">
            <Button
              size="compact-sm"
              variant="default"
              aria-label={m.editOf({ name: target.url })}
              onClick={() => onOpen({ kind: "edit", target })}
            >
              {m.edit}
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              aria-label={m.removeOf({ name: target.url })}
              onClick={() => onOpen({ kind: "delete", target })}
            >
              {m.remove}
            </Button>
          </Group>
        ),
    },
  ];
}

function Result({ target: { lastError, lastSamples, lastMillis } }: { readonly target: ScrapeTarget }) {
  const m = useMessages(messages);
  const format = useFormat();
  if (lastError !== undefined) {
    return (
      <Stack gap={0} maw="24rem">
        <Text span inherit style={{ overflowWrap: "anywhere" }}>
          {lastError}
        </Text>
      </Stack>
    );
  }
  if (lastSamples === undefined) return <Dash />;
  return m.resultText({ samples: format.count(lastSamples), millis: format.count(lastMillis ?? 0) });
}

function DeleteTargetDialog({ target, onClose }: { readonly target: ScrapeTarget; readonly onClose: () => void }) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const name = target.url;
  const remove = async (): Promise<void> => {
    await call(deleteTarget, { params: { org, id: target.id } });
    toasts.show({ text: m.removed({ name }) });
    await client.invalidateQueries({ queryKey: [org, "prometheus", "targets"] });
  };
  return (
    <ConfirmDialog title={m.removeTitle({ name })} text={m.removeText} action={m.remove} isDangerous onConfirm={remove} onClose={onClose} />
  );
}
