import { Box, Stack, Text } from "@mantine/core";
import type { MappedSeries } from "#wire/prometheus";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import type { Column } from "#kit/table-model";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { messages } from "./messages.ts";

/** What becomes of series, line by line. */
export function SeriesTable({ series }: { readonly series: readonly MappedSeries[] }) {
  const m = useMessages(messages);
  const columns: readonly Column<MappedSeries>[] = [
    {
      key: "series",
      header: m.series,
      isRowHeader: true,
      cell: (one) => (
        <Text span ff="monospace" size="xs" style={{ overflowWrap: "anywhere" }}>
          {one.series}
        </Text>
      ),
    },
    { key: "becomes", header: m.becomes, cell: (one) => <Becomes series={one} /> },
  ];
  return (
    <Box w="100%" mah="20rem" style={{ overflowY: "auto" }} tabIndex={0} role="region" aria-label={m.series}>
      <DataTable
        caption={m.series}
        columns={columns}
        rows={series}
        rowKey={(one) => one.series}
        empty={<NothingThere>{m.nothing}</NothingThere>}
      />
    </Box>
  );
}

function Becomes({ series }: { readonly series: MappedSeries }) {
  const m = useMessages(messages);
  const format = useFormat();
  const by = series.rule === undefined ? undefined : m.byRule({ number: format.count(series.rule) });
  return (
    <Stack gap={2}>
      {series.metrics.length === 0 && (
        <Text span c="dimmed" size="xs">
          {m.nothing}
        </Text>
      )}
      {series.metrics.map((metric) => (
        <Text key={metric.name} span size="xs" style={{ overflowWrap: "anywhere" }}>
          {[series.target, metric.name, metric.as === "rate" ? m.perSecond : undefined].filter(Boolean).join(" · ")}
        </Text>
      ))}
      {by !== undefined && (
        <Text span c="dimmed" size="xs">
          {by}
        </Text>
      )}
    </Stack>
  );
}
