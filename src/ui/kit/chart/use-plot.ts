import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef, type RefObject } from "react";
import uPlot from "uplot";
import { stackLayers } from "#base/chart/stack";
import type { Format, Unit } from "#kit/format";
import type { Span } from "#kit/range";
import type { ChartMarks } from "./marks.ts";
import type { ChartKind, DrawnData } from "./model.ts";
import { plotOptions, syncKey, type PlotHooks } from "./plot-options.ts";

export interface PlotInput {
  readonly data: DrawnData;
  readonly kind: ChartKind;
  readonly unit: Unit;
  readonly format: Format;
  readonly hidden: ReadonlySet<string>;
  readonly span: Span;
  readonly height: number;
  readonly marks: ChartMarks;
  readonly onZoom: (from: number, to: number) => void;
  readonly onCursor: PlotHooks["onCursor"];
}

export interface PlotHandle {
  /** Puts the shared cursor on a point, as the mouse would; undefined takes it away. */
  readonly moveCursor: (index: number | undefined) => void;
}

function columns({ data, kind, hidden }: PlotInput): uPlot.AlignedData {
  const values = kind === "stacked" ? stackLayers(data, (key) => hidden.has(key)) : data.series.map((one) => one.line);
  // uPlot's types ask for mutable arrays, but it only reads them.
  return [[...data.times], ...values.map((one) => [...one])];
}

/** What, when it changes, needs a new plot and not only new data. */
const structureOf = ({ data, kind, unit, format, hidden, height }: PlotInput): string =>
  JSON.stringify([
    kind,
    unit,
    height,
    format.language,
    format.timeZone,
    [...hidden],
    data.series.map((one) => [one.key, one.label, one.tone, one.isLine]),
  ]);

/** Keeps a uPlot in `frame` that shows `input`, as wide as the frame and in the colours of the scheme. */
export function usePlot(frame: RefObject<HTMLDivElement | null>, input: PlotInput): PlotHandle {
  const plot = useRef<uPlot>(null);
  const latest = useRef(input);
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const structure = structureOf(input);

  // First of all effects: those below, and uPlot's callbacks, read it.
  useEffect(() => {
    latest.current = input;
  });

  useEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const hooks: PlotHooks = {
      span: () => latest.current.span,
      onZoom: (from, to) => latest.current.onZoom(from, to),
      onCursor: (index, value) => latest.current.onCursor(index, value),
      marks: () => latest.current.marks,
      zonedDate: (at, zone) => uPlot.tzDate(new Date(at * 1000), zone),
    };
    const size = { width: Math.max(element.clientWidth, 50), height: latest.current.height };
    const made = new uPlot({ ...plotOptions(latest.current, hooks), ...size }, columns(latest.current), element);
    plot.current = made;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0 && element.clientWidth !== made.width) made.setSize({ width: element.clientWidth, height: made.height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [frame, structure]);

  const { data, span, marks } = input;
  useEffect(() => {
    plot.current?.setData(columns(latest.current));
  }, [data, span.from, span.to, structure, marks]);

  useEffect(() => {
    plot.current?.redraw();
  }, [scheme]);

  return {
    moveCursor(index) {
      const made = plot.current;
      const time = index === undefined ? undefined : latest.current.data.times[index];
      if (!made) return;
      const left = time === undefined ? -10 : made.valToPos(time, "x");
      const top = time === undefined ? -10 : made.over.clientHeight / 2;
      made.setCursor({ left, top });
      // The others take the time from here; a moving mouse leaves it by itself.
      if (made.cursor.sync && time !== undefined) made.cursor.sync.values = [time, 0];
      uPlot.sync(syncKey).pub("mousemove", made, left, top, made.over.clientWidth, made.over.clientHeight, index ?? -1);
    },
  };
}
