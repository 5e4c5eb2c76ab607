import { VisuallyHidden } from "@mantine/core";
import { useId, useRef, useState, type KeyboardEvent, type RefObject } from "react";
import { seriesAt, totalAt } from "#base/chart/stack";
import { fromSeconds, unixSeconds } from "#base/duration";
import type { Format, Unit } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import type { Span } from "#kit/range";
import type { LegendHandle } from "./ChartLegend.tsx";
import { annotationsAt, type ChartMarks } from "./marks.ts";
import { hasAnyPoint, type ChartKind, type DrawnData } from "./model.ts";
import { usePlot } from "./use-plot.ts";
import classes from "./TimeChart.module.css";

export interface ChartCanvasProps {
  readonly title: string;
  readonly data: DrawnData;
  readonly kind: ChartKind;
  readonly unit: Unit;
  readonly format: Format;
  readonly hidden: ReadonlySet<string>;
  readonly span: Span;
  readonly height: number;
  readonly marks: ChartMarks;
  readonly onZoom: (from: number, to: number) => void;
  readonly legend: RefObject<LegendHandle | null>;
}

/** A screen reader reads so many series of one point, then says how many are left. */
const mostSpoken = 10;

/** The drawing itself. With the keyboard it is a slider over its points, read out in a live line. */
export function ChartCanvas(props: ChartCanvasProps) {
  const { title, data, kind, unit, format, hidden, legend } = props;
  const m = useMessages(kitMessages);
  const helpId = useId();
  const frame = useRef<HTMLDivElement>(null);
  const readout = useRef<HTMLDivElement>(null);
  const [spokenAt, setSpokenAt] = useState<number>();
  const last = data.times.length - 1;
  const timeAt = (index: number): string => format.dateTime(fromSeconds(unixSeconds(data.times[index] ?? 0)));

  const step = (data.times[1] ?? 0) - (data.times[0] ?? 0) || 60;
  const happenedAt = (index: number): string[] =>
    annotationsAt(props.marks.annotations, data.times[index] ?? 0, step).map((annotation) => annotation.title);

  const isHidden = (key: string): boolean => hidden.has(key);
  /** Time, the sum of a pile, and what the mouse points at. */
  const read = (index: number, value: number | undefined): string => {
    const total = kind === "stacked" ? totalAt(data, index, isHidden) : undefined;
    const pointed = value === undefined || data.series.length < 2 ? undefined : seriesAt(data, kind, index, value, isHidden);
    const own = pointed?.held[index];
    return [
      timeAt(index),
      total === undefined ? undefined : `${m.total} ${format.value(total, unit)}`,
      pointed && typeof own === "number" ? `${pointed.label} ${format.value(own, unit)}` : undefined,
      ...happenedAt(index),
    ]
      .filter((part) => part !== undefined)
      .join(" · ");
  };
  const plot = usePlot(frame, {
    ...props,
    onCursor: (index, value) => {
      legend.current?.showAt(index);
      if (readout.current) readout.current.textContent = index === undefined ? "" : read(index, value);
    },
  });

  const spoken = (index: number): string => {
    const shown = data.series.filter((one) => !hidden.has(one.key));
    const parts = shown.slice(0, mostSpoken).map((one) => {
      const value = one.held[index];
      return `${one.label} ${typeof value === "number" ? format.value(value, unit) : m.noValue}`;
    });
    if (shown.length > mostSpoken) parts.push(m.moreSeries({ count: format.count(shown.length - mostSpoken) }));
    return `${timeAt(index)}: ${[...parts, ...happenedAt(index)].join(", ")}`;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = spokenAt ?? last;
    const target = keyTarget(event.key, spokenAt === undefined ? undefined : at, last);
    if (target === undefined) return;
    event.preventDefault();
    const next = target === "leave" ? undefined : target;
    setSpokenAt(next);
    plot.moveCursor(next);
  };
  return (
    <div className={classes.canvasFrame} style={{ minHeight: props.height }}>
      <div className={classes.readout} ref={readout} aria-hidden />
      <div
        ref={frame}
        className={classes.canvas}
        role="slider"
        tabIndex={0}
        aria-label={m.chartCursor({ title })}
        aria-describedby={helpId}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, last)}
        aria-valuenow={spokenAt ?? Math.max(0, last)}
        aria-valuetext={last < 0 ? m.noPoints : timeAt(spokenAt ?? last)}
        onKeyDown={onKeyDown}
        onBlur={() => {
          if (spokenAt !== undefined) plot.moveCursor(undefined);
          setSpokenAt(undefined);
        }}
      />
      {!hasAnyPoint(data) && <div className={classes.noPoints}>{m.noPoints}</div>}
      <VisuallyHidden id={helpId}>{m.chartHelp}</VisuallyHidden>
      <VisuallyHidden aria-live="polite">{spokenAt === undefined ? "" : spoken(spokenAt)}</VisuallyHidden>
    </div>
  );
}

/** Where a key leads: an index, away from the graph, or nowhere (undefined: not our key). */
export function keyTarget(key: string, at: number | undefined, last: number): number | "leave" | undefined {
  if (last < 0) return undefined;
  const from = at ?? last;
  const step = at === undefined ? 0 : 1;
  const clamp = (index: number): number => Math.min(last, Math.max(0, index));
  if (key === "Escape") return at === undefined ? undefined : "leave";
  if (key === "Home") return 0;
  if (key === "End") return last;
  const moves = new Map([
    ["ArrowLeft", -step],
    ["ArrowDown", -step],
    ["ArrowRight", step],
    ["ArrowUp", step],
    ["PageUp", 10],
    ["PageDown", -10],
  ]);
  const move = moves.get(key);
  return move === undefined ? undefined : clamp(from + move);
}
