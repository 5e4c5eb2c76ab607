import { Button, Group, Menu, NativeSelect, Paper, Text } from "@mantine/core";
import { IconChevronDown, IconEyeCheck, IconPlus } from "@tabler/icons-react";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { monitorTypes, type MonitorType } from "#wire/monitor-settings";
import { createFromTemplates, listMonitors, muteMonitors, type MonitorSummary } from "#wire/monitors";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useMay, useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { SearchField } from "../../kit/SearchField.tsx";
import { Choice } from "../incidents/IncidentFilters.tsx";
import { pagingOf } from "../incidents/paging.ts";
import { messages } from "./messages.ts";
import { useMonitorColumns } from "./monitor-columns.tsx";
import { monitorsPageSize, monitorsQuery, type MonitorsSearch } from "./monitors-search.ts";
import { typeMessages } from "./type-messages.ts";

/** All rules of the organisation, and what they say. */
export function MonitorsPage() {
  const m = useMessages(messages);
  const mayChange = useMay("monitor.change");
  const { search, result, change } = useMonitors();
  const { data } = result;
  const isEmpty = data?.counts.all === 0 && search.text === undefined && search.type === undefined;
  return (
    <>
      <PageHeader title={m.monitors} intro={m.intro}>
        {mayChange && !isEmpty && (
          <>
            <TemplatesButton />
            <CreateMenu />
          </>
        )}
      </PageHeader>
      {!isEmpty && <Filters search={search} counts={data?.counts} onChange={change} />}
      <List mayChange={mayChange} isEmpty={isEmpty} />
    </>
  );
}

function List({ mayChange, isEmpty }: { readonly mayChange: boolean; readonly isEmpty: boolean }) {
  const m = useMessages(messages);
  const { search, result, change } = useMonitors();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const columns = useMonitorColumns();
  const { data } = result;
  const chosen = (data?.monitors ?? []).filter(({ id }) => selected.has(id));
  return (
    <>
      {chosen.length > 0 && <SelectionBar chosen={chosen} onClear={() => setSelected(new Set())} />}
      <DataTable
        caption={m.monitors}
        columns={columns}
        rows={data?.monitors}
        rowKey={(monitor) => monitor.id}
        rowLabel={(monitor) => monitor.settings.name}
        error={result.error}
        onRetry={() => void result.refetch()}
        isRefreshing={result.isPlaceholderData}
        csvName={m.monitors}
        empty={isEmpty ? <NoMonitors mayChange={mayChange} /> : <NothingThere>{m.noMatch}</NothingThere>}
        {...(mayChange ? { selection: { keys: selected, onChange: setSelected } } : {})}
        {...pagingOf(search, data?.total, monitorsPageSize, change)}
      />
    </>
  );
}

