import { ActionIcon, Group, Stack, Text } from "@mantine/core";
import { IconEdit } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { listSpokenNames, type SpokenKind, type SpokenName } from "#wire/speech";
import { useCall } from "#kit/call";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { SearchField } from "../../kit/SearchField.tsx";
import { Choice } from "../incidents/IncidentFilters.tsx";
import { pagingOf } from "../incidents/paging.ts";
import { messages } from "./messages.ts";
import { PlayButton } from "./PlayButton.tsx";
import { ReadingDialog } from "./ReadingDialog.tsx";
import { useHearing } from "./use-hearing.ts";
import { namesPageSize, type SpeechSearch } from "./speech-search.ts";

export interface NamesPanelProps {
  readonly search: SpeechSearch;
  readonly onChange: (part: Partial<SpeechSearch>) => void;
}

/** People, services and hosts with the readings of their names. */
export function NamesPanel({ search, onChange }: NamesPanelProps) {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const [edited, setEdited] = useState<SpokenName>();
  const { text, kind, page = 1 } = search;
  const query = {
    ...(text === undefined ? {} : { text }),
    ...(kind === undefined ? {} : { kind }),
    offset: (page - 1) * namesPageSize,
    limit: namesPageSize,
  };
  const { data, error, refetch, isPlaceholderData } = useQuery({
    queryKey: [org, "spoken-names", query],
    queryFn: ({ signal }) => call(listSpokenNames, { params: { org }, query }, signal),
    placeholderData: keepPreviousData,
  });
  const columns = useColumns(setEdited);
  const kinds: readonly (readonly [SpokenKind | undefined, string])[] = [
    [undefined, m.all],
    ["person", m.person],
    ["service", m.service],
    ["host", m.host],
  ];
  return (
    <Stack gap={0}>
      <Text c="dimmed" size="sm" mb="sm" maw="46rem">
        {m.namesHint}
      </Text>
      <SearchField label={m.search} value={text ?? ""} onChange={(next) => onChange({ text: next === "" ? undefined : next })} />
      <Group gap={6} mb="sm" role="group" aria-label={m.kind}>
        {kinds.map(([one, label]) => (
          <Choice key={label} label={label} count={undefined} isOn={kind === one} onClick={() => onChange({ kind: one })} />
        ))}
      </Group>
      <DataTable
        caption={m.names}
        columns={columns}
        rows={data?.names}
        rowKey={(one) => `${one.kind}:${one.id}`}
        rowLabel={({ name }) => name}
        error={error}
        onRetry={() => void refetch()}
        isRefreshing={isPlaceholderData}
        csvName="readings.csv"
        empty={<NothingThere>{m.noNames}</NothingThere>}
        {...pagingOf(search, data?.total, namesPageSize, onChange)}
      />
      {edited && <ReadingDialog named={edited} onClose={() => setEdited(undefined)} />}
    </Stack>
  );
}

function useColumns(onEdit: (named: SpokenName) => void): readonly Column<SpokenName>[] {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const mayChange = useMay("speech.change");
  const hear = useHearing();
  return [
    {
      key: "name",
      header: m.name,
      isRowHeader: true,
      csv: ({ name }) => name,
      cell: ({ name }) => (
        <Text span inherit style={{ overflowWrap: "anywhere" }}>
          {name}
        </Text>
      ),
    },
    { key: "kind", header: m.kind, csv: ({ kind }) => kind, cell: ({ kind }) => m[kind] },
    {
      key: "reading",
      header: m.nameReading,
      csv: ({ reading }) => reading,
      cell: ({ reading }) =>
        reading === "" ? (
          <Text span inherit c="dimmed">
            {m.asWritten}
          </Text>
        ) : (
          <span lang="ja">{reading}</span>
        ),
    },
    {
      key: "actions",
      header: kit.actions,
      isHeaderHidden: true,
      align: "end",
      cell: (named) => (
        <Group gap={2} justify="flex-end" wrap="nowrap">
          <PlayButton label={m.hearSentence({ sentence: named.name })} load={() => hear(named.name, "ja")} />
          {mayChange && (
            <ActionIcon variant="subtle" aria-label={m.setReading({ name: named.name })} onClick={() => onEdit(named)}>
              <IconEdit aria-hidden size={18} />
            </ActionIcon>
          )}
        </Group>
      ),
    },
  ];
}
