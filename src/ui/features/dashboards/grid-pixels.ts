import { gridColumns } from "#wire/dashboards";

/** Of one row and of the gap between two, in CSS pixels; `WidgetGrid.module.css` says the same. */
export const rowHeight = 28;
export const gap = 8;

/** Of a widget of so many rows. */
export const pixelsOf = (rows: number): number => rows * rowHeight + (rows - 1) * gap;

/** What a graph's card needs around the drawing: its title, a line of legend and padding. */
const aroundGraph = 104;

export const graphHeight = (rows: number): number => Math.max(96, pixelsOf(rows) - aroundGraph);

/** Columns and rows that a movement of the pointer comes to, on a grid of that width. */
export function cellsOf(dx: number, dy: number, gridWidth: number): { readonly columns: number; readonly rows: number } {
  const column = (gridWidth + gap) / gridColumns;
  return { columns: gridWidth > 0 ? Math.round(dx / column) : 0, rows: Math.round(dy / (rowHeight + gap)) };
}
