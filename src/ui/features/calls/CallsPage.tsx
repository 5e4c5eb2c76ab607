import { Button, Group, NativeSelect, Text } from "@mantine/core";
import { IconPhone } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { unixMs } from "#base/duration";
import { callKinds, callStates, listCalls, type Call } from "#wire/calls";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { TimeCell } from "../../kit/cells.tsx";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { AnchorLink, ButtonLink } from "../../kit/links.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { OpenedWithin } from "../incidents/OpenedWithin.tsx";
import { callMessages } from "./call-messages.ts";
import { CallStateCell } from "./call-state.tsx";
import { callsQuery, isFiltered, type CallsSearch } from "./calls-search.ts";

/** Every telephone call, with what goes on now. */
export function CallsPage() {
  const m = useMessages(callMessages);
  const org = useOrganisation().name;
  const { search, result, change } = useCalls();
  const columns = useColumns();
  const rows = result.data?.pages.flatMap(({ calls }) => calls);
  return (
    <>
      <PageHeader title={m.title} intro={m.intro} />
      <Filters search={search} onChange={change} />
      <OpenedWithin search={{ from: search.from, to: search.until }} onClear={() => change({ from: undefined, until: undefined })} />
      <DataTable
        caption={m.title}
        columns={columns}
        rows={rows}
        rowKey={({ id }) => id}
        isMarked={({ state }) => state !== "over"}
        error={result.error}
        onRetry={() => void result.refetch()}
        isRefreshing={result.isPlaceholderData}
        csvName="calls.csv"
        empty={
          isFiltered(search) ? (
            <NothingThere>
              {m.noneFound}{" "}
              <AnchorLink to="/o/$org/calls" params={{ org }} inherit underline="always">
                {m.clear}
              </AnchorLink>
            </NothingThere>
          ) : (
            <EmptyState title={m.none} hint={m.noneHint} icon={<IconPhone aria-hidden size={32} />}>
              <ButtonLink to="/o/$org/telephone" params={{ org }} variant="default">
                {m.lines}
              </ButtonLink>
            </EmptyState>
          )
        }
        footer={
          result.hasNextPage && (
            <Button variant="subtle" loading={result.isFetchingNextPage} onClick={() => void result.fetchNextPage()}>
              {m.more}
            </Button>
          )
        }
      />
    </>
  );
}

function useCalls() {
  const call = useCall();
  const org = useOrganisation().name;
  const search = useSearch({ from: "/signed-in/o/$org/calls" });
  const navigate = useNavigate({ from: "/o/$org/calls" });
  const query = callsQuery(search);
  const result = useInfiniteQuery({
    queryKey: [org, "calls", query],
    queryFn: ({ signal, pageParam }) =>
      call(listCalls, { params: { org }, query: { ...query, ...(pageParam === "" ? {} : { before: pageParam }) } }, signal),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  });
  const change = (part: Partial<CallsSearch>): void => void navigate({ search: { ...search, ...part } });
  return { search, result, change };
}

interface FiltersProps {
  readonly search: CallsSearch;
  readonly onChange: (change: Partial<CallsSearch>) => void;
}

function Filters({ search, onChange }: FiltersProps) {
  const m = useMessages(callMessages);
  return (
    <Group gap="sm" mb="sm" align="flex-end">
      <NativeSelect
        label={m.filterState}
        value={search.state ?? ""}
        data={[
          { value: "", label: m.all },
          { value: "open", label: m.open },
          ...callStates.map((one) => ({ value: one, label: m[`state-${one}`] })),
        ]}
        onChange={(event) => {
          const { value } = event.currentTarget;
          onChange({ state: value === "open" ? value : callStates.find((one) => one === value) });
        }}
      />
      <NativeSelect
        label={m.filterKind}
        value={search.kind ?? ""}
        data={[{ value: "", label: m.all }, ...callKinds.map((one) => ({ value: one, label: m[`kind-${one}`] }))]}
        onChange={(event) => onChange({ kind: callKinds.find((one) => one === event.currentTarget.value) })}
      />
      {(search.person ?? search.line ?? search.incident) !== undefined && (
        <Button variant="subtle" onClick={() => onChange({ person: undefined, line: undefined, incident: undefined })}>
          {m.clear}
        </Button>
      )}
    </Group>
  );
}

function useColumns(): readonly Column<Call>[] {
  const m = useMessages(callMessages);
  const format = useFormat();
  const org = useOrganisation().name;
  return [
    {
      key: "who",
      header: m.who,
      isRowHeader: true,
      cell: ({ id, personName, number }) => (
        <div>
          <AnchorLink to="/o/$org/calls/$id" params={{ org, id }} fw="inherit" size="sm">
            {personName ?? m.unknown}
          </AnchorLink>
          <Text size="xs" c="dimmed">
            {number === "" ? m.withheld : number}
          </Text>
        </div>
      ),
      csv: ({ personName = "" }) => personName,
    },
    { key: "why", header: m.why, cell: ({ kind }) => m[`kind-${kind}`], csv: ({ kind }) => kind },
    {
      key: "state",
      header: m.state,
      cell: (call) => <CallStateCell call={call} />,
      csv: ({ state, result, cause }) => result ?? cause ?? state,
    },
    {
      key: "when",
      header: m.when,
      cell: ({ askedAt }) => <TimeCell at={unixMs(askedAt)} />,
      csv: ({ askedAt }) => format.exactDateTime(unixMs(askedAt)),
    },
    {
      key: "length",
      header: m.length,
      align: "end",
      cell: ({ seconds }) => (seconds === undefined || seconds === 0 ? "" : m.seconds({ count: format.count(seconds) })),
      csv: ({ seconds = 0 }) => String(seconds),
    },
    { key: "line", header: m.line, cell: ({ lineName = "" }) => lineName, csv: ({ lineName = "" }) => lineName },
  ];
}
