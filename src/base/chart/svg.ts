import type { NumberTexts, TextLanguage, Unit } from "../number-text.ts";
import { timeTicks, valueRange, valueTicks } from "./axes.ts";
import { drawn } from "./bridge.ts";
import { legendItems, legendRow, legendSize, type LegendItem } from "./legend.ts";
import { chartColours, paletteIndices, seriesColour, type ChartColours, type ChartScheme } from "./palette.ts";
import { hasAnyPoint, lonelyPoints, type ChartData, type ChartKind, type DrawnData } from "./series.ts";
import { stackLayers } from "./stack.ts";
import { escapeXml, fitText, textWidth } from "./text.ts";
import type { ZonedClock } from "./zone.ts";

/** A graph to draw, in pixels and unix seconds. */
export interface ChartPicture {
  readonly title: string;
  /** What the graph belongs to, beside the title. */
  readonly owner: string;
  readonly data: ChartData;
  readonly kind: ChartKind;
  readonly unit: Unit;
  readonly from: number;
  readonly to: number;
  readonly width: number;
  readonly height: number;
  readonly scheme: ChartScheme;
  readonly language: TextLanguage;
  readonly clock: ZonedClock;
  readonly numbers: NumberTexts;
  /** Lines across the graph at values that matter. */
  readonly thresholds?: readonly { readonly value: number; readonly kind: "warning" | "critical" }[];
  /** The moment that the picture is about. */
  readonly moment?: number;
}

/** The picture's font is asked for first where pictures are made of it; a browser has its own. */
const fonts = "M PLUS 1p, system-ui, Hiragino Sans, Noto Sans JP, Noto Sans CJK JP, sans-serif";
const padding = 10;
const titleSize = 13;
const headerHeight = 26;
const axisHeight = 20;
/** More series than this are drawn thinner. */
const crowd = 30;

const noPoints: Readonly<Record<TextLanguage, string>> = {
  en: "No data in this time range",
  ja: "この期間のデータはありません",
};

interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Where values and times lie in the frame. */
interface Scales {
  readonly x: (at: number) => number;
  readonly y: (value: number) => number;
}

const short = (value: number): string => String(Math.round(value * 10) / 10);

/** An element with attributes; what is undefined is left out. Attribute values must be ours or escaped. */
function tag(name: string, attributes: Readonly<Record<string, string | number | undefined>>, content = ""): string {
  const written = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : ` ${key}="${typeof value === "number" ? short(value) : value}"`,
  );
  return content === "" ? `<${name}${written.join("")}/>` : `<${name}${written.join("")}>${content}</${name}>`;
}

interface TextStyle {
  readonly size: number;
  readonly fill: string;
  readonly anchor?: "middle" | "end";
}

const text = (x: number, y: number, words: string, { size, fill, anchor }: TextStyle): string =>
  words === "" ? "" : tag("text", { x, y, "font-size": size, fill, "text-anchor": anchor }, escapeXml(words));

/** A graph as an SVG document of its own: no scripts, no styles, nothing loaded from elsewhere. Everything in it that somebody wrote is escaped. */
export function chartSvg(picture: ChartPicture): string {
  const { width, height, unit, numbers } = picture;
  const colours = chartColours[picture.scheme];
  const data = drawn(picture.data, picture.kind);
  const columns = picture.kind === "stacked" ? stackLayers(data, () => false) : data.series.map((one) => one.line);
  const mostRows = height < 120 ? 0 : Math.max(1, Math.floor((height * 0.25) / legendRow));
  const legend = legendItems({ ...picture, data, colours, width: width - 2 * padding, mostRows });
  const [low, high] = valueRange(...extremes(columns, data.times, picture));
  const bottom = height - (legend.rows > 0 ? legend.rows * legendRow + 6 : 4);
  const plotHeight = Math.max(10, bottom - axisHeight - headerHeight);
  const values = valueTicks(low, high, unit, Math.max(2, Math.floor(plotHeight / 32))).map((value) => ({
    value,
    label: numbers.value(value, unit),
  }));
  const left = padding + Math.max(18, ...values.map(({ label }) => textWidth(label, legendSize))) + 6;
  const frame: Frame = { left, top: headerHeight, width: Math.max(10, width - left - padding - 4), height: plotHeight };
  const scales = scalesOf(frame, picture, low, high);
  return svgDocument(width, height, colours, `${picture.title} ${picture.owner}`, [
    header(picture, colours),
    valueAxis(values, frame, scales, colours),
    timeAxis(picture, frame, scales, colours),
    plot(data, columns, picture, frame, scales, colours),
    markLines(picture, frame, scales, colours),
    ...legend.items.map((item) => legendMark(item, bottom, colours)),
  ]);
}

