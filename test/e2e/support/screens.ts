import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, test } from "vitest";
import type { Visitor } from "#test/browser";
import type { House, Session } from "./house.ts";
import { expectSound } from "./look.ts";
import { Windows } from "./windows.ts";

/** Both languages in both schemes and at both widths: for the first screens that anybody sees, and for pieces that stand on all of them. */
export const visitors: readonly Visitor[] = [
  { language: "en", scheme: "light", width: 1440 },
  { language: "ja", scheme: "dark", width: 1440 },
  { language: "ja", scheme: "light", width: 390 },
  { language: "en", scheme: "dark", width: 390 },
];

export type Words = Readonly<Record<Visitor["language"], string>>;

export interface Screen {
  readonly name: string;
  /** Below the address of the console. */
  readonly path: () => string;
  readonly title: Words;
  /** What else is done before the page is judged: a dialog opened, a tab chosen. */
  readonly open?: (page: Page, say: (words: Words) => string) => Promise<unknown>;
}

/** Each language, scheme and width once, in half the time. */
export const twoVisitors: readonly Visitor[] = [
  { language: "ja", scheme: "dark", width: 390 },
  { language: "en", scheme: "light", width: 1440 },
];

/** A text in both languages. */
export const say = (en: string, ja: string): Words => ({ en, ja });
export const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
/** Waits until a dialog stands open. */
export const dialog = (page: Page) => page.getByRole("dialog").waitFor();

/** Where a picture of every screen goes, for people who want to see them all. */
const pictureFolder = process.env["HINOBAN_PICTURES"];

/** Looks at every screen as one visitor. */
export function lookAt(screens: readonly Screen[], visitor: Visitor, house: House, session: () => Session | undefined): void {
  const windows = new Windows(() => house.enter({ ...visitor, session: session() }));
  afterAll(() => windows.close());
  test.concurrent.each(screens)("$name", async ({ name, path, title, open }) => {
    await windows.use(async (tab) => {
      await tab.page.goto(`${house.url}${path()}`);
      await open?.(tab.page, (words) => words[visitor.language]);
      await expectSound(tab, { title: `${title[visitor.language]} - Hinoban`, language: visitor.language });
      if (pictureFolder) await tab.page.screenshot({ path: join(pictureFolder, `${name} ${Object.values(visitor).join(" ")}.png`) });
    });
  });
}
