import { screen } from "@testing-library/react";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gridColumns, widgetSizes, widgetTypes, type Layout, type MarkdownWidget } from "#wire/dashboards";
import type { Graph } from "#wire/metrics";
import { renderUi } from "../../testing/render.tsx";
import { changed, draftOf, nextKey, redone, undone, widgetsOf } from "./draft.ts";
import { findGraph, findRoleGraph, withLegend } from "./find-graph.ts";
import { allowed, firstFree, keyedLayout, place, readingOrder, rowsOf, type Placed } from "./grid.ts";
import { statesOf } from "./RoleState.tsx";
import { Markdown } from "./Markdown.tsx";
import { isSafeHref, parseMarkdown, type Block, type Inline } from "./markdown.ts";

const text = (x: number, y: number, width = 6, height = 4, markdown = ""): MarkdownWidget => ({
  type: "markdown",
  title: "",
  markdown,
  layout: { x, y, width, height },
});
const overlaps = (items: readonly Placed[]): boolean =>
  items.some(({ layout: a }, at) =>
    items.slice(at + 1).some(({ layout: b }) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height),
  );

describe("the grid", () => {
  const anyLayout = fc.record({
    x: fc.integer({ min: -5, max: 40 }),
    y: fc.integer({ min: -5, max: 60 }),
    width: fc.integer({ min: 0, max: 40 }),
    height: fc.integer({ min: 0, max: 90 }),
  });
  const anyType = fc.constantFrom(...widgetTypes);
  /** Widgets that do not lie on each other, as they come from the server. */
  const board = fc.array(fc.tuple(anyType, anyLayout), { minLength: 1, maxLength: 12 }).map((wanted) => {
    let items: Placed[] = [];
    for (const [type, layout] of wanted) items = place([...items, { type, layout }], items.length, allowed(type, layout));
    return items;
  });

  test("never lets widgets lie on each other or leave the columns, wherever one is dragged", () => {
    fc.assert(
      fc.property(board, fc.nat(11), anyLayout, (items, at, layout) => {
        expect(overlaps(items)).toBe(false);
        const index = at % items.length;
        const type = items[index]?.type ?? "graph";
        const wanted = allowed(type, layout);
        const after = place(items, index, wanted);
        expect(after[index]?.layout).toEqual(wanted);
        expect(overlaps(after)).toBe(false);
        for (const { type: kind, layout: here } of after) {
          expect(here.x >= 0 && here.x + here.width <= gridColumns && here.y >= 0).toBe(true);
          expect(here.width).toBeGreaterThanOrEqual(widgetSizes[kind].least.width);
          expect(here.height).toBeLessThanOrEqual(widgetSizes[kind].most.height);
        }
        // What stays where it was is the very same object: nothing is drawn again for it.
        for (const [i, item] of after.entries()) if (item.layout === items[i]?.layout) expect(item).toBe(items[i]);
      }),
      { numRuns: 500 },
    );
  });

  test("moves down what is in the way, and what that pushes, and nothing else", () => {
    const items = [text(0, 0), text(0, 4), text(12, 0), text(0, 8)];
    expect(place(items, 2, { x: 3, y: 0, width: 6, height: 4 }).map(({ layout }) => layout.y)).toEqual([4, 8, 0, 12]);
    expect(place(items, 2, { x: 18, y: 20, width: 6, height: 4 }).map(({ layout }) => layout.y)).toEqual([0, 4, 20, 8]);
  });

  test("finds the first free place for a new one", () => {
    expect(firstFree([], { width: 8, height: 8 })).toEqual({ x: 0, y: 0, width: 8, height: 8 });
    expect(firstFree([text(0, 0), text(6, 0)], { width: 8, height: 4 })).toMatchObject({ x: 12, y: 0 });
    expect(firstFree([text(0, 0, 24, 4)], { width: 8, height: 4 })).toMatchObject({ x: 0, y: 4 });
    expect(rowsOf([text(0, 3), text(6, 0)])).toBe(7);
    expect(readingOrder([text(6, 2), text(0, 2), text(12, 0)]).map(({ layout }) => layout.x)).toEqual([12, 0, 6]);
  });

  test("moves by arrows and changes the size with Shift, within what the type allows", () => {
    const at: Layout = { x: 0, y: 0, width: 4, height: 2 };
    expect(keyedLayout("markdown", at, "ArrowRight", false)).toEqual({ ...at, x: 1 });
    expect(keyedLayout("markdown", at, "ArrowLeft", false)).toEqual(at);
    expect(keyedLayout("markdown", at, "ArrowDown", true)).toEqual({ ...at, height: 3 });
    expect(keyedLayout("markdown", at, "ArrowLeft", true)).toEqual(at);
    expect(keyedLayout("markdown", { ...at, x: 20 }, "ArrowRight", true)).toEqual({ ...at, x: 20 });
    expect(keyedLayout("markdown", at, "Enter", false)).toBeUndefined();
  });
});