/** A picture that says something instead of showing a graph. */
export function messageSvg(
  lines: readonly string[],
  size: { readonly width: number; readonly height: number },
  scheme: ChartScheme,
): string {
  const colours = chartColours[scheme];
  const first = size.height / 2 - ((lines.length - 1) * 20) / 2 + 4;
  const words = lines.map((line, at) =>
    text(size.width / 2, first + at * 20, fitText(line, titleSize, size.width - 2 * padding), {
      size: titleSize,
      fill: colours.dimmed,
      anchor: "middle",
    }),
  );
  return svgDocument(size.width, size.height, colours, lines.join(" "), words);
}

function svgDocument(width: number, height: number, colours: ChartColours, label: string, parts: readonly string[]): string {
  const background = tag("rect", { x: 0.5, y: 0.5, width: width - 1, height: height - 1, fill: colours.surface, stroke: colours.border });
  return tag(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "aria-label": escapeXml(label.trim()),
      "font-family": fonts,
    },
    background + parts.join(""),
  );
}

function header({ title, owner, width, to, clock }: ChartPicture, colours: ChartColours): string {
  const asOf = width >= 380 ? clock.dateTime(to) : "";
  const room = width - 2 * padding - (asOf === "" ? 0 : textWidth(asOf, legendSize) + 12);
  const shownTitle = fitText(title, titleSize, room);
  const ownerX = padding + textWidth(shownTitle, titleSize) + 10;
  return (
    text(padding, 18, shownTitle, { size: titleSize, fill: colours.text }) +
    text(ownerX, 18, fitText(owner, legendSize, padding + room - ownerX), { size: legendSize, fill: colours.dimmed }) +
    text(width - padding, 18, asOf, { size: legendSize, fill: colours.dimmed, anchor: "end" })
  );
}

function valueAxis(
  ticks: readonly { readonly value: number; readonly label: string }[],
  { left, width }: Frame,
  { y }: Scales,
  colours: ChartColours,
): string {
  return ticks
    .map(({ value, label }) => {
      const at = y(value);
      const line = tag("path", { d: `M${short(left)} ${short(at)}H${short(left + width)}`, stroke: colours.grid });
      return line + text(left - 6, at + 4, label, { size: legendSize, fill: colours.axis, anchor: "end" });
    })
    .join("");
}

function timeAxis({ from, to, clock }: ChartPicture, frame: Frame, { x }: Scales, colours: ChartColours): string {
  const { left, top, width, height } = frame;
  const marks = timeTicks(from, to, clock, Math.max(1, Math.floor(width / 76))).map(({ at, label }) => {
    const line = tag("path", { d: `M${short(x(at))} ${short(top)}V${short(top + height + 4)}`, stroke: colours.grid });
    const half = textWidth(label, legendSize) / 2;
    const middle = Math.min(left + width + padding - half, Math.max(left + half - 10, x(at)));
    return line + text(middle, top + height + 15, label, { size: legendSize, fill: colours.axis, anchor: "middle" });
  });
  return marks.join("");
}

function plot(
  data: DrawnData,
  columns: readonly (readonly (number | null)[])[],
  picture: ChartPicture,
  frame: Frame,
  scales: Scales,
  colours: ChartColours,
): string {
  if (!hasAnyPoint(data)) {
    const [x, y] = [frame.left + frame.width / 2, frame.top + frame.height / 2];
    return text(x, y, fitText(noPoints[picture.language], 12, frame.width), { size: 12, fill: colours.dimmed, anchor: "middle" });
  }
  const palette = paletteIndices(data.series);
  const isCrowded = data.series.length > crowd;
  let below: readonly (number | null)[] | undefined;
  const shapes = data.series.map((one, at) => {
    const colour = seriesColour(colours, palette[at] ?? 0);
    const column = columns[at] ?? [];
    if (picture.kind !== "stacked" || one.isLine === true) {
      return linePath(data.times, column, scales, { colour, width: isCrowded ? 1 : 1.6, isDashed: one.isLine === true });
    }
    const area = layerPath(data.times, column, below, scales, { colour, isCrowded });
    below = column;
    return area;
  });
  // A frame of its own cuts off what lies beside: the first bucket may begin before the range.
  const { left, top, width, height } = frame;
  const inner = {
    x: left,
    y: top,
    width,
    height,
    viewBox: [left, top, width, height].map(short).join(" "),
    overflow: "hidden",
    role: "presentation",
  };
  return tag("svg", inner, tag("g", { fill: "none", "stroke-linejoin": "round" }, shapes.join("")));
}

/** Thresholds as dashed lines, and the moment as a line from top to bottom. */
function markLines(
  { thresholds = [], moment, from, to }: ChartPicture,
  { left, top, width, height }: Frame,
  { x, y }: Scales,
  colours: ChartColours,
): string {
  const lines = thresholds.map(({ value, kind }) =>
    tag("path", {
      d: `M${short(left)} ${short(y(value))}H${short(left + width)}`,
      stroke: colours[kind],
      "stroke-width": 1.4,
      "stroke-dasharray": "5 3",
    }),
  );
  if (moment !== undefined && moment >= from && moment <= to)
    lines.push(
      tag("path", { d: `M${short(x(moment))} ${short(top)}V${short(top + height)}`, stroke: colours.dimmed, "stroke-dasharray": "2 2" }),
    );
  return lines.join("");
}

