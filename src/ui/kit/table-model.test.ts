import { describe, expect, test } from "vitest";
import { nextSort, sortRows, tableCsv, toCsv, withKeys, type Column } from "#kit/table-model";

interface Row {
  readonly name: string;
  readonly size: number;
}
const rows: readonly Row[] = [
  { name: "web-10", size: 2 },
  { name: "web-9", size: 30 },
  { name: "db-1", size: 2 },
];
const columns: readonly Column<Row>[] = [
  { key: "name", header: "Name", cell: (row) => row.name, sortValue: (row) => row.name, csv: (row) => row.name },
  { key: "size", header: "Size", cell: (row) => row.size, sortValue: (row) => row.size, csv: (row) => row.size },
  { key: "actions", header: "Actions", cell: () => "x" },
];

describe("a table", () => {
  test("sorts numbers in names as numbers and keeps equal rows in their order", () => {
    expect(sortRows(rows, columns, { by: "name", isDescending: false }).map((row) => row.name)).toEqual(["db-1", "web-9", "web-10"]);
    expect(sortRows(rows, columns, { by: "size", isDescending: false }).map((row) => row.name)).toEqual(["web-10", "db-1", "web-9"]);
    expect(sortRows(rows, columns, undefined)).toBe(rows);
  });
  test("turns the order at the second click on a header", () => {
    expect(nextSort(undefined, "name")).toEqual({ by: "name", isDescending: false });
    expect(nextSort({ by: "name", isDescending: false }, "name")).toEqual({ by: "name", isDescending: true });
    expect(nextSort({ by: "name", isDescending: true }, "size")).toEqual({ by: "size", isDescending: false });
  });
  test("is written as CSV without its buttons", () => {
    expect(tableCsv(rows.slice(0, 1), columns)).toBe("\uFEFFName,Size\r\nweb-10,2\r\n");
  });
  test("quotes what CSV needs quoted and disarms formulas", () => {
    expect(toCsv(["a"], [['say "hi", now'], ["=1+1"], ["-2"], [undefined]])).toBe('\uFEFFa\r\n"say ""hi"", now"\r\n\'=1+1\r\n\'-2\r\n\r\n');
    expect(toCsv(["n"], [[-2]])).toBe("\uFEFFn\r\n-2\r\n");
  });
  test("changes a selection without touching the one before", () => {
    const before = new Set(["a", "b"]);
    expect([...withKeys(before, ["b", "c"], true)]).toEqual(["a", "b", "c"]);
    expect([...withKeys(before, ["b"], false)]).toEqual(["a"]);
    expect([...before]).toEqual(["a", "b"]);
  });
});
