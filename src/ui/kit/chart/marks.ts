import { createContext, use } from "react";
import type uPlot from "uplot";
import { canvasColour, token } from "./colours.ts";

/** Something that happened, drawn into a graph: a line at a moment, a band when it lasted. Unix seconds. */
export interface ChartAnnotation {
  readonly key: string;
  readonly title: string;
  readonly from: number;
  readonly to: number;
}

/** A value that means something, drawn as a line from side to side. */
export interface ReferenceLine {
  readonly label: string;
  readonly value: number;
}

/** What is drawn into a graph beside its series. */
export interface ChartMarks {
  readonly annotations: readonly ChartAnnotation[];
  readonly referenceLines: readonly ReferenceLine[];
  /** Ends of the y axis; an absent one follows the values. */
  readonly bounds: { readonly min?: number | undefined; readonly max?: number | undefined };
}

export const noMarks: ChartMarks = { annotations: [], referenceLines: [], bounds: {} };

/** The annotations of every graph below. */
export const AnnotationsContext = createContext<readonly ChartAnnotation[]>([]);

export const useAnnotations = (): readonly ChartAnnotation[] => use(AnnotationsContext);

/** Those that hold a point of time, which stands for `step` seconds. */
export const annotationsAt = (annotations: readonly ChartAnnotation[], at: number, step: number): ChartAnnotation[] =>
  annotations.filter(({ from, to }) => from < at + step && to >= at);

/** A y range within the bounds that are set. */
export function boundedRange([low, high]: [number, number], { bounds, referenceLines }: ChartMarks): [number, number] {
  const top = Math.max(high, ...referenceLines.map((line) => line.value * 1.05));
  const least = bounds.min ?? low;
  const most = bounds.max ?? top;
  return most > least ? [least, most] : [least, least + 1];
}

const markWidth = 1.5;
const pinSize = 5;

/** Paints the marks over the drawing; called by uPlot after its series. */
export function drawMarks(u: uPlot, marks: ChartMarks): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top - pinSize * 2, bbox.width, bbox.height + pinSize * 2);
  ctx.clip();
  for (const annotation of marks.annotations) drawAnnotation(u, annotation);
  for (const line of marks.referenceLines) drawReference(u, line);
  ctx.restore();
}

function drawAnnotation(u: uPlot, { from, to }: ChartAnnotation): void {
  const { ctx, bbox } = u;
  const scale = globalThis.devicePixelRatio || 1;
  const [left, right] = [u.valToPos(from, "x", true), u.valToPos(to, "x", true)];
  if (right < bbox.left || left > bbox.left + bbox.width) return;
  ctx.fillStyle = token("--hb-flame");
  ctx.globalAlpha = 0.14;
  if (right - left > markWidth) ctx.fillRect(left, bbox.top, right - left, bbox.height);
  ctx.globalAlpha = 1;
  for (const at of right - left > markWidth ? [left, right] : [left]) {
    ctx.fillRect(at - (markWidth * scale) / 2, bbox.top, markWidth * scale, bbox.height);
  }
  // A pin at its head, to be seen where many lines are.
  ctx.beginPath();
  ctx.moveTo(left - pinSize * scale, bbox.top);
  ctx.lineTo(left + pinSize * scale, bbox.top);
  ctx.lineTo(left, bbox.top + pinSize * 1.6 * scale);
  ctx.fill();
}

function drawReference(u: uPlot, { label, value }: ReferenceLine): void {
  const { ctx, bbox } = u;
  const scale = globalThis.devicePixelRatio || 1;
  const y = u.valToPos(value, "y", true);
  if (y < bbox.top || y > bbox.top + bbox.height) return;
  ctx.strokeStyle = canvasColour(1);
  ctx.lineWidth = markWidth * scale;
  ctx.setLineDash([5 * scale, 4 * scale]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.font = `${11 * scale}px system-ui, sans-serif`;
  ctx.fillStyle = token("--hb-axis");
  ctx.textAlign = "right";
  const isAtTop = y - bbox.top < 14 * scale;
  ctx.textBaseline = isAtTop ? "top" : "bottom";
  ctx.fillText(label, bbox.left + bbox.width - 4 * scale, isAtTop ? y + 2 * scale : y - 2 * scale);
}
