import { Button } from "@mantine/core";
import { IconCircleCheck, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import type { IncidentSummary } from "#wire/incidents";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useMay } from "#kit/session";
import { useShortcuts } from "#kit/shortcuts";
import { DataTable } from "../../kit/DataTable.tsx";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { useIncidentColumns } from "./incident-columns.tsx";
import { IncidentFilters } from "./IncidentFilters.tsx";
import { incidentsPageSize, isFiltered } from "./incidents-search.ts";
import { messages } from "./messages.ts";
import { OnDutyNow } from "./OnDutyNow.tsx";
import { OpenIncidentDialog } from "./OpenIncidentDialog.tsx";
import { pagingOf } from "./paging.ts";
import { useTake } from "./use-act.ts";
import { useIncidents } from "./use-incidents.ts";

/** What is wrong now, and who has it. */
export function IncidentsPage() {
  const m = useMessages(messages);
  const format = useFormat();
  const mayAct = useMay("incident.act");
  const { search, result, change } = useIncidents();
  const take = useTake();
  const columns = useIncidentColumns(mayAct ? take : undefined);
  const [isOpening, setOpening] = useState(false);
  const { data } = result;
  useRowKeys(data?.incidents, mayAct ? (incident) => void take(incident) : undefined);
  return (
    <>
      <PageHeader title={m.incidents}>
        {mayAct && (
          <Button variant="default" leftSection={<IconPlus aria-hidden size={18} />} onClick={() => setOpening(true)}>
            {m.openOne}
          </Button>
        )}
      </PageHeader>
      <IncidentFilters search={search} counts={data?.counts} onChange={change} />
      <DataTable
        caption={`${m.incidents}: ${m.incidentsCount({ count: format.count(data?.total ?? 0) })}`}
        columns={columns}
        rows={data?.incidents}
        rowKey={(incident) => incident.id}
        rowLabel={(incident) => incident.title}
        isMarked={(incident) => incident.state === "open" && incident.snoozedUntil === undefined}
        error={result.error}
        onRetry={() => void result.refetch()}
        empty={<NoIncidents />}
        isRefreshing={result.isPlaceholderData}
        csvName={m.incidents}
        {...pagingOf(search, data?.total, incidentsPageSize, change)}
      />
      {isOpening && <OpenIncidentDialog onClose={() => setOpening(false)} />}
    </>
  );
}

/** All is quiet, or nothing matches. */
function NoIncidents() {
  const m = useMessages(messages);
  const { search, clear } = useIncidents();
  if (isFiltered(search) || search.tab === "resolved" || search.tab === "all" || search.tab === "mine") {
    return (
      <EmptyState title={m.nothingMatches}>
        {isFiltered(search) && (
          <Button variant="default" onClick={clear}>
            {m.clearFilters}
          </Button>
        )}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title={m.allQuiet}
      hint={m.allQuietHint}
      icon={<IconCircleCheck aria-hidden size={40} color="var(--mantine-color-green-light-color)" />}
    >
      <OnDutyNow />
    </EmptyState>
  );
}

const links = (): HTMLElement[] =>
  [...document.querySelectorAll("[data-incident-link]")].filter((one): one is HTMLElement => one instanceof HTMLElement);

/** j and k walk through the rows, Enter opens one as any link, t takes it. */
function useRowKeys(incidents: readonly IncidentSummary[] | undefined, take: ((incident: IncidentSummary) => void) | undefined): void {
  const move = (by: 1 | -1): void => {
    const all = links();
    const at = all.findIndex((link) => link === document.activeElement);
    const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by));
    all[next]?.focus();
    all[next]?.scrollIntoView({ block: "nearest" });
  };
  const takeFocused = (): void => {
    const id = document.activeElement?.getAttribute("data-incident-link");
    const incident = incidents?.find((one) => one.id === id);
    if (incident?.state === "open") take?.(incident);
  };
  useShortcuts({ j: () => move(1), k: () => move(-1), t: takeFocused });
}
