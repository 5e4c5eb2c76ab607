import type { ReactNode } from "react";

export interface Column<Row> {
  readonly key: string;
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  /** The cell that names the row: it becomes its header for screen readers and the title of its card. One a table. */
  readonly isRowHeader?: boolean;
  /** Numbers stand at the end of their column. */
  readonly align?: "end";
  /** Makes the column sortable: by the server when the table has `onSort`, else by this value over the rows at hand. */
  readonly sortValue?: (row: Row) => string | number;
  /** What a CSV file holds for the row; a column without it is left out of the file. */
  readonly csv?: (row: Row) => string | number | undefined;
  /** The header is for screen readers only (a column of buttons). */
  readonly isHeaderHidden?: boolean;
  /** Left out on narrow screens, where a row is a card. */
  readonly isWideOnly?: boolean;
  readonly width?: string;
}

export interface Sort {
  readonly by: string;
  readonly isDescending: boolean;
}

export interface Selection {
  readonly keys: ReadonlySet<string>;
  readonly onChange: (keys: ReadonlySet<string>) => void;
}

/** The selection with the given keys put in or taken out. */
export function withKeys(keys: ReadonlySet<string>, changed: readonly string[], isIn: boolean): ReadonlySet<string> {
  const next = new Set(keys);
  for (const key of changed) {
    if (isIn) next.add(key);
    else next.delete(key);
  }
  return next;
}

/** The sort after a click on the header of `by`: ascending first, then turned. */
export const nextSort = (sort: Sort | undefined, by: string): Sort => ({ by, isDescending: sort?.by === by ? !sort.isDescending : false });

/** `rows` in the order of `sort`; equal rows keep their order, and numbers inside texts sort as numbers. */
export function sortRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sort: Sort | undefined): readonly Row[] {
  const valueOf = columns.find((column) => column.key === sort?.by)?.sortValue;
  if (!sort || !valueOf) return rows;
  const direction = sort.isDescending ? -1 : 1;
  return rows.toSorted((a, b) => direction * compare(valueOf(a), valueOf(b)));
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}

/** A formula in a cell runs in spreadsheets; a leading quote keeps it a text (OWASP, CSV injection). */
function csvField(value: string | number | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "number") return String(value);
  const safe = /^[=+\-@\t\r]/u.test(value) ? `'${value}` : value;
  return /[",\r\n]/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** RFC 4180, with a byte order mark so that Excel takes it for UTF-8. */
export function toCsv(header: readonly string[], rows: readonly (readonly (string | number | undefined)[])[]): string {
  return `\uFEFF${[header, ...rows].map((row) => row.map(csvField).join(",")).join("\r\n")}\r\n`;
}

export function tableCsv<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const written = columns.filter((column) => column.csv !== undefined);
  return toCsv(
    written.map((column) => column.header),
    rows.map((row) => written.map((column) => column.csv?.(row))),
  );
}

/** Hands a text to the browser as a file to save. */
export function saveFile(name: string, text: string, type = "text/csv;charset=utf-8"): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
