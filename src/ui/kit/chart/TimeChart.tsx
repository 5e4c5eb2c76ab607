import { ActionIcon, Group, Menu, Paper, Skeleton, Title } from "@mantine/core";
import { IconChartLine, IconDotsVertical, IconDownload, IconEye, IconTable } from "@tabler/icons-react";
import { useMemo, useRef, useState, type ReactNode } from "react";
import "uplot/dist/uPlot.min.css";
import { drawn } from "#base/chart/bridge";
import { fromSeconds, unixSeconds } from "#base/duration";
import { useFormat, type Unit } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { zoomTo, type RangeSearch, type Span } from "#kit/range";
import { saveFile, toCsv } from "#kit/table-model";
import { ErrorState } from "../ErrorState.tsx";
import { ChartCanvas } from "./ChartCanvas.tsx";
import { ChartLegend, type LegendHandle } from "./ChartLegend.tsx";
import { ChartTable } from "./ChartTable.tsx";
import { noMarks, useAnnotations, type ChartAnnotation, type ChartMarks } from "./marks.ts";
import type { ChartData, ChartKind } from "./model.ts";
import classes from "./TimeChart.module.css";

export interface TimeChartProps {
  readonly title: string;
  /** Undefined while the first points are on their way. */
  readonly data: ChartData | undefined;
  readonly kind: ChartKind;
  readonly unit: Unit;
  readonly span: Span;
  /** A dragged span becomes the page's range. */
  readonly onZoom: (range: RangeSearch) => void;
  readonly error?: unknown;
  readonly onRetry?: () => void;
  readonly height?: number;
  /** Beside the title, such as a note about this graph. */
  readonly children?: ReactNode;
  /** What happened; that of the page around when absent. */
  readonly annotations?: readonly ChartAnnotation[];
  readonly referenceLines?: ChartMarks["referenceLines"];
  /** Ends of the y axis. */
  readonly bounds?: ChartMarks["bounds"];
  /** The title with what tells this graph from others of the page that have the same one; for who hears the page. */
  readonly fullTitle?: string;
  /** Level of the title's heading on the page; 3 when absent. */
  readonly titleOrder?: 2 | 3 | 4;
  /** More entries of the graph's menu. */
  readonly menu?: ReactNode;
}

/** A graph over time, one card: drawing, legend, and the same as a table. */
export function TimeChart(props: TimeChartProps) {
  const { title, data, kind, unit, span, onZoom, error, height = 200 } = props;
  const m = useMessages(kitMessages);
  const format = useFormat();
  const legend = useRef<LegendHandle>(null);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [isTable, setTable] = useState(false);
  const lines = useMemo(() => data && drawn(data, kind), [data, kind]);

  const marks = useMarks(props);

  const toggle = (key: string, isAlone: boolean): void => {
    const keys = data?.series.map((one) => one.key) ?? [];
    setHidden((now) => (isAlone ? new Set(keys.filter((other) => other !== key)) : toggled(now, key)));
  };
  const name = props.fullTitle ?? title;
  return (
    <Paper component="section" withBorder p="sm" className={classes.card} aria-label={name}>
      <Group justify="space-between" wrap="nowrap" gap="xs" mb={4}>
        <Title order={props.titleOrder ?? 3} size="h3" className={classes.title} title={title}>
          {title}
        </Title>
        <Group gap={4} wrap="nowrap">
          {props.children}
          {data && (
            <ChartMenu
              title={name}
              isTable={isTable}
              onTable={() => setTable((now) => !now)}
              onCsv={() =>
                saveFile(
                  `${title}.csv`,
                  chartCsv(data, m.time, (at) => format.exactDateTime(fromSeconds(unixSeconds(at)))),
                )
              }
              onShowAll={hidden.size === 0 ? undefined : () => setHidden(new Set())}
            >
              {props.menu}
            </ChartMenu>
          )}
        </Group>
      </Group>
      {!data && <Absent error={error} onRetry={props.onRetry} height={height} />}
      {data && isTable && <ChartTable title={name} data={data} unit={unit} format={format} />}
      {lines && !isTable && (
        <>
          <ChartCanvas
            title={name}
            data={lines}
            kind={kind}
            unit={unit}
            format={format}
            hidden={hidden}
            span={span}
            height={height}
            marks={marks}
            onZoom={(from, to) => onZoom(zoomTo(from, to))}
            legend={legend}
          />
          <ChartLegend ref={legend} title={name} data={lines} unit={unit} format={format} hidden={hidden} onToggle={toggle} />
        </>
      )}
    </Paper>
  );
}

function useMarks({ annotations, referenceLines, bounds }: TimeChartProps): ChartMarks {
  const around = useAnnotations();
  return useMemo(
    () => ({
      annotations: annotations ?? around,
      referenceLines: referenceLines ?? noMarks.referenceLines,
      bounds: bounds ?? noMarks.bounds,
    }),
    [annotations, around, referenceLines, bounds],
  );
}

/** What stands there while there are no points: they are on their way, or could not be had. */
function Absent({
  error,
  onRetry,
  height,
}: {
  readonly error: unknown;
  readonly onRetry: (() => void) | undefined;
  readonly height: number;
}) {
  const m = useMessages(kitMessages);
  if (error !== undefined && error !== null) return <ErrorState error={error} onRetry={onRetry} />;
  return <Skeleton height={height} aria-label={m.loading} role="img" />;
}

function toggled(keys: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(keys);
  if (!next.delete(key)) next.add(key);
  return next;
}

function chartCsv(data: ChartData, timeHeader: string, timeText: (at: number) => string): string {
  const rows = data.times.map((at, index) => [timeText(at), ...data.series.map((one) => one.values[index] ?? undefined)]);
  return toCsv([timeHeader, ...data.series.map((one) => one.label)], rows);
}

interface ChartMenuProps {
  readonly title: string;
  readonly isTable: boolean;
  readonly onTable: () => void;
  readonly onCsv: () => void;
  readonly onShowAll: (() => void) | undefined;
  readonly children: ReactNode;
}

function ChartMenu({ title, isTable, onTable, onCsv, onShowAll, children }: ChartMenuProps) {
  const m = useMessages(kitMessages);
  return (
    <Menu position="bottom-end" withArrow>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" className={classes.menuButton} aria-label={m.graphOptions({ title })}>
          <IconDotsVertical aria-hidden size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={isTable ? <IconChartLine aria-hidden size={16} /> : <IconTable aria-hidden size={16} />} onClick={onTable}>
          {isTable ? m.showGraph : m.showTable}
        </Menu.Item>
        <Menu.Item leftSection={<IconDownload aria-hidden size={16} />} onClick={onCsv}>
          {m.downloadCsv}
        </Menu.Item>
        {onShowAll && (
          <Menu.Item leftSection={<IconEye aria-hidden size={16} />} onClick={onShowAll}>
            {m.showAllSeries}
          </Menu.Item>
        )}
        {children}
      </Menu.Dropdown>
    </Menu>
  );
}
