import { hostname } from "node:os";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { ownerAccount } from "#test/api-client";
import { until } from "#test/until";
import { openGraphTable, rowsOf, type GraphRow } from "./support/graph-table.ts";
import { withHouse } from "./support/house.ts";
import { pressUntil } from "./support/keyboard.ts";

const twoMinutes = 120_000;

/** The numbers of a graph are there and none of them is nonsense. */
function expectNumbers(rows: readonly GraphRow[], graph: string): void {
  const numbers = rows.flatMap((row) => row.values).filter((text) => /^-?\d/u.test(text));
  expect(numbers, `${graph} holds numbers`).not.toHaveLength(0);
}

describe("the first run", () => {
  const house = withHouse({ agent: true });

  test("a newcomer sets up by keyboard and sees moving graphs of this machine within two minutes", async () => {
    const { page, complaints } = await house.enter();
    await page.goto(house.setupUrl);
    await page.getByRole("heading", { level: 1, name: "Set up Hinoban" }).waitFor();

    await pressUntil(page, "Tab", page.getByLabel("Name of the organisation"));
    await page.keyboard.type("Example University");
    await page.keyboard.press("Tab");
    expect(await page.getByLabel("Name in addresses").inputValue()).toBe("example-university");
    await pressUntil(page, "Tab", page.getByLabel("Your name"));
    await page.keyboard.type(ownerAccount.name);
    await pressUntil(page, "Tab", page.getByLabel("E-mail address"));
    await page.keyboard.type(ownerAccount.email);
    await pressUntil(page, "Tab", page.getByRole("textbox", { name: "Password" }));
    await page.keyboard.type(ownerAccount.password);
    await page.keyboard.press("Enter");

    await page.waitForURL("**/o/example-university/hosts");
    const host = page.getByRole("link", { name: hostname(), exact: true });
    await host.waitFor({ timeout: 60_000 });
    await host.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: hostname() }).waitFor();
    await page.evaluate("window.notReloaded = true");

    for (const graph of ["Load average", "CPU", "Memory", "File systems", "Network traffic"]) {
      const table = await openGraphTable(page, graph, { options: "Options of", asTable: "Show as table" });
      await until(`${graph} has a point`, 60_000, async () => (await rowsOf(table)).length > 0);
      expectNumbers(await rowsOf(table), graph);
    }

    const load = page.getByRole("table", { name: "Load average" });
    const before = (await rowsOf(load))[0];
    await until("a new point arrives by itself", twoMinutes, async () => (await rowsOf(load))[0]?.heading !== before?.heading);
    expect(house.age()).toBeLessThan(twoMinutes);
    expectNumbers((await rowsOf(load)).slice(0, 1), "the new point");
    expect(await page.evaluate("window.notReloaded"), "it was the same page all the time").toBe(true);
    expect(complaints).toEqual([]);
  });

  test("the same in Japanese: every text that the newcomer meets is Japanese", async () => {
    const { page, complaints } = await house.enter({ language: "ja" });
    await page.goto(`${house.url}/login`);
    await page.getByRole("heading", { level: 1, name: "ログイン" }).waitFor();
    // The account speaks English; what is chosen in this browser wins over it.
    await page.getByRole("button", { name: "言語: 日本語" }).click();
    await page.getByRole("menuitem", { name: "日本語" }).click();
    await page.getByLabel("メールアドレス").fill(ownerAccount.email);
    await page.getByRole("textbox", { name: "パスワード" }).fill(ownerAccount.password);
    await page.keyboard.press("Enter");

    await page.waitForURL("**/o/example-university/hosts");
    await page.getByRole("heading", { level: 1, name: "ホスト" }).waitFor();
    for (const header of ["ホスト名", "ステータス", "ロール", "メモリ", "最終受信"]) {
      await page.getByRole("columnheader", { name: header }).waitFor();
    }
    expect(await foreignTexts(page), "no English text is left").toEqual([]);
    await page.getByRole("link", { name: hostname(), exact: true }).click();
    for (const graph of ["ロードアベレージ", "CPU", "メモリ", "ファイルシステム", "ネットワークトラフィック"]) {
      const table = await openGraphTable(page, graph, { options: "のオプション", asTable: "表で表示" });
      expectNumbers(await rowsOf(table), graph);
    }
    expect(await page.title()).toBe(`${hostname()} - Hinoban`);
    expect(await page.evaluate("document.documentElement.lang")).toBe("ja");
    expect(await foreignTexts(page), "no English text is left").toEqual([]);
    expect(complaints).toEqual([]);
  });
});

/** Texts on the screen that hold a word but nothing Japanese. Names of products, and what agents call metrics and devices, are Latin anyway. */
async function foreignTexts(page: Page): Promise<string[]> {
  const texts = await page.evaluate<string[]>(`[...document.querySelectorAll("body *")]
    .filter((one) => one.closest("table, ul[aria-label$='凡例'], script, style") === null && one.checkVisibility())
    .flatMap((one) => [...one.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data.trim()))`);
  const names = [hostname(), "Hinoban", "Example University", "CPU", "Zabbix"];
  return texts.filter((text) => /[A-Za-z]{3}/u.test(text) && !/[\u3040-\u30ff\u4e00-\u9fff]/u.test(text) && !names.includes(text));
}
