import { Group, Select, UnstyledButton } from "@mantine/core";
import type { ResponseOf } from "#wire/contract";
import { severities } from "#wire/alerting";
import type { listIncidents } from "#wire/incidents";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { SearchField } from "../../kit/SearchField.tsx";
import { useServices } from "../inventory/use-services.ts";
import classes from "./Filters.module.css";
import { incidentTabs, type IncidentsSearch, type IncidentTab } from "./incidents-search.ts";
import { messages } from "./messages.ts";
import { OpenedWithin } from "./OpenedWithin.tsx";
import { severityMessages } from "./severity-messages.ts";

export interface IncidentFiltersProps {
  readonly search: IncidentsSearch;
  readonly counts: ResponseOf<typeof listIncidents>["counts"] | undefined;
  readonly onChange: (change: Partial<IncidentsSearch>) => void;
}

/** What narrows the list of incidents down: text, service, severity, state with how many are in it. */
export function IncidentFilters({ search, counts, onChange }: IncidentFiltersProps) {
  const m = useMessages(messages);
  const severity = useMessages(severityMessages);
  const services = (useServices() ?? []).map((service) => service.name);
  const labels: Readonly<Record<IncidentTab, string>> = {
    open: m.open,
    taken: m.taken,
    mine: m.mine,
    resolved: m.resolved,
    all: m.all,
  };
  const numbers: Partial<Record<IncidentTab, number>> = counts ?? {};
  const live = counts && counts.open + counts.taken;
  return (
    <>
      <Group gap="sm" mb="sm" wrap="wrap">
        <SearchField
          label={m.search}
          value={search.text ?? ""}
          onChange={(text) => onChange({ text: text === "" ? undefined : text })}
          mb="0"
        />
        {services.length > 0 && (
          <Select
            aria-label={m.filterService}
            placeholder={m.anyService}
            data={search.service === undefined || services.includes(search.service) ? services : [search.service, ...services]}
            value={search.service ?? null}
            searchable
            clearable
            clearButtonProps={{ "aria-label": m.anyService }}
            limit={100}
            maw="14rem"
            onChange={(name) => onChange({ service: name ?? undefined })}
          />
        )}
        <Select
          aria-label={m.filterSeverity}
          placeholder={m.anySeverity}
          data={severities.toReversed().map((value) => ({ value, label: severity[value] }))}
          value={search.severity?.[0] ?? null}
          clearable
          clearButtonProps={{ "aria-label": m.anySeverity }}
          maw="12rem"
          onChange={(value) => {
            const chosen = severities.find((one) => one === value);
            onChange({ severity: chosen && [chosen] });
          }}
        />
      </Group>
      <Group gap={6} mb="sm" role="group" aria-label={m.filterState}>
        <Choice label={m.live} count={live} isOn={search.tab === undefined} onClick={() => onChange({ tab: undefined })} />
        {incidentTabs.map((tab) => (
          <Choice key={tab} label={labels[tab]} count={numbers[tab]} isOn={search.tab === tab} onClick={() => onChange({ tab })} />
        ))}
      </Group>
      <OpenedWithin search={search} onClear={() => onChange({ from: undefined, to: undefined, takenBy: undefined })} />
    </>
  );
}

export interface ChoiceProps {
  readonly label: string;
  readonly count: number | undefined;
  readonly isOn: boolean;
  readonly onClick: () => void;
}

/** One of several ways to see a list, with how many things it shows. */
export function Choice({ label, count, isOn, onClick }: ChoiceProps) {
  const format = useFormat();
  return (
    <UnstyledButton className={classes.choice} aria-pressed={isOn} onClick={onClick}>
      {label}
      {count !== undefined && <span className={classes.count}>{format.count(count)}</span>}
    </UnstyledButton>
  );
}
