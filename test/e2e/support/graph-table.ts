import type { Locator, Page } from "playwright-core";

/** A row of a graph's table: the time (or the series), and its values as they stand there. */
export interface GraphRow {
  readonly heading: string;
  readonly values: readonly string[];
}

export interface GraphWords {
  /** What the button's name holds besides the graph's title. */
  readonly options: string;
  readonly asTable: string;
}

/** The card of a graph. */
export const graphCard = (page: Page, title: string): Locator => page.getByRole("region", { name: title, exact: true }).first();

/** Turns a graph into its table and gives the table. */
export async function openGraphTable(page: Page, title: string, words: GraphWords): Promise<Locator> {
  const card = graphCard(page, title);
  // Its points are asked for when it is first on the screen.
  await card.scrollIntoViewIfNeeded({ timeout: 60_000 });
  await card.getByRole("button", { name: words.options }).click();
  await page.getByRole("menuitem", { name: words.asTable }).click();
  const table = card.getByRole("table", { name: title });
  await table.waitFor();
  return table;
}

/** What the table holds, newest first. */
export async function rowsOf(table: Locator): Promise<GraphRow[]> {
  const rows = await table.locator("tbody tr").all();
  return Promise.all(
    rows.map(async (row) => ({
      heading: await row.getByRole("rowheader").innerText(),
      values: await row.getByRole("cell").allInnerTexts(),
    })),
  );
}
