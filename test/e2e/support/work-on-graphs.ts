import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ApiClient } from "#test/api-client";
import { until } from "#test/until";
import { graphCard } from "./graph-table.ts";
import { toast, type House } from "./house.ts";
import { pressUntil } from "./keyboard.ts";
import { org, sato } from "./seed.ts";

/** A web page of somebody else, at an address of its own, with whatever markup it is given. */
async function openForeignSite(): Promise<{ readonly server: Server; readonly url: string; markup: string }> {
  const site = { markup: "" };
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(`<!doctype html><title>Wiki</title><h1>Wiki</h1>${site.markup}`);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  // Another name of this machine, so that it is another site and not only another port.
  return Object.assign(site, { server, url: `http://localhost:${(server.address() as AddressInfo).port}/` });
}

/** The text that a copy field holds. */
const fieldOf = (page: Page, label: string): Promise<string> => page.getByRole("textbox", { name: label, exact: true }).inputValue();

/** What is done with single graphs: opened large, shared, shown elsewhere, withdrawn. */
export function workOnGraphs(house: House, get: () => { readonly key: ApiClient }): void {
  let site: Awaited<ReturnType<typeof openForeignSite>>;
  let hostId: string;
  beforeAll(async () => {
    site = await openForeignSite();
    const { key } = get();
    ({ id: hostId } = await key.get<{ id: string }>("POST", "/api/v0/hosts", { name: "shown-01.example.jp", meta: {} }));
    const now = Math.floor(Date.now() / 60_000) * 60;
    const points = Array.from({ length: 30 }, (_, back) => ({ hostId, name: "loadavg5", time: now - back * 60, value: 1.5 }));
    await key.get("POST", "/api/v0/tsdb", points);
  });
  afterAll(() => void site.server.close());

  test("a graph is opened large and shared by keyboard, seen on somebody else's page without a login, and withdrawn", async () => {
    const { page, complaints } = await house.enter({ as: sato });
    await page.goto(`${house.url}/o/${org}/hosts/${hostId}`);
    const card = graphCard(page, "Load average");
    await card.getByRole("slider").waitFor();
    await pressUntil(page, "Tab", card.getByRole("button", { name: "Options of Load average" }));
    await page.keyboard.press("Enter");
    await pressUntil(page, "ArrowDown", page.getByRole("menuitem", { name: "Open full size" }));
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.pathname === `/o/${org}/graph`);
    await page.getByRole("heading", { level: 1, name: "Load average" }).waitFor();
    await page.reload();
    await graphCard(page, "Load average").getByRole("slider").waitFor();

    await page.getByRole("button", { name: "Options of Load average" }).focus();
    await page.keyboard.press("Enter");
    await pressUntil(page, "ArrowDown", page.getByRole("menuitem", { name: "Share…" }));
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Share the graph Load average" });
    await dialog.getByLabel("Label").fill("For the boss");
    await dialog.getByLabel("Time shown").selectOption({ label: "Last 1 h" });
    await dialog.getByLabel("Width (px)").fill("500");
    await page.keyboard.press("Enter");
    await page.getByRole("img", { name: "Preview: For the boss" }).waitFor();
    const address = await fieldOf(page, "Link");
    expect(address).toMatch(new RegExp(`^${house.url}/embed/public/embed/[0-9a-f]{64}$`, "u"));
    expect(await fieldOf(page, "Markdown")).toBe(`[![For the boss](${address}.png)](${address})`);
    site.markup = `${await fieldOf(page, "HTML for a page")}<img src="${address}.png?width=640" alt="picture">`;
    expect(complaints).toEqual([]);

    const stranger = await house.enter();
    await stranger.page.goto(site.url);
    const drawing = stranger.page.frameLocator("iframe").getByRole("img");
    await drawing.waitFor();
    expect(await drawing.getAttribute("aria-label")).toBe("Load average shown-01.example.jp");
    expect(await drawing.locator("text").allTextContents()).toContain("loadavg5");
    const width = (): Promise<number> => stranger.page.evaluate("document.querySelector('img').naturalWidth");
    await until("the picture is drawn", 20_000, async () => (await width()) === 640);
    expect(await stranger.context.cookies(), "nothing is left in the stranger's browser").toEqual([]);
    expect(stranger.complaints).toEqual([]);

    await page.goto(`${house.url}/o/${org}/shares`);
    await page.getByRole("button", { name: "Revoke For the boss" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    await toast(page, "For the boss was revoked").waitFor();
    await stranger.page.reload();
    await stranger.page.frameLocator("iframe").getByText("This graph is not shared, or not any more.").waitFor();
  });
}
