import { Alert, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { unixMs, unixSeconds } from "#base/duration";
import type { MonitorSettings } from "#wire/monitor-settings";
import { previewMonitor, type Firing, type Preview } from "#wire/monitors";
import { useCall } from "#kit/call";
import { useFormat, type Unit } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { TimeCell } from "../../kit/cells.tsx";
import { TimeChart } from "../../kit/chart/TimeChart.tsx";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { AlertStatusBadge } from "../incidents/AlertStatusBadge.tsx";
import { editorMessages } from "./editor-messages.ts";

/** When the rule that is being typed would have raised alerts, and the graph of what it watches with its thresholds. */
export function PreviewSection({ settings }: { readonly settings: MonitorSettings }) {
  const m = useMessages(editorMessages);
  const call = useCall();
  const org = useOrganisation().name;
  const [asked] = useDebouncedValue(JSON.stringify(settings), 500);
  const { data, error } = useQuery({
    queryKey: [org, "monitor-preview", asked],
    queryFn: ({ signal }) => call(previewMonitor, { params: { org }, body: { settings: JSON.parse(asked) as MonitorSettings } }, signal), // was made of settings
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 60_000,
  });
  return (
    <PageSection title={m.preview}>
      <Stack gap="sm" aria-live="polite">
        {error && (
          <Alert color="red" variant="outline">
            {error.message}
          </Alert>
        )}
        {!data ? (
          <Text c="dimmed" size="sm">
            {m.fillIn}
          </Text>
        ) : (
          <Result preview={data} settings={settings} />
        )}
      </Stack>
    </PageSection>
  );
}

function Result({ preview, settings }: { readonly preview: Preview; readonly settings: MonitorSettings }) {
  const m = useMessages(editorMessages);
  const format = useFormat();
  const why = useUnavailable(preview);
  const columns = useFiringColumns();
  if (why !== undefined)
    return (
      <Text c="dimmed" size="sm">
        {why}
      </Text>
    );
  const days = format.count(preview.days);
  return (
    <>
      <Text fw={600}>{preview.fired === 0 ? m.firedNever({ days }) : m.fired({ count: format.count(preview.fired), days })}</Text>
      {preview.judged < preview.targets && (
        <Text c="dimmed" size="sm">
          {m.judged({ judged: format.count(preview.judged), targets: format.count(preview.targets) })}
        </Text>
      )}
      {preview.graph && <Graph graph={preview.graph} settings={settings} />}
      {preview.firings.length > 0 && (
        <DataTable
          caption={m.preview}
          columns={columns}
          rows={preview.firings}
          rowKey={({ key, from }) => `${key} ${from}`}
          empty={<NothingThere>{m.firedNever({ days })}</NothingThere>}
        />
      )}
    </>
  );
}

function useUnavailable({ unavailable, problem }: Preview): string | undefined {
  const m = useMessages(editorMessages);
  switch (unavailable) {
    case "incomplete":
      return m.fillIn;
    case "type":
      return m.noPreview;
    case "no-data":
      return m.noData;
    case "expression":
      return m.wrongExpression({ problem: problem ?? m.manySeries });
    case undefined:
      return undefined;
  }
}

function useFiringColumns(): readonly Column<Firing>[] {
  const m = useMessages(editorMessages);
  const format = useFormat();
  return [
    { key: "target", header: m.firingTarget, isRowHeader: true, csv: ({ name }) => name, cell: ({ name }) => name },
    { key: "status", header: m.firingStatus, csv: ({ status }) => status, cell: ({ status }) => <AlertStatusBadge status={status} /> },
    { key: "from", header: m.firingFrom, csv: ({ from }) => from, cell: ({ from }) => <TimeCell at={unixMs(from)} isExact /> },
    {
      key: "lasted",
      header: m.firingLasted,
      align: "end",
      cell: ({ from, to }) => (to === undefined ? m.firingOpen : `${format.count(Math.round((to - from) / 60_000))} ${m.minutes}`),
    },
    { key: "value", header: m.firingValue, align: "end", csv: ({ value }) => value, cell: ({ value }) => format.value(value, "float") },
  ];
}

const unitOf = (metric: string): Unit => (metric.endsWith("%") ? "percentage" : metric.startsWith("memory.") ? "bytes" : "float");

function Graph({ graph, settings }: { readonly graph: NonNullable<Preview["graph"]>; readonly settings: MonitorSettings }) {
  const m = useMessages(editorMessages);
  const { from, step, values, name, metric, key } = graph;
  const data = useMemo(
    () => ({
      times: values.map((_, i) => from + i * step),
      series: [{ key: "value", label: name === "" ? metric : name, values }],
    }),
    [from, step, values, name, metric],
  );
  const lines = useMemo(() => thresholdLines(settings, m.warning, m.critical), [settings, m]);
  const title = name === "" || key === "" ? metric : `${name}: ${metric}`;
  const span = { from: unixSeconds(from), to: unixSeconds(from + step * values.length) };
  return (
    <TimeChart
      title={title}
      data={data}
      kind="line"
      unit={unitOf(metric)}
      span={span}
      height={180}
      onZoom={() => undefined}
      annotations={[]}
      referenceLines={lines}
    />
  );
}

function thresholdLines(settings: MonitorSettings, warning: string, critical: string): { label: string; value: number }[] {
  if (!("operator" in settings)) return [];
  const lines: { label: string; value: number }[] = [];
  if (typeof settings.warning === "number") lines.push({ label: warning, value: settings.warning });
  if (typeof settings.critical === "number") lines.push({ label: critical, value: settings.critical });
  return lines;
}
