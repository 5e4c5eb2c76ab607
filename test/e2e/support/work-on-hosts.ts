import type { Locator, Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import type { ApiClient } from "#test/api-client";
import { until } from "#test/until";
import { graphCard } from "./graph-table.ts";
import { toast, type House } from "./house.ts";
import { pressUntil } from "./keyboard.ts";
import { furnish, org, sato, type SeededHost } from "./seed.ts";

/** Rows of the host list. */
const rows = (page: Page): Locator => page.locator("tbody tr");
const minuteOf = (at: number): number => Math.floor(at / 60_000);
const pressed = (page: Page, name: RegExp): Locator => page.getByRole("button", { name, pressed: true });

async function countRows(page: Page, count: number): Promise<void> {
  await until(`${count} rows`, 20_000, async () => (await rows(page).count()) === count);
}

/** What is done to hosts: bulk acts, filters, time ranges, retiring, and the graphs of a role. */
export function workOnHosts(house: House, get: () => { readonly owner: ApiClient; readonly key: ApiClient }): void {
  let hosts: readonly SeededHost[];
  let registeredAt: number;
  const hostId = (name: string): string => hosts.find((host) => host.name.startsWith(name))?.id ?? "";
  beforeAll(async () => {
    const { owner, key } = get();
    hosts = await furnish(owner, key, { minutesBack: 30, minutesAhead: 8, step: 1 });
    registeredAt = Date.now();
  });

  test("many hosts change their status at once by keyboard alone, and back", async () => {
    const { page, complaints } = await house.enter({ as: sato });
    await page.goto(`${house.url}/o/${org}/hosts`);
    await countRows(page, 50);
    await page.keyboard.press("/");
    await page.keyboard.type("proxy-");
    await countRows(page, 6);
    await pressUntil(page, "Tab", page.getByRole("checkbox", { name: "Select all rows of this page" }));
    await page.keyboard.press("Space");
    await page.getByRole("region", { name: "6 selected" }).waitFor();
    await pressUntil(page, "Shift+Tab", page.getByRole("button", { name: "Change status" }));
    await page.keyboard.press("Enter");
    await page.getByRole("menu").waitFor();
    await pressUntil(page, "ArrowDown", page.getByRole("menuitem", { name: "Maintenance" }));
    await page.keyboard.press("Enter");
    await toast(page, "6 hosts changed").waitFor();
    await until("all six are in maintenance", 20_000, async () => (await rows(page).filter({ hasText: "Maintenance" }).count()) === 6);

    await page.getByRole("button", { name: "Undo" }).focus();
    await page.keyboard.press("Enter");
    await until("all six work again", 20_000, async () => (await rows(page).filter({ hasText: "Working" }).count()) === 6);
    expect(complaints).toEqual([]);
  });

  test("search, role and status are part of the address and survive a reload", async () => {
    const { page } = await house.enter({ as: sato });
    await page.goto(`${house.url}/o/${org}/hosts`);
    await countRows(page, 50);
    await page.getByRole("combobox", { name: "Service or role" }).click();
    await page.getByRole("option", { name: "shop: app" }).click();
    await countRows(page, 7);
    await page
      .getByRole("group", { name: "Status" })
      .getByRole("button", { name: /^Standby/u })
      .click();
    await countRows(page, 1);
    await page.getByRole("searchbox").fill("app-0");
    await page.waitForURL((url) => url.searchParams.get("text") === "app-0");
    const { search } = new URL(page.url());
    expect(Object.fromEntries(new URLSearchParams(search))).toEqual({ service: "shop", role: "app", status: "standby", text: "app-0" });

    await page.reload();
    await countRows(page, 1);
    expect(new URL(page.url()).search).toBe(search);
    expect(await page.getByRole("searchbox").inputValue()).toBe("app-0");
    expect(await page.getByRole("combobox", { name: "Service or role" }).inputValue()).toBe("shop: app");
    await pressed(page, /^Standby/u).waitFor();
    await page.goBack();
    await pressed(page, /^All/u).waitFor();
    await countRows(page, 7);
  });

  test("a span dragged on a graph becomes the page's time range, and Back undoes it", async () => {
    const { page, complaints } = await house.enter({ as: sato });
    await page.goto(`${house.url}/o/${org}/hosts/${hostId("web-01")}`);
    const canvas = graphCard(page, "CPU").getByRole("slider", { name: "CPU: cursor" });
    await canvas.waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    const box = await canvas.boundingBox();
    if (!box) throw new Error("the graph has no place on the screen");
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width * 0.5, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, y, { steps: 4 });
    await page.mouse.move(box.x + box.width * 0.8, y, { steps: 4 });
    await page.mouse.up();

    await page.waitForURL((url) => url.searchParams.has("from"));
    const { searchParams } = new URL(page.url());
    const [from, to] = [Number(searchParams.get("from")), Number(searchParams.get("to"))];
    expect(to - from).toBeGreaterThanOrEqual(600);
    expect(to - from).toBeLessThan(2400);
    expect(Date.now() / 1000 - to, "it lies in the hour that was shown").toBeLessThan(3600);
    await page.getByRole("button", { name: "Back to live" }).waitFor();

    await page.goBack();
    await page.getByText("Live", { exact: true }).waitFor();
    expect(new URL(page.url()).search).toBe("");
    expect(complaints).toEqual([]);
  });

  test("retiring asks for a typed word, and the retired host stays readable", async () => {
    // Points stand at full minutes: let the host have served one.
    await until("a new minute has begun since the host was registered", 90_000, () => minuteOf(Date.now()) > minuteOf(registeredAt));
    const { page } = await house.enter({ as: sato });
    await page.goto(`${house.url}/o/${org}/hosts?text=dns-03`);
    await page.getByRole("checkbox", { name: "Select dns-03.example.jp", exact: true }).click();
    await page.getByRole("button", { name: "Retire", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Retire 1 host?" });
    const confirm = dialog.getByRole("button", { name: "Retire 1 host" });
    expect(await confirm.isDisabled()).toBe(true);
    await dialog.getByLabel("Type “retire” to confirm").fill("retir");
    expect(await confirm.isDisabled()).toBe(true);
    await page.keyboard.type("e");
    await page.keyboard.press("Enter");
    await toast(page, "1 host changed").waitFor();

    await page.getByText("No host matches").waitFor();
    await page.goto(`${house.url}/o/${org}/hosts/${hostId("dns-03")}`);
    await page.getByRole("heading", { level: 1, name: "dns-03.example.jp" }).waitFor();
    await page.getByText("Retired", { exact: true }).waitFor();
    await graphCard(page, "CPU").getByRole("slider").waitFor();
    expect(await page.getByRole("button", { name: "Change status" }).count(), "nothing can be done to it").toBe(0);
  });

  test("a role's graph stacks its hosts, the retired one for the time it served", async () => {
    const { page, complaints } = await house.enter({ as: sato });
    const from = Math.floor(registeredAt / 1000);
    await page.goto(`${house.url}/o/${org}/services/campus-network/roles/dns?from=${from}&to=${from + 480}`);
    const card = page.getByRole("region", { name: /^CPU/u }).first();
    const legend = card.getByRole("list");
    await legend.waitFor();
    const names = (await legend.getByRole("button").allInnerTexts()).map((text) => text.split("\n")[0]);
    expect(names).toEqual(["dns-01.example.jp", "dns-02.example.jp", "dns-03.example.jp (retired)"]);

    expect(await page.getByRole("switch", { name: "Show every host" }).count(), "three hosts are all shown anyway").toBe(0);
    const members = page.getByRole("region", { name: "Hosts of this role" });
    const retired = members.getByRole("row").filter({ hasText: "dns-03.example.jp" });
    await retired.getByText("Retired").waitFor();
    expect(await members.locator("tbody tr").count()).toBe(3);
    expect(complaints).toEqual([]);
  });
}
