import { beforeAll, describe, expect, test } from "vitest";
import type { Locator, Page } from "playwright-core";
import type { ApiClient } from "#test/api-client";
import { until } from "#test/until";
import type { Dashboard } from "#wire/dashboards";
import { toast, withHouse, type Tab } from "./support/house.ts";
import { expectSound } from "./support/look.ts";
import { org, sato, settle, tanaka } from "./support/seed.ts";

const house = withHouse({ agent: false });
let owner: ApiClient;
let key: ApiClient;
let hostId: string;
let made: Dashboard;

const now = (): number => Math.floor(Date.now() / 60_000) * 60;
const at = (x: number, y: number, width: number, height: number): object => ({ x, y, width, height });

const text = `# Night watch

| who | when |
|-----|------|
| Sato | 21:00 |

- call **first**, then write
- [run book](https://wiki.example.jp/run)

<script>document.title = "taken over"</script>`;

/** Every kind of widget, one of them of something that is gone, one that cannot be drawn. */
const widgets = (): object[] => [
  {
    type: "graph",
    title: "Load of the gate",
    graph: { type: "host", hostId, name: "loadavg" },
    layout: at(0, 0, 12, 9),
    referenceLines: [{ label: "too much", value: 2 }],
  },
  {
    type: "graph",
    title: "",
    graph: { type: "role", roleFullname: "shop: web", name: "loadavg5" },
    layout: at(12, 0, 12, 9),
    valueRange: { min: 0, max: 4 },
  },
  {
    type: "value",
    title: "Load now",
    metric: { type: "host", hostId, name: "loadavg1" },
    layout: at(0, 9, 4, 4),
    formatRules: [{ name: "busy", threshold: 1, operator: ">" }],
  },
  { type: "value", title: "", metric: { type: "host", hostId, name: "never.posted" }, layout: at(4, 9, 4, 4) },
  { type: "alertStatus", title: "", roleFullname: "shop:web", layout: at(8, 9, 6, 4) },
  { type: "markdown", title: "Notes", markdown: text, layout: at(14, 9, 10, 10) },
  { type: "graph", title: "Average", graph: { type: "expression", expression: "avg(role(shop:web, loadavg5))" }, layout: at(0, 13, 7, 6) },
  { type: "graph", title: "Gone", graph: { type: "unknown" }, layout: at(7, 13, 7, 6) },
];

beforeAll(async () => {
  ({ owner, key } = await settle(house.url, house.setupUrl));
  ({ id: hostId } = await key.get<{ id: string }>("POST", "/api/v0/hosts", {
    name: "gate-01.example.jp",
    meta: {},
    roleFullnames: ["shop:web"],
  }));
  const points = Array.from({ length: 60 }, (_, minute) =>
    ["loadavg1", "loadavg5", "loadavg15"].map((name, nth) => ({
      hostId,
      name,
      time: now() - minute * 60,
      value: 1.5 + Math.sin(minute / 9 + nth),
    })),
  );
  await key.get("POST", "/api/v0/tsdb", points.flat());
  made = await key.get<Dashboard>("POST", "/api/v0/dashboards", {
    title: "Wall",
    memo: "Shown in the office.",
    urlPath: "wall",
    widgets: widgets(),
  });
  const annotation = { service: "shop", title: "Release 42", description: "With the new cart", from: now() - 1800, to: now() - 1200 };
  await key.get("POST", "/api/v0/graph-annotations", annotation);
});

const open = async (visitor: Parameters<typeof house.enter>[0], path: string): Promise<Tab> => {
  const tab = await house.enter({ as: sato, ...visitor });
  await tab.page.goto(`${house.url}/o/${org}${path}`);
  return tab;
};

const stored = (): Promise<Dashboard> => owner.get<Dashboard>("GET", `/api/v1/orgs/${org}/dashboards/${made.id}`);

