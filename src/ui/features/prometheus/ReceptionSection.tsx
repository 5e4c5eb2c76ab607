import { SimpleGrid, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { unixMs } from "#base/duration";
import type { ResponseOf } from "#wire/contract";
import { getOtlpReception } from "#wire/otlp";
import { getReception } from "#wire/prometheus";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { HostCell, TimeCell } from "../../kit/cells.tsx";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { FactList } from "../../kit/FactList.tsx";
import { messages } from "./messages.ts";
import { PageSection } from "../../kit/PageSection.tsx";

/** What arrives changes without an act: looked at anew this often, in ms. */
export const refreshEvery = 15_000;

/** What came and what of it was not kept. */
export function ReceptionSection() {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const written = useQuery({
    queryKey: [org, "prometheus", "reception"],
    queryFn: ({ signal }) => call(getReception, { params: { org } }, signal),
    refetchInterval: refreshEvery,
  });
  const sent = useQuery({
    queryKey: [org, "otlp", "reception"],
    queryFn: ({ signal }) => call(getOtlpReception, { params: { org } }, signal),
    refetchInterval: refreshEvery,
  });
  const over = [...(written.data?.overLimit ?? []), ...(sent.data?.overLimit ?? [])];
  if (written.error && !written.data) return <ErrorState error={written.error} onRetry={() => void written.refetch()} />;
  return (
    <PageSection title={m.reception} hint={m.receptionHint}>
      <Stack>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          {written.data && <WrittenFacts reception={written.data} />}
          {sent.data && <SentFacts reception={sent.data} />}
        </SimpleGrid>
        {over.length > 0 && <OverLimit rows={over} />}
      </Stack>
    </PageSection>
  );
}

/** Counts as texts; none at all is left out of the list. */
function useCounts() {
  const format = useFormat();
  const all = (count: number): string => format.count(count);
  return { all, some: (count: number): string | undefined => (count === 0 ? undefined : all(count)) };
}

const LastCell = ({ at }: { readonly at: number | undefined }) => <TimeCell at={at === undefined ? undefined : unixMs(at)} />;

function WrittenFacts({ reception }: { readonly reception: ResponseOf<typeof getReception> }) {
  const m = useMessages(messages);
  const { all, some } = useCounts();
  if (reception.requests === 0) return <FactList title={m.fromPrometheus} facts={[[m.last, m.nothingYet]]} />;
  return (
    <FactList
      title={m.fromPrometheus}
      facts={[
        [m.last, <LastCell key="last" at={reception.lastAt} />],
        [m.requests, all(reception.requests)],
        [m.samples, all(reception.samples)],
        [m.points, all(reception.points)],
        [m.leftOut, some(reception.leftOut)],
        [m.refused, some(reception.refused)],
        [m.unknownHost, some(reception.unknownHost)],
        [m.invalid, some(reception.invalid)],
      ]}
    />
  );
}

function SentFacts({ reception }: { readonly reception: ResponseOf<typeof getOtlpReception> }) {
  const m = useMessages(messages);
  const { all, some } = useCounts();
  if (reception.requests === 0) return <FactList title={m.fromOtlp} facts={[[m.last, m.nothingYet]]} />;
  return (
    <FactList
      title={m.fromOtlp}
      facts={[
        [m.last, <LastCell key="last" at={reception.lastAt} />],
        [m.requests, all(reception.requests)],
        [m.pointsReceived, all(reception.received)],
        [m.points, all(reception.points)],
        [m.rejected, some(reception.rejected)],
      ]}
    />
  );
}

interface Over {
  readonly source: string;
  readonly name: string;
  readonly kept: number;
  readonly refused: number;
}

function OverLimit({ rows }: { readonly rows: readonly Over[] }) {
  const m = useMessages(messages);
  const format = useFormat();
  const org = useOrganisation().name;
  const columns: readonly Column<Over>[] = [
    {
      key: "source",
      header: m.source,
      isRowHeader: true,
      cell: (row) => (row.source.startsWith("service:") ? row.name : <HostCell org={org} id={row.source} name={row.name} />),
    },
    { key: "kept", header: m.kept, align: "end", cell: (row) => format.count(row.kept) },
    { key: "refused", header: m.refusedSeries, align: "end", cell: (row) => format.count(row.refused) },
  ];
  return (
    <PageSection title={m.overLimit} hint={m.overLimitHint}>
      <DataTable
        caption={m.overLimit}
        columns={columns}
        rows={rows}
        rowKey={(row) => row.source}
        empty={<NothingThere>{m.nothingYet}</NothingThere>}
      />
    </PageSection>
  );
}
