import { Button, Group, Stack, Text } from "@mantine/core";
import { IconMoonStars, IconPlus } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { listDowntimes, type Downtime, type DowntimeState } from "#wire/downtimes";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { StateCell, type Tone } from "../../kit/cells.tsx";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { SearchField } from "../../kit/SearchField.tsx";
import { Choice } from "../incidents/IncidentFilters.tsx";
import { pagingOf } from "../incidents/paging.ts";
import { DowntimeActions } from "./DowntimeActions.tsx";
import { DowntimeDialog } from "./DowntimeDialog.tsx";
import { downtimesPageSize, type DowntimesSearch } from "./downtimes-search.ts";
import { messages } from "./messages.ts";
import { repeatText, scopeLines, windowText } from "./words.ts";

/** All downtimes: what is quiet now first. */
export function DowntimesPage() {
  const m = useMessages(messages);
  const mayChange = useMay("downtime.change");
  const [isAdding, setAdding] = useState(false);
  const { search, result, change } = useDowntimes();
  const columns = useColumns();
  const { data } = result;
  const isEmpty = data?.total === 0 && search.text === undefined && search.state === undefined;
  const add = mayChange && (
    <Button leftSection={<IconPlus aria-hidden size={18} />} onClick={() => setAdding(true)}>
      {m.add}
    </Button>
  );
  return (
    <>
      <PageHeader title={m.title} intro={m.intro}>
        {!isEmpty && add}
      </PageHeader>
      {!isEmpty && <Filters search={search} onChange={change} />}
      <DataTable
        caption={m.title}
        columns={columns}
        rows={data?.downtimes}
        rowKey={({ id }) => id}
        rowLabel={({ name }) => name}
        error={result.error}
        onRetry={() => void result.refetch()}
        isRefreshing={result.isPlaceholderData}
        csvName="downtimes.csv"
        empty={
          isEmpty ? (
            <EmptyState title={m.none} hint={m.noneHint} icon={<IconMoonStars aria-hidden size={36} />}>
              {add}
            </EmptyState>
          ) : (
            <NothingThere>{m.nothingFound}</NothingThere>
          )
        }
        {...pagingOf(search, data?.total, downtimesPageSize, change)}
      />
      {isAdding && <DowntimeDialog downtime={undefined} onClose={() => setAdding(false)} />}
    </>
  );
}

function useDowntimes() {
  const call = useCall();
  const org = useOrganisation().name;
  const search = useSearch({ from: "/signed-in/o/$org/downtimes" });
  const navigate = useNavigate({ from: "/o/$org/downtimes" });
  const { text, state, page = 1 } = search;
  const query = {
    ...(text === undefined ? {} : { text }),
    ...(state === undefined ? {} : { state }),
    offset: (page - 1) * downtimesPageSize,
    limit: downtimesPageSize,
  };
  const result = useQuery({
    queryKey: [org, "downtimes", query],
    queryFn: ({ signal }) => call(listDowntimes, { params: { org }, query }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  const change = (part: Partial<DowntimesSearch>): void =>
    void navigate({ search: { ...search, page: undefined, ...part }, replace: "text" in part });
  return { search, result, change };
}

interface FiltersProps {
  readonly search: DowntimesSearch;
  readonly onChange: (change: Partial<DowntimesSearch>) => void;
}

function Filters({ search, onChange }: FiltersProps) {
  const m = useMessages(messages);
  const choices: readonly (readonly [DowntimeState | undefined, string])[] = [
    [undefined, m.all],
    ["active", m.active],
    ["planned", m.planned],
    ["over", m.over],
  ];
  return (
    <>
      <SearchField label={m.search} value={search.text ?? ""} onChange={(text) => onChange({ text: text === "" ? undefined : text })} />
      <Group gap={6} mb="sm" role="group" aria-label={m.show}>
        {choices.map(([state, label]) => (
          <Choice key={label} label={label} count={undefined} isOn={search.state === state} onClick={() => onChange({ state })} />
        ))}
      </Group>
    </>
  );
}

const tones: Readonly<Record<DowntimeState, Tone>> = { active: "attention", planned: "waiting", over: "off" };

function useColumns(): readonly Column<Downtime>[] {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const format = useFormat();
  const mayChange = useMay("downtime.change");
  const stateNames: Readonly<Record<DowntimeState, string>> = { active: m.stateActive, planned: m.statePlanned, over: m.stateOver };
  const covers = (downtime: Downtime): string[] => scopeLines(downtime, m, format);
  return [
    {
      key: "name",
      header: m.name,
      isRowHeader: true,
      csv: ({ name }) => name,
      cell: ({ name, memo }) => (
        <Stack gap={0} maw="22rem">
          <Text span inherit style={{ overflowWrap: "anywhere" }}>
            {name}
          </Text>
          {memo !== undefined && memo !== "" && (
            <Text size="xs" c="dimmed" fw={400} lineClamp={2}>
              {memo}
            </Text>
          )}
        </Stack>
      ),
    },
    {
      key: "state",
      header: m.state,
      csv: ({ state }) => state,
      cell: ({ state }) => <StateCell tone={tones[state]} label={stateNames[state]} />,
    },
    { key: "when", header: m.when, csv: (one) => windowText(one, m, format), cell: (one) => windowText(one, m, format) },
    {
      key: "repeats",
      header: m.repeats,
      csv: ({ recurrence }) => repeatText(recurrence, m, format),
      cell: ({ recurrence }) => repeatText(recurrence, m, format),
    },
    {
      key: "covers",
      header: m.covers,
      csv: (one) => covers(one).join("; "),
      cell: (one) => (
        <Stack gap={0}>
          {covers(one).map((line) => (
            <Text key={line} size="sm" style={{ overflowWrap: "anywhere" }}>
              {line}
            </Text>
          ))}
        </Stack>
      ),
    },
    ...(mayChange
      ? [
          {
            key: "actions",
            header: kit.actions,
            isHeaderHidden: true,
            align: "end" as const,
            cell: (one: Downtime) => <DowntimeActions downtime={one} />,
          },
        ]
      : []),
  ];
}
