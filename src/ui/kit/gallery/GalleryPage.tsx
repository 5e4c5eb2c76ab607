import { Button, Group, SimpleGrid, Stack, Title } from "@mantine/core";
import { useState } from "react";
import { toSeconds, unixMs } from "#base/duration";
import { CallError } from "#kit/call";
import { useClock } from "#kit/clock";
import { useMessages } from "#kit/messages";
import { spanOf, type RangeSearch } from "#kit/range";
import type { Column } from "#kit/table-model";
import { useToasts } from "#kit/toasts";
import { LanguageMenu, ThemeMenu } from "../AppearanceMenus.tsx";
import { BytesCell, Dash, StateCell, TimeCell } from "../cells.tsx";
import { TimeChart } from "../chart/TimeChart.tsx";
import { ConfirmDialog } from "../ConfirmDialog.tsx";
import { CopyField } from "../CopyField.tsx";
import { DataTable } from "../DataTable.tsx";
import { EmptyState } from "../EmptyState.tsx";
import { ErrorState } from "../ErrorState.tsx";
import { FormProblem } from "../FormProblem.tsx";
import { PageHeader } from "../PageHeader.tsx";
import { TimeRangePicker } from "../TimeRangePicker.tsx";
import { galleryMessages } from "./gallery-messages.ts";
import { sampleData, sampleRows, type SampleRow } from "./sample-data.ts";

const refusal = new CallError({ status: 503, code: "unavailable", detail: "…", requestId: "req-1" });

/** The shared pieces side by side, for looking at them in both languages and schemes. Only in development builds. */
export function GalleryPage() {
  const m = useMessages(galleryMessages);
  return (
    <Stack component="main" p="md" gap="xl">
      <PageHeader title={m.title} intro={m.intro}>
        <LanguageMenu />
        <ThemeMenu />
      </PageHeader>
      <Pieces />
      <Tables />
      <Charts />
    </Stack>
  );
}

function Pieces() {
  const m = useMessages(galleryMessages);
  const toasts = useToasts();
  const clock = useClock();
  const [isAsking, setAsking] = useState(false);
  return (
    <Stack gap="md">
      <Title order={2}>{m.states}</Title>
      <Group>
        <StateCell tone="good" label={m.good} />
        <StateCell tone="waiting" label={m.waiting} />
        <StateCell tone="attention" label={m.attention} />
        <StateCell tone="bad" label={m.bad} />
        <StateCell tone="off" label={m.off} />
        <TimeCell at={unixMs(clock.now() - 200_000)} />
        <BytesCell bytes={1_610_612_736} />
        <Dash />
      </Group>
      <Title order={2}>{m.texts}</Title>
      <Group>
        <Button onClick={() => setAsking(true)}>{m.ask}</Button>
        <Button variant="default" onClick={() => toasts.show({ text: m.told, undo: async () => undefined })}>
          {m.tell}
        </Button>
      </Group>
      <CopyField label={m.command} value="curl -fsSL http://127.0.0.1:8600/install.sh | sudo sh" />
      <EmptyState title={m.empty} hint={m.emptyHint} />
      <ErrorState error={refusal} onRetry={() => undefined} />
      <FormProblem problem={m.askText} />
      {isAsking && (
        <ConfirmDialog
          title={m.ask}
          text={m.askText}
          action={m.ask}
          typed={m.sample}
          isDangerous
          onConfirm={async () => undefined}
          onClose={() => setAsking(false)}
        />
      )}
    </Stack>
  );
}

function Tables() {
  const m = useMessages(galleryMessages);
  const clock = useClock();
  const [keys, setKeys] = useState<ReadonlySet<string>>(new Set(["beta"]));
  const columns: readonly Column<SampleRow>[] = [
    { key: "name", header: m.name, isRowHeader: true, sortValue: (row) => row.name, csv: (row) => row.name, cell: (row) => row.name },
    {
      key: "size",
      header: m.size,
      align: "end",
      sortValue: (row) => row.bytes,
      csv: (row) => row.bytes,
      cell: (row) => <BytesCell bytes={row.bytes} />,
    },
    { key: "time", header: m.time, cell: (row) => <TimeCell at={unixMs(row.at)} /> },
  ];
  return (
    <Stack gap="md">
      <Title order={2}>{m.tables}</Title>
      <DataTable
        caption={m.tables}
        columns={columns}
        rows={sampleRows(clock.now())}
        rowKey={(row) => row.id}
        empty={undefined}
        selection={{ keys, onChange: setKeys }}
        csvName={m.sample}
        paging={{ page: 1, pageSize: 4, total: 9, onPage: () => undefined }}
      />
      <DataTable caption={m.tables} columns={columns} rows={undefined} rowKey={(row) => row.id} empty={undefined} />
    </Stack>
  );
}

function Charts() {
  const m = useMessages(galleryMessages);
  const clock = useClock();
  const [range, setRange] = useState<RangeSearch>({ range: "1h" });
  const [end] = useState(() => toSeconds(clock.now()));
  const span = spanOf(range, clock.now());
  return (
    <Stack gap="md">
      <Title order={2}>{m.charts}</Title>
      <TimeRangePicker value={range} onChange={setRange} />
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <TimeChart title="loadavg" data={sampleData(end, 3, 1)} kind="line" unit="float" span={span} onZoom={setRange} />
        <TimeChart title="memory" data={sampleData(end, 8, 2e9)} kind="stacked" unit="bytes" span={span} onZoom={setRange} />
        <TimeChart title="role (200)" data={sampleData(end, 200, 20)} kind="stacked" unit="percentage" span={span} onZoom={setRange} />
        <TimeChart title="lines (40)" data={sampleData(end, 40, 3e6)} kind="line" unit="bits/sec" span={span} onZoom={setRange} />
        <TimeChart title="empty" data={{ times: [], series: [] }} kind="line" unit="seconds" span={span} onZoom={setRange} />
        <TimeChart title="loading" data={undefined} kind="line" unit="seconds" span={span} onZoom={setRange} />
      </SimpleGrid>
    </Stack>
  );
}
