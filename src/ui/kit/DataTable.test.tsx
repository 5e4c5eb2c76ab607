import { screen, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, describe, expect, test, vi } from "vitest";
import { CallError } from "#kit/call";
import type { Column, Sort } from "#kit/table-model";
import { renderUi } from "../testing/render.tsx";
import { DataTable, type DataTableProps } from "./DataTable.tsx";

interface Row {
  readonly id: string;
  readonly size: number;
}
const columns: readonly Column<Row>[] = [
  { key: "id", header: "Host", isRowHeader: true, cell: (row) => row.id, sortValue: (row) => row.id },
  { key: "size", header: "Size", align: "end", cell: (row) => row.size, sortValue: (row) => row.size },
];
const rows: readonly Row[] = [
  { id: "b", size: 1 },
  { id: "a", size: 3 },
];
const base: DataTableProps<Row> = { caption: "Hosts", columns, rows, rowKey: (row) => row.id, empty: "Nothing" };
const names = () => screen.getAllByRole("rowheader").map((cell) => cell.textContent);

afterEach(() => vi.restoreAllMocks());

const narrow = (): void => {
  vi.spyOn(window, "matchMedia").mockImplementation((query) => ({
    matches: true,
    media: query,
    onchange: null,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    addListener: () => undefined,
    removeListener: () => undefined,
    dispatchEvent: () => true,
  }));
};

describe("a table", () => {
  test("has a caption, and each row a header", () => {
    renderUi(<DataTable {...base} />);
    expect(screen.getByRole("table", { name: "Hosts" })).toBeTruthy();
    expect(names()).toEqual(["b", "a"]);
  });
  test("sorts the rows at hand by a click on a header and says so", async () => {
    const user = userEvent.setup();
    renderUi(<DataTable {...base} />);
    await user.click(screen.getByRole("button", { name: "Host" }));
    expect(names()).toEqual(["a", "b"]);
    expect(screen.getByRole("columnheader", { name: "Host" }).getAttribute("aria-sort")).toBe("ascending");
    await user.click(screen.getByRole("button", { name: "Host" }));
    expect(names()).toEqual(["b", "a"]);
  });
  test("leaves the sorting to the server when it pages there", async () => {
    const onSort = vi.fn<(sort: Sort) => void>();
    renderUi(<DataTable {...base} onSort={onSort} />);
    await userEvent.setup().click(screen.getByRole("button", { name: "Size" }));
    expect(onSort).toHaveBeenCalledWith({ by: "size", isDescending: false });
    expect(names()).toEqual(["b", "a"]);
  });
  test("selects one row, or all of the page", async () => {
    const user = userEvent.setup();
    const onChange = vi.fn<(keys: ReadonlySet<string>) => void>();
    renderUi(<DataTable {...base} selection={{ keys: new Set(["elsewhere"]), onChange }} />);
    await user.click(screen.getByRole("checkbox", { name: "Select a" }));
    expect([...(onChange.mock.calls[0]?.[0] ?? [])]).toEqual(["elsewhere", "a"]);
    await user.click(screen.getByRole("checkbox", { name: "Select all rows of this page" }));
    expect([...(onChange.mock.calls[1]?.[0] ?? [])]).toEqual(["elsewhere", "b", "a"]);
  });
  test("tells where in the list it is and turns pages", async () => {
    const onPage = vi.fn<(page: number) => void>();
    renderUi(<DataTable {...base} paging={{ page: 2, pageSize: 2, total: 5, onPage }} />);
    const nav = within(screen.getByRole("navigation", { name: "Pages" }));
    expect(nav.getByText("3–4 of 5")).toBeTruthy();
    await userEvent.setup().click(nav.getByRole("button", { name: "Next page" }));
    expect(onPage).toHaveBeenCalledWith(3);
  });
  test("shows why there are no rows: none, on their way, or refused", async () => {
    const retry = vi.fn<() => void>();
    renderUi(<DataTable {...base} rows={[]} />);
    expect(screen.getByText("Nothing")).toBeTruthy();
    renderUi(<DataTable {...base} rows={undefined} />);
    expect(screen.getByText("Loading…")).toBeTruthy();
    renderUi(
      <DataTable {...base} rows={undefined} error={new CallError({ status: 0, code: "unreachable", detail: "x" })} onRetry={retry} />,
    );
    await userEvent.setup().click(screen.getByRole("button", { name: "Try again" }));
    expect(retry).toHaveBeenCalledOnce();
  });
  test("keeps the rows it has when a refresh fails", () => {
    renderUi(<DataTable {...base} error={new CallError({ status: 0, code: "unreachable", detail: "x" })} />);
    expect(names()).toEqual(["b", "a"]);
  });
  test("is a list of cards on a narrow screen", () => {
    narrow();
    renderUi(<DataTable {...base} selection={{ keys: new Set(), onChange: () => undefined }} />);
    const cards = within(screen.getByRole("list", { name: "Hosts" })).getAllByRole("listitem");
    expect(cards).toHaveLength(2);
    expect(within(cards[0] ?? document.body).getByText("Size")).toBeTruthy();
    expect(screen.queryByRole("table")).toBeNull();
    expect(screen.getByRole("checkbox", { name: "Select b" })).toBeTruthy();
  });
});