describe("a dashboard", () => {
  test.each([
    { language: "en", scheme: "light", width: 1440 },
    { language: "ja", scheme: "dark", width: 1440 },
    { language: "ja", scheme: "light", width: 390 },
  ] as const)("is sound in $language, $scheme, $width px wide", async (visitor) => {
    const as = visitor.language === "ja" ? tanaka : sato;
    const list = await open({ ...visitor, as }, "/dashboards");
    await expectSound(list, {
      title: `${visitor.language === "ja" ? "ダッシュボード" : "Dashboards"} - Hinoban`,
      language: visitor.language,
    });
    await list.page.getByRole("link", { name: "Wall" }).click();
    await expectSound(list, { title: "Wall - Hinoban", language: visitor.language });
    expect(await list.page.getByRole("link", { name: "run book" }).getAttribute("href")).toBe("https://wiki.example.jp/run");
    expect(await list.page.getByText("<script>").count()).toBe(1);
    await list.context.close();
  });

  test("is edited by mouse and by keyboard, step by step and back, and saved as a whole", async () => {
    const tab = await open({}, `/dashboards/${made.id}`);
    const { page } = tab;
    await page.getByRole("button", { name: "Edit", exact: true }).click();
    const notes = page.getByRole("group", { name: "Notes" });
    // Not where it is on the screen, which scrolls, but which row it begins in.
    const row = (element: Locator): Promise<number> => element.evaluate((cell) => Number(cell.style.gridRow.split(" ")[0]) - 1);
    const before = await row(notes);
    expect(before).toBe(9);

    await page.getByRole("button", { name: "Move Notes", exact: true }).focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Shift+ArrowLeft");
    await until("the text moved", 5000, async () => (await row(notes)) === before + 1);
    await page.getByText("Column 15, row 11, 9 wide, 10 high").waitFor({ state: "attached" });
    await page.keyboard.press("Control+z");
    await page.keyboard.press("Control+z");
    await until("it is back", 5000, async () => (await row(notes)) === before);

    // Over the role's graph, which makes room.
    await dragTo(page, notes, { dx: 0, dy: -900 });
    const roleGraph = page.getByRole("group", { name: "loadavg5" });
    await until("it stands at the top", 5000, async () => (await row(notes)) === 0);
    expect(await row(roleGraph)).toBe(10);
    await page.getByRole("button", { name: "Remove Gone" }).click();
    await page.getByRole("button", { name: "Save" }).click();
    await toast(page, "Saved").waitFor();

    const saved = await stored();
    expect(saved.widgets).toHaveLength(made.widgets.length - 1);
    expect(saved.widgets.find((widget) => widget.type === "markdown")?.layout).toEqual({ x: 14, y: 0, width: 10, height: 10 });
    expect(tab.complaints).toEqual([]);
    await tab.context.close();
  });

  test("gets a widget by a form, and is not overwritten by whoever saw an older one", async () => {
    const tab = await open({}, `/dashboards/${made.id}`);
    const { page } = tab;
    await page.getByRole("button", { name: "Edit", exact: true }).click();
    await page.getByRole("button", { name: "Add widget" }).first().click();
    await page.getByRole("menuitem", { name: "Graph" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Add widget" }).click();
    expect(await dialog.getByText("Choose one.").count()).toBe(2);
    await dialog.getByRole("combobox", { name: "Host" }).fill("gate");
    await page.getByRole("option", { name: "gate-01.example.jp" }).click();
    await dialog.getByRole("combobox", { name: "Graph" }).click();
    await page.getByRole("option", { name: "Load average" }).click();
    await dialog.getByRole("textbox", { name: "Title" }).fill("By form");
    await dialog.getByRole("button", { name: "Add widget" }).click();
    await page.getByRole("group", { name: "By form" }).waitFor();

    const seen = await stored();
    await owner.get("PUT", `/api/v1/orgs/${org}/dashboards/${made.id}`, {
      title: "Wall",
      urlPath: "wall",
      widgets: seen.widgets,
      memo: "theirs",
    });
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Somebody else changed this dashboard while you edited it.").waitFor();
    expect((await stored()).memo).toBe("theirs");
    await page.getByRole("button", { name: "Save mine over theirs" }).click();
    await toast(page, "Saved").waitFor();
    expect((await stored()).widgets.at(-1)).toMatchObject({ title: "By form", graph: { type: "host", hostId, name: "loadavg" } });
    await tab.context.close();
  });

  test("asks before what was edited is left, and is renamed and deleted from its menu", async () => {
    const tab = await open({}, `/dashboards/${made.id}`);
    const { page } = tab;
    await page.getByRole("button", { name: "Edit", exact: true }).click();
    await page.getByRole("button", { name: "Remove Average" }).click();
    await page.getByRole("link", { name: "Hosts" }).click();
    await page.getByRole("dialog", { name: "Leave without saving?" }).getByRole("button", { name: "Cancel" }).click();
    expect(page.url()).toContain(`/dashboards/${made.id}`);
    await page.getByRole("button", { name: "Discard" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Discard" }).click();

    await page.getByRole("button", { name: "Actions for Wall" }).click();
    await page.getByRole("menuitem", { name: "Title and path" }).click();
    await page.getByRole("textbox", { name: "Title" }).fill("Renamed");
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: "Renamed" }).waitFor();
    await page.getByRole("button", { name: "Actions for Renamed" }).click();
    await page.getByRole("menuitem", { name: "Delete dashboard" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete dashboard" }).click();
    await page.getByRole("heading", { name: "There is no dashboard yet" }).waitFor();
    expect(tab.complaints).toEqual([]);
    await tab.context.close();
  });
});

test("annotations are read in a service's graphs, and noted and deleted below them", async () => {
  await key.get("POST", "/api/v0/services/shop/tsdb", [{ name: "orders.paid", time: now() - 60, value: 3 }]);
  const tab = await open({}, "/services/shop");
  const { page } = tab;
  await page.getByText("Release 42").waitFor();
  await expectSound(tab, { title: "shop - Hinoban", language: "en" });
  await page.getByRole("button", { name: "Add annotation" }).click();
  await page.getByRole("textbox", { name: "What happened" }).fill("Moved to rack 14");
  await page.getByRole("dialog").getByRole("button", { name: "Add annotation" }).click();
  await page.getByText("Moved to rack 14").waitFor();
  await page.getByRole("button", { name: "Delete “Moved to rack 14”" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await until("it is gone", 10_000, async () => (await page.getByText("Moved to rack 14").count()) === 0);
  await page.goto(`${house.url}/o/${org}/services/shop/roles/web`);
  await page.getByText("Release 42").waitFor();
  expect(tab.complaints).toEqual([]);
  await tab.context.close();
});

async function boxOf(element: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await element.boundingBox();
  if (!box) throw new Error("it is not on the screen");
  return box;
}

/** Drags something by its middle. */
async function dragTo(page: Page, element: Locator, { dx, dy }: { readonly dx: number; readonly dy: number }): Promise<void> {
  await element.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await boxOf(element);
  const [startX, startY] = [x + width / 2, y + height / 2];
  await page.mouse.move(startX, startY);
  await page.mouse.down();
  await page.mouse.move(startX + dx / 2, startY + dy / 2, { steps: 4 });
  await page.mouse.move(startX + dx, startY + dy, { steps: 4 });
  await page.mouse.up();
}
