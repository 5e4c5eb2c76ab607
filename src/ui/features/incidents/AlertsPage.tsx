import { Button, Group, Paper, Text } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { alertStatuses } from "#wire/alerting";
import { listAlerts, type AlertSummary } from "#wire/alerts";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import { DataTable } from "../../kit/DataTable.tsx";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { SearchField } from "../../kit/SearchField.tsx";
import { useAlertColumns } from "./alert-columns.tsx";
import { alertMessages } from "./alert-messages.ts";
import { alertsPageSize, alertsQuery, isFiltered, type AlertsSearch } from "./alerts-search.ts";
import { CloseAlertsDialog } from "./CloseAlertsDialog.tsx";
import { Choice } from "./IncidentFilters.tsx";
import { OpenedWithin } from "./OpenedWithin.tsx";
import { pagingOf } from "./paging.ts";

/** What monitors, checks and other products found: Mackerel's list. */
export function AlertsPage() {
  const m = useMessages(alertMessages);
  const format = useFormat();
  const mayChange = useMay("alert.change");
  const { search, result, change } = useAlerts();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [closing, setClosing] = useState<readonly AlertSummary[]>();
  const { data } = result;
  const columns = useAlertColumns(mayChange ? (alert) => setClosing([alert]) : undefined);
  const chosen = stillOpen(data?.alerts, selected);
  const isSelectable = mayChange && search.state !== "closed";
  return (
    <>
      <PageHeader title={m.alerts} intro={m.intro} />
      <AlertFilters search={search} counts={data?.open} onChange={change} />
      {chosen.length > 0 && (
        <SelectionBar count={chosen.length} onClose={() => setClosing(chosen)} onClear={() => setSelected(new Set())} />
      )}
      <DataTable
        caption={`${m.alerts}: ${m.alertsCount({ count: format.count(data?.total ?? 0) })}`}
        columns={columns}
        rows={data?.alerts}
        rowKey={(alert) => alert.id}
        rowLabel={labelOf}
        error={result.error}
        onRetry={() => void result.refetch()}
        empty={<NoAlerts />}
        isRefreshing={result.isPlaceholderData}
        csvName={m.alerts}
        {...(isSelectable ? { selection: { keys: selected, onChange: setSelected } } : {})}
        {...pagingOf(search, data?.total, alertsPageSize, change)}
      />
      {closing && <CloseAlertsDialog alerts={closing} onDone={() => setSelected(new Set())} onClose={() => setClosing(undefined)} />}
    </>
  );
}

/** The selected alerts of the page that can be closed. */
const stillOpen = (alerts: readonly AlertSummary[] | undefined, selected: ReadonlySet<string>): AlertSummary[] =>
  (alerts ?? []).filter((alert) => selected.has(alert.id) && alert.closedAt === undefined);

const labelOf = ({ name, host, service }: AlertSummary): string =>
  [name, host?.name ?? service?.name].filter((part) => part !== undefined).join(", ");

interface SelectionBarProps {
  readonly count: number;
  readonly onClose: () => void;
  readonly onClear: () => void;
}

/** What can be done to the selected alerts at once. */
function SelectionBar({ count, onClose, onClear }: SelectionBarProps) {
  const m = useMessages(alertMessages);
  const format = useFormat();
  const text = m.selected({ count: format.count(count) });
  return (
    <Paper withBorder p="xs" mb="sm" role="region" aria-label={text}>
      <Group gap="sm">
        <Text size="sm" fw={600} aria-live="polite">
          {text}
        </Text>
        <Button size="compact-md" variant="default" onClick={onClose}>
          {m.close}
        </Button>
        <Button size="compact-md" variant="subtle" onClick={onClear}>
          {m.clearSelection}
        </Button>
      </Group>
    </Paper>
  );
}

function useAlerts() {
  const call = useCall();
  const org = useOrganisation().name;
  const search = useSearch({ from: "/signed-in/o/$org/alerts" });
  const navigate = useNavigate({ from: "/o/$org/alerts" });
  const query = alertsQuery(search);
  const result = useQuery({
    queryKey: [org, "alerts", query],
    queryFn: ({ signal }) => call(listAlerts, { params: { org }, query }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  const change = (part: Partial<AlertsSearch>): void =>
    void navigate({ search: { ...search, page: undefined, ...part }, replace: "text" in part });
  const clear = (): void => void navigate({ search: { state: search.state } });
  return { search, result, change, clear };
}

interface AlertFiltersProps {
  readonly search: AlertsSearch;
  readonly counts: Readonly<Partial<Record<string, number>>> | undefined;
  readonly onChange: (change: Partial<AlertsSearch>) => void;
}

function AlertFilters({ search, counts, onChange }: AlertFiltersProps) {
  const m = useMessages(alertMessages);
  const open = counts && Object.values(counts).reduce<number>((sum, one) => sum + (one ?? 0), 0);
  const { state, status } = search;
  return (
    <>
      <SearchField label={m.search} value={search.text ?? ""} onChange={(text) => onChange({ text: text === "" ? undefined : text })} />
      <Group gap="6px 16px" mb="sm">
        <Group gap={6} role="group" aria-label={m.filterState}>
          <Choice label={m.open} count={open} isOn={state === undefined} onClick={() => onChange({ state: undefined })} />
          <Choice
            label={m.closed}
            count={undefined}
            isOn={state === "closed"}
            onClick={() => onChange({ state: "closed", status: undefined })}
          />
          <Choice label={m.all} count={undefined} isOn={state === "all"} onClick={() => onChange({ state: "all" })} />
        </Group>
        {state !== "closed" && (
          <Group gap={6} role="group" aria-label={m.filterStatus}>
            {alertStatuses
              .filter((one) => one !== "OK")
              .map((one) => (
                <Choice
                  key={one}
                  label={m[one]}
                  count={counts?.[one]}
                  isOn={status?.includes(one) === true}
                  onClick={() => onChange({ status: status?.includes(one) === true ? undefined : [one] })}
                />
              ))}
          </Group>
        )}
      </Group>
      <OpenedWithin search={search} onClear={() => onChange({ from: undefined, to: undefined })} />
    </>
  );
}

function NoAlerts() {
  const m = useMessages(alertMessages);
  const { search, clear } = useAlerts();
  if (isFiltered(search)) {
    return (
      <EmptyState title={m.nothingMatches}>
        <Button variant="default" onClick={clear}>
          {m.clearFilters}
        </Button>
      </EmptyState>
    );
  }
  if (search.state !== undefined) return <EmptyState title={m.noClosed} />;
  return (
    <EmptyState
      title={m.none}
      hint={m.noneHint}
      icon={<IconCircleCheck aria-hidden size={40} color="var(--mantine-color-green-light-color)" />}
    />
  );
}