function useMonitors() {
  const call = useCall();
  const org = useOrganisation().name;
  const search = useSearch({ from: "/signed-in/o/$org/monitors" });
  const navigate = useNavigate({ from: "/o/$org/monitors" });
  const query = monitorsQuery(search);
  const result = useQuery({
    queryKey: [org, "monitors", query],
    queryFn: ({ signal }) => call(listMonitors, { params: { org }, query }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  const change = (part: Partial<MonitorsSearch>): void =>
    void navigate({ search: { ...search, page: undefined, ...part }, replace: "text" in part });
  return { search, result, change };
}

interface FiltersProps {
  readonly search: MonitorsSearch;
  readonly counts: { readonly all: number; readonly bad: number; readonly muted: number } | undefined;
  readonly onChange: (change: Partial<MonitorsSearch>) => void;
}

function Filters({ search, counts, onChange }: FiltersProps) {
  const m = useMessages(messages);
  const names = useMessages(typeMessages);
  return (
    <>
      <SearchField label={m.search} value={search.text ?? ""} onChange={(text) => onChange({ text: text === "" ? undefined : text })} />
      <Group gap="6px 16px" mb="sm">
        <Group gap={6} role="group" aria-label={m.show}>
          <Choice label={m.showAll} count={counts?.all} isOn={search.show === undefined} onClick={() => onChange({ show: undefined })} />
          <Choice label={m.showBad} count={counts?.bad} isOn={search.show === "bad"} onClick={() => onChange({ show: "bad" })} />
          <Choice label={m.showMuted} count={counts?.muted} isOn={search.show === "muted"} onClick={() => onChange({ show: "muted" })} />
        </Group>
        <NativeSelect
          aria-label={m.type}
          value={search.type ?? ""}
          data={[{ value: "", label: m.allTypes }, ...monitorTypes.map((type) => ({ value: type, label: names[type] }))]}
          onChange={(event) => onChange({ type: monitorTypes.find((type) => type === event.currentTarget.value) })}
        />
      </Group>
    </>
  );
}

/** What can be done to the selected monitors at once. */
function SelectionBar({ chosen, onClear }: { readonly chosen: readonly MonitorSummary[]; readonly onClear: () => void }) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const format = useFormat();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  const [isBusy, setBusy] = useState(false);
  const text = m.selected({ count: format.count(chosen.length) });
  const mute = async (isMute: boolean): Promise<void> => {
    setBusy(true);
    try {
      const { changed } = await call(muteMonitors, { params: { org }, body: { ids: chosen.map(({ id }) => id), isMute } });
      const count = format.count(changed);
      toasts.show({ text: isMute ? m.mutedNow({ count }) : m.unmutedNow({ count }) });
      await client.invalidateQueries({ queryKey: [org, "monitors"] });
      onClear();
    } catch (error) {
      toasts.show({ text: problemText(error), kind: "problem" });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Paper withBorder p="xs" mb="sm" role="region" aria-label={text}>
      <Group gap="sm">
        <Text size="sm" fw={600} aria-live="polite">
          {text}
        </Text>
        <Button size="compact-md" variant="default" loading={isBusy} onClick={() => void mute(true)} title={m.muteText}>
          {m.mute}
        </Button>
        <Button size="compact-md" variant="default" loading={isBusy} onClick={() => void mute(false)}>
          {m.unmute}
        </Button>
        <Button size="compact-md" variant="subtle" onClick={onClear}>
          {m.clear}
        </Button>
      </Group>
    </Paper>
  );
}

/** A rule over labelled metrics cannot be judged, so none is begun here. */
const offered = monitorTypes.filter((type): type is Exclude<MonitorType, "query"> => type !== "query");
const order: readonly Exclude<MonitorType, "query">[] = [
  "host",
  "connectivity",
  "service",
  "external",
  ...offered.filter((type) => !["host", "connectivity", "service", "external"].includes(type)),
];

function CreateMenu() {
  const m = useMessages(messages);
  const names = useMessages(typeMessages);
  const org = useOrganisation().name;
  const navigate = useNavigate();
  return (
    <Menu position="bottom-end" width={340}>
      <Menu.Target>
        <Button leftSection={<IconPlus aria-hidden size={18} />} rightSection={<IconChevronDown aria-hidden size={16} />}>
          {m.create}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah="70vh" style={{ overflowY: "auto" }}>
        <Menu.Label>{m.chooseType}</Menu.Label>
        {order.map((type) => (
          <Menu.Item key={type} onClick={() => void navigate({ to: "/o/$org/monitors/new", params: { org }, search: { type } })}>
            <Text size="sm" fw={600}>
              {names[type]}
            </Text>
            <Text size="xs" c="dimmed">
              {names[`${type}Hint`]}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function TemplatesButton() {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const format = useFormat();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  const [isBusy, setBusy] = useState(false);
  const add = async (): Promise<void> => {
    setBusy(true);
    try {
      const body = { templates: ["cpu" as const, "memory" as const, "disk" as const, "connectivity" as const] };
      const { monitors } = await call(createFromTemplates, { params: { org }, body });
      toasts.show({ text: m.templatesAdded({ count: format.count(monitors.length) }) });
      await client.invalidateQueries({ queryKey: [org, "monitors"] });
    } catch (error) {
      toasts.show({ text: problemText(error), kind: "problem" });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button variant="default" loading={isBusy} onClick={() => void add()} title={m.templatesHint}>
      {m.fromTemplates}
    </Button>
  );
}

function NoMonitors({ mayChange }: { readonly mayChange: boolean }) {
  const m = useMessages(messages);
  return (
    <EmptyState title={m.none} hint={m.noneHint} icon={<IconEyeCheck aria-hidden size={36} />}>
      {mayChange && (
        <Group justify="center">
          <TemplatesButton />
          <CreateMenu />
        </Group>
      )}
    </EmptyState>
  );
}
