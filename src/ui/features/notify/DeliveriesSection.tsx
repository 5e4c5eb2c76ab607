import { Button, Group, NativeSelect, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { unixMs } from "#base/duration";
import { listDeliveries, type Channel, type Delivery } from "#wire/notify";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { StateCell, TimeCell, type Tone } from "../../kit/cells.tsx";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { messages } from "./messages.ts";

const tones: Readonly<Record<Delivery["state"], Tone>> = {
  pending: "waiting",
  held: "waiting",
  claimed: "waiting",
  calling: "waiting",
  retrying: "attention",
  sent: "good",
  failed: "bad",
  cancelled: "off",
  unknown: "bad",
};
const pageSize = 25;
const filters = ["all", "open", "failed"] as const;
type Filter = (typeof filters)[number];

/** What was sent, and what became of it. */
export function DeliveriesSection({ channels }: { readonly channels: readonly Channel[] }) {
  const m = useMessages(messages);
  const [filter, setFilter] = useState<Filter>("all");
  const [channel, setChannel] = useState("");
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useDeliveries(filter, channel);
  const columns = useColumns();
  const rows = data?.pages.flatMap(({ deliveries }) => deliveries);
  return (
    <PageSection
      title={m.deliveries}
      hint={m.deliveriesHint}
      actions={
        <Group gap="xs" align="flex-end">
          <NativeSelect
            size="xs"
            aria-label={m.recipient}
            value={channel}
            data={[{ value: "", label: m["show-anybody"] }, ...channels.map(({ id, name }) => ({ value: id, label: name }))]}
            onChange={(event) => setChannel(event.currentTarget.value)}
          />
          <NativeSelect
            size="xs"
            aria-label={m.show}
            value={filter}
            data={filters.map((one) => ({ value: one, label: m[`show-${one}`] }))}
            onChange={(event) => setFilter(filters.find((one) => one === event.currentTarget.value) ?? "all")}
          />
        </Group>
      }
    >
      <DataTable
        caption={m.deliveries}
        columns={columns}
        rows={rows}
        rowKey={({ id }) => id}
        isMarked={({ state }) => state === "failed" || state === "unknown"}
        error={error}
        onRetry={() => void refetch()}
        empty={<NothingThere>{m.noDeliveries}</NothingThere>}
        footer={
          hasNextPage && (
            <Button variant="default" size="compact-sm" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
              {m.older}
            </Button>
          )
        }
      />
    </PageSection>
  );
}

function useDeliveries(filter: Filter, channel: string) {
  const call = useCall();
  const org = useOrganisation().name;
  return useInfiniteQuery({
    queryKey: [org, "deliveries", filter, channel],
    queryFn: ({ pageParam, signal }) => {
      const query = {
        limit: pageSize,
        ...(filter === "all" ? {} : { state: filter }),
        ...(channel === "" ? {} : { channel }),
        ...(pageParam === undefined ? {} : { before: pageParam }),
      };
      return call(listDeliveries, { params: { org }, query }, signal);
    },
    initialPageParam: undefined as number | undefined, // the first page has none
    getNextPageParam: ({ next }) => next,
  });
}

function useColumns(): readonly Column<Delivery>[] {
  const m = useMessages(messages);
  const format = useFormat();
  return [
    {
      key: "message",
      header: m.message,
      isRowHeader: true,
      cell: (delivery) => (
        <Text span inherit style={{ overflowWrap: "anywhere" }}>
          {delivery.title}
          <Marks delivery={delivery} />
        </Text>
      ),
    },
    {
      key: "recipient",
      header: m.recipient,
      cell: ({ recipientName, channelId, personId, medium }) => (
        <Text span inherit style={{ overflowWrap: "anywhere" }}>
          {recipientName ?? channelId ?? personId}
          {medium === undefined ? "" : ` (${m[`medium-${medium}`]})`}
        </Text>
      ),
    },
    { key: "when", header: m.when, cell: ({ createdAt }) => <TimeCell at={unixMs(createdAt)} /> },
    {
      key: "result",
      header: m.result,
      cell: ({ state, problem, dueAt }) => (
        <Stack gap={2} maw="24rem">
          <StateCell tone={tones[state]} label={m[`delivery-${state}`]} />
          {(state === "retrying" || state === "held") && <Text size="xs">{m.nextAt({ at: format.dateTime(unixMs(dueAt)) })}</Text>}
          {problem !== undefined && (
            <Text size="xs" style={{ overflowWrap: "anywhere" }}>
              {problem}
            </Text>
          )}
        </Stack>
      ),
    },
  ];
}

function Marks({ delivery: { isUrgent, kind } }: { readonly delivery: Delivery }) {
  const m = useMessages(messages);
  const marks = [
    ...(kind === "edit" ? [m.edited] : []),
    ...(kind === "test" ? [m.testMark] : []),
    ...(isUrgent && kind === "post" ? [m.urgent] : []),
  ];
  if (marks.length === 0) return undefined;
  return (
    <Text span size="xs" c="dimmed" ml={6}>
      {marks.join(" · ")}
    </Text>
  );
}
