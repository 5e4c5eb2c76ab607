import type uPlot from "uplot";
import { binarySteps, isBinary, valueRange } from "#base/chart/axes";
import { paletteIndices } from "#base/chart/palette";
import { lonelyPoints } from "#base/chart/series";
import { fromSeconds, unixSeconds } from "#base/duration";
import type { Format, Unit } from "#kit/format";
import { canvasColour, token } from "./colours.ts";
import { boundedRange, drawMarks, type ChartMarks } from "./marks.ts";
import type { ChartData, ChartKind } from "./model.ts";

export interface PlotSpec {
  readonly data: ChartData;
  readonly kind: ChartKind;
  readonly unit: Unit;
  readonly format: Format;
  readonly hidden: ReadonlySet<string>;
}

export interface PlotHooks {
  /** The span on the x axis, asked at every drawing. */
  readonly span: () => { readonly from: number; readonly to: number };
  readonly onZoom: (from: number, to: number) => void;
  /** The index under the cursor, undefined when it left; and the value at the mouse when it is over this very graph. */
  readonly onCursor: (index: number | undefined, value: number | undefined) => void;
  /** What is drawn beside the series, asked at every drawing. */
  readonly marks: () => ChartMarks;
  /** Draws times in a zone; uPlot's own helper, handed in so that this module needs no canvas. */
  readonly zonedDate: (at: number, zone: string) => Date;
}

/** All graphs of a page share their cursor. */
export const syncKey = "hinoban";
const mostRaised = 20;
const axisFont = "12px system-ui, sans-serif";

/** Everything uPlot needs to draw the spec, without size and data. */
export function plotOptions(spec: PlotSpec, hooks: PlotHooks): Omit<uPlot.Options, "width" | "height"> {
  return {
    tzDate: (at) => hooks.zonedDate(at, spec.format.timeZone),
    padding: [8, 24, 0, 0],
    legend: { show: false },
    focus: { alpha: 0.3 },
    scales: {
      x: {
        range: () => {
          const { from, to } = hooks.span();
          return [from, to];
        },
      },
      y: { range: (_, low, high) => boundedRange(valueRange(low, high), hooks.marks()) },
    },
    axes: axesOf(spec),
    series: [{}, ...seriesOf(spec)],
    bands: bandsOf(spec),
    cursor: cursorOf(spec),
    hooks: {
      draw: [(u) => drawMarks(u, hooks.marks())],
      setSelect: [
        (u) => {
          if (u.select.width >= 4) hooks.onZoom(u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x"));
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
      setCursor: [
        (u) => {
          const { idx, top, event } = u.cursor;
          const isHere = event !== undefined && event !== null && typeof top === "number" && top >= 0;
          hooks.onCursor(idx ?? undefined, isHere ? u.posToVal(top, "y") : undefined);
        },
      ],
    },
  };
}

function axesOf({ unit, format }: PlotSpec): uPlot.Axis[] {
  const common = {
    font: axisFont,
    stroke: () => token("--hb-axis"),
    grid: { stroke: () => token("--hb-grid"), width: 1 },
    ticks: { stroke: () => token("--hb-grid"), width: 1, size: 5 },
  };
  return [
    { ...common, size: 30, space: 70, values: (_, splits) => splits.map((at, index) => timeLabel(at, splits[index - 1], format)) },
    {
      ...common,
      space: 34,
      size: (_, values) => axisWidth(values),
      values: (_, splits) => splits.map((value) => format.value(value, unit)),
      ...(isBinary(unit) ? { incrs: [...binarySteps] } : {}),
    },
  ];
}

/** Wide enough for the longest label; about 7 px a character of the axis font, full-width characters twice that. */
function axisWidth(values: readonly string[] | null): number {
  const longest = Math.max(
    3,
    ...(values ?? []).map((text) => [...text].reduce((sum, character) => sum + (character > "\u2E80" ? 12 : 6.6), 0) / 6.6),
  );
  return Math.ceil(longest * 6.6 + 14);
}

/** The time of day; at the first label of a day the date instead. */
function timeLabel(at: number, before: number | undefined, format: Format): string {
  const here = fromSeconds(unixSeconds(at));
  const time = format.time(here);
  if (time === "00:00") return format.monthDay(here);
  if (before === undefined || format.monthDay(fromSeconds(unixSeconds(before))) === format.monthDay(here)) return time;
  return `${format.monthDay(here)} ${time}`;
}

function seriesOf({ data, kind, hidden }: PlotSpec): uPlot.Series[] {
  const palette = paletteIndices(data.series);
  const isCrowded = data.series.length > 30;
  return data.series.map((one, at) => {
    const index = palette[at] ?? 0;
    const isLayer = kind === "stacked" && one.isLine !== true;
    // Among many thin layers the lines between them would be all that is seen.
    const width = isLayer && isCrowded ? 0 : isLayer || isCrowded ? 1 : 1.6;
    return {
      label: one.label,
      show: !hidden.has(one.key),
      width,
      stroke: () => canvasColour(index),
      ...(isLayer ? { fill: () => canvasColour(index, isCrowded ? 0.85 : 0.6) } : {}),
      ...(one.isLine === true ? { dash: [6, 3] } : {}),
      spanGaps: false,
      points: {
        show: true,
        size: 5,
        width: 1,
        stroke: () => canvasColour(index),
        fill: () => canvasColour(index),
        filter: (u, i) => lonelyPoints(u.data[i] ?? []),
      },
    };
  });
}

/** Between two neighbouring layers the upper one's colour; the lowest reaches down to zero by itself. */
function bandsOf({ data, kind, hidden }: PlotSpec): uPlot.Band[] {
  if (kind !== "stacked") return [];
  const layers = data.series.flatMap((one, at) => (one.isLine === true || hidden.has(one.key) ? [] : [at + 1]));
  return layers.slice(1).map((upper, at) => ({ series: [upper, layers[at] ?? 0] }));
}

function cursorOf(spec: PlotSpec): uPlot.Cursor {
  const isShared = (type: string): boolean => type === "mousemove" || type === "mouseleave";
  return {
    y: false,
    // Raising the nearest line draws all of them again.
    focus: { prox: spec.kind === "line" && spec.data.series.length > 1 && spec.data.series.length <= mostRaised ? 24 : -1 },
    drag: { x: true, y: false, setScale: false },
    points: { show: spec.data.series.length <= 30, size: 7 },
    bind: {
      // A second click leaves uPlot's own zoom; ours lives in the URL, so a double click does nothing.
      dblclick: () => () => null,
    },
    sync: { key: syncKey, scales: ["x", null], setSeries: false, filters: { pub: isShared, sub: isShared } },
  };
}