describe("what is being edited", () => {
  test("goes back and forth step by step, and forgets the way forth at a new change", () => {
    const start = draftOf([text(0, 0)]);
    const [first] = start.widgets;
    const added = changed(start, [...start.widgets, { ...text(6, 0), key: nextKey(start) }]);
    expect(changed(added, added.widgets)).toBe(added);
    expect(undone(added).widgets).toEqual([first]);
    expect(redone(undone(added)).widgets).toEqual(added.widgets);
    expect(undone(start)).toBe(start);
    expect(redone(start)).toBe(start);
    const other = changed(undone(added), []);
    expect(other.future).toEqual([]);
    expect(nextKey(undone(added))).toBe(2);
    expect(widgetsOf(added)).toEqual([text(0, 0), text(6, 0)]);
  });
});

describe("a widget's graph", () => {
  const graph = (name: string, ...series: string[]): Graph => ({
    name,
    kind: "custom",
    title: name,
    unit: "float",
    isStacked: false,
    series: series.map((one) => ({ name: one, label: one, isStacked: false })),
  });
  const graphs = [graph("loadavg", "loadavg1", "loadavg5"), graph("custom.nginx.#", "custom.nginx.a.req"), graph("access", "access.2xx")];

  test("is found by every name that files use for it", () => {
    const found = ["loadavg", "loadavg5", "custom.nginx.#", "custom.nginx.*", "custom.nginx.a.req", "access.*", "never"].map(
      (name) => findGraph(graphs, name)?.name,
    );
    expect(found).toEqual(["loadavg", "loadavg", "custom.nginx.#", "custom.nginx.#", "custom.nginx.#", "access", undefined]);
  });

  test("shows the metrics of its list, or all when the list names none", () => {
    const names = (list: readonly string[] | undefined) => withLegend(graphs[0] ?? graph("x"), list).series.map((one) => one.name);
    expect([names(["loadavg5"]), names([]), names(undefined), names(["nope"])]).toEqual([
      ["loadavg5"],
      ["loadavg1", "loadavg5"],
      ["loadavg1", "loadavg5"],
      ["loadavg1", "loadavg5"],
    ]);
    expect(findRoleGraph([], "custom.a.b")).toMatchObject({ name: "custom.a.b", unit: "float" });
  });
});