/** The runs of a column that are not interrupted, as first and last index. */
function runsOf(column: readonly (number | null)[]): (readonly [number, number])[] {
  const runs: [number, number][] = [];
  for (let at = 0; at < column.length; at += 1) {
    if (typeof column[at] !== "number") continue;
    const last = runs.at(-1);
    if (last && last[1] === at - 1) last[1] = at;
    else runs.push([at, at]);
  }
  return runs;
}

interface LineStyle {
  readonly colour: string;
  readonly width: number;
  readonly isDashed: boolean;
}

function linePath(times: readonly number[], column: readonly (number | null)[], { x, y }: Scales, style: LineStyle): string {
  const point = (at: number): string => `${short(x(times[at] ?? 0))} ${short(y(column[at] ?? 0))}`;
  const strokes = runsOf(column)
    .filter(([first, last]) => last > first)
    .map(([first, last]) => `M${Array.from({ length: last - first + 1 }, (_, at) => point(first + at)).join("L")}`);
  const dots = lonelyPoints(column).map((at) => tag("circle", { cx: x(times[at] ?? 0), cy: y(column[at] ?? 0), r: 2, fill: style.colour }));
  const dash = style.isDashed ? "6 3" : undefined;
  const line = { d: strokes.join(""), stroke: style.colour, "stroke-width": style.width, "stroke-dasharray": dash };
  return (strokes.length > 0 ? tag("path", line) : "") + dots.join("");
}

/** A layer between its own upper edge and that of the layer below. */
function layerPath(
  times: readonly number[],
  column: readonly (number | null)[],
  below: readonly (number | null)[] | undefined,
  { x, y }: Scales,
  { colour, isCrowded }: { readonly colour: string; readonly isCrowded: boolean },
): string {
  const outlines: string[] = [];
  const edges: string[] = [];
  for (const [first, last] of runsOf(column)) {
    // A single point is as wide as a line.
    const [before, after] = first === last ? [1, 1] : [0, 0];
    const indices = Array.from({ length: last - first + 1 }, (_, at) => first + at);
    const at = (index: number, value: number, shift = 0): string => `${short(x(times[index] ?? 0) + shift)} ${short(y(value))}`;
    const upper = indices.map((index) => at(index, column[index] ?? 0));
    const lower = indices.toReversed().map((index) => at(index, below?.[index] ?? 0));
    if (first === last) {
      const [top, foot] = [column[first] ?? 0, below?.[first] ?? 0];
      outlines.push(`M${at(first, top, -before)}L${at(first, top, after)}L${at(first, foot, after)}L${at(first, foot, -before)}Z`);
    } else {
      outlines.push(`M${upper.join("L")}L${lower.join("L")}Z`);
      edges.push(`M${upper.join("L")}`);
    }
  }
  const area = tag("path", { d: outlines.join(""), fill: colour, "fill-opacity": isCrowded ? "0.85" : "0.6" });
  return isCrowded || edges.length === 0 ? area : area + tag("path", { d: edges.join(""), stroke: colour, "stroke-width": 1 });
}

function legendMark({ x, y, colour, label, value, valueX }: LegendItem, top: number, colours: ChartColours): string {
  const left = padding + x;
  const mark = colour === undefined ? "" : tag("rect", { x: left, y: top + y - 8, width: 8, height: 8, rx: 1.5, fill: colour });
  const labelX = colour === undefined ? left : left + 13;
  return (
    mark +
    text(labelX, top + y, label, { size: legendSize, fill: colours.text }) +
    text(padding + valueX, top + y, value, { size: legendSize, fill: colours.dimmed })
  );
}

function scalesOf({ left, top, width, height }: Frame, { from, to }: ChartPicture, low: number, high: number): Scales {
  return {
    x: (at) => left + ((at - from) / (to - from)) * width,
    y: (value) => top + height - ((value - low) / (high - low)) * height,
  };
}

/** The least and the greatest value within the range. */
function extremes(
  columns: readonly (readonly (number | null)[])[],
  times: readonly number[],
  { from, to, thresholds = [] }: ChartPicture,
): [number | null, number | null] {
  const values = thresholds.map(({ value }) => value);
  let [low, high] = [Math.min(...values), Math.max(...values)];
  for (const column of columns) {
    for (const [at, value] of column.entries()) {
      const time = times[at] ?? 0;
      if (typeof value !== "number" || time < from || time > to) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low > high ? [null, null] : [low, high];
}