describe("Markdown", () => {
  test("shows headings, lists, tables, code, quotes, emphasis and links", () => {
    renderUi(
      <Markdown
        source={[
          "# Night **watch**",
          "",
          "Call [the desk](https://desk.example.jp/a_b) or https://x.example.jp, *not* ~~me~~ `code *x*`",
          "second line",
          "",
          "- one",
          "  - inner",
          "- two",
          "",
          "3. three",
          "4. four",
          "",
          "| a | b |",
          "|---|:-:|",
          "| 1 | x\\|y |",
          "",
          "> quoted",
          "",
          "```sh",
          "echo <b>",
          "```",
          "---",
        ].join("\n")}
      />,
    );
    expect(screen.getByRole("heading", { name: "Night watch" }).tagName).toBe("H4");
    expect(screen.getByRole("link", { name: "the desk" }).getAttribute("href")).toBe("https://desk.example.jp/a_b");
    expect(screen.getByRole("link", { name: "https://x.example.jp," }).getAttribute("rel")).toContain("noopener");
    expect(screen.getAllByRole("listitem").map((item) => item.textContent)).toEqual(["oneinner", "inner", "two", "three", "four"]);
    expect(screen.getByRole("cell", { name: "x|y" })).toBeTruthy();
    expect(screen.getByText("echo <b>")).toBeTruthy();
    expect(screen.getByText("code *x*").tagName).toBe("CODE");
    expect(screen.getByText("me").tagName).toBe("DEL");
    expect(screen.getByText("quoted").closest("blockquote")).toBeTruthy();
  });

  test("shows HTML and unsafe addresses as the text that they are", () => {
    const { container } = renderUi(
      <Markdown
        source={
          '<script>alert(1)</script> <img src=x onerror="alert(1)">\n\n[a](javascript:alert(1)) [b](data:text/html,x) [c](//evil.example) ![d](http://t.example/x.png)'
        }
      />,
    );
    expect(container.querySelectorAll("script, img, iframe")).toHaveLength(0);
    expect(screen.getAllByRole("link").map((link) => link.getAttribute("href"))).toEqual(["http://t.example/x.png"]);
    expect(container.textContent).toContain("<script>alert(1)</script>");
    for (const href of ["javascript:x", "JAVASCRIPT:x", " javascript:x", "vbscript:x", "data:x", "//x", "/\\x", "x"])
      expect(isSafeHref(href), href).toBe(false);
  });

  test("reads any text to its end, in time, and loses no word of it", () => {
    const wordsIn = (parts: readonly (Block | Inline)[]): string => JSON.stringify(parts);
    const pieces = fc.constantFrom(
      "*",
      "**",
      "_",
      "~~",
      "`",
      "```\n",
      "[",
      "](",
      ")",
      "> ",
      "- ",
      "1. ",
      "# ",
      "|",
      "|-|\n",
      "\n",
      "  ",
      "word",
      "\\",
      "<b>",
      "https://a.b/c",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string({ maxLength: 6 })), { maxLength: 60 }), (parts) => {
        void wordsIn(parseMarkdown(parts.join("")));
      }),
      { numRuns: 3000 },
    );
    expect(wordsIn(parseMarkdown("*a _b_ **c"))).toContain("**c");
    expect(parseMarkdown("cpu_user_percentage and 2*3*4")).toEqual([
      {
        kind: "paragraph",
        parts: [
          { kind: "text", text: "cpu_user_percentage and 2" },
          { kind: "emphasis", parts: [{ kind: "text", text: "3" }] },
          { kind: "text", text: "4" },
        ],
      },
    ]);
  });

  test.each([
    "> ",
    "- ",
    "*",
    "**",
    "*_",
    "_",
    "__",
    "~~",
    "[",
    "[a](",
    "`",
    "` ",
    "|",
    "# ",
    " ",
    "  \n",
    "\\",
    "https://",
    "-\n",
    "1. a\n",
  ])("takes no time over 60,000 characters of %j", (piece) => {
    const long = piece.repeat(60_000 / piece.length);
    const start = performance.now();
    parseMarkdown(`# ${long}x`);
    parseMarkdown(`a|b\n${long}x`);
    parseMarkdown(`${long}x`);
    expect(performance.now() - start).toBeLessThan(3000);
  });
});

test("the hosts of a role count by their worst alert, and those without one are well", () => {
  const alert = (id: string, status: "WARNING" | "CRITICAL" | "UNKNOWN") => ({ host: { id, name: id }, status });
  const alerts = [
    alert("a", "WARNING"),
    alert("a", "CRITICAL"),
    alert("b", "UNKNOWN"),
    alert("c", "WARNING"),
    { status: "CRITICAL" as const },
  ];
  expect(statesOf(10, alerts)).toEqual({ OK: 7, WARNING: 1, CRITICAL: 1, UNKNOWN: 1 });
  expect(statesOf(0, [])).toEqual({ OK: 0, WARNING: 0, CRITICAL: 0, UNKNOWN: 0 });
});
