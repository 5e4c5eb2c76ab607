import { expect } from "vitest";
import type { Page } from "playwright-core";
import { axeFindings } from "#test/browser";
import { until } from "#test/until";
import type { Tab } from "./house.ts";

const stillLoading = ["Loading…", "読み込み中…"].map((text) => `[aria-label="${text}"]`).join(",");

/** Waits until everything that was on its way has come and nothing moves any more. */
export async function settled(page: Page): Promise<void> {
  const waiting = page.locator(stillLoading);
  await until("the page has loaded", 60_000, async () => {
    if ((await waiting.count()) === 0) return true;
    // A graph asks for its points when it is first on the screen. That it may be gone already is what we wait for.
    await waiting
      .first()
      .scrollIntoViewIfNeeded({ timeout: 1000 })
      .catch(() => undefined);
    return false;
  });
  await page.evaluate("window.scrollTo(0, 0)");
  // What fades in has, half way, colours that nobody reads.
  await until("nothing moves", 10_000, () => page.evaluate("document.getAnimations().every((one) => one.playState !== 'running')"));
}

export interface Looks {
  readonly title: string;
  readonly language: "en" | "ja";
}

/** Everything that must hold for every page: title, language, nothing for axe to find, nothing cut off, nothing to complain about. */
export async function expectSound({ page, complaints }: Tab, { title, language }: Looks): Promise<void> {
  // In front of it may stand how many incidents nobody has.
  await until(`the title is ${title}`, 20_000, async () => (await page.title()).replace(/^\(\d+\) /u, "") === title);
  await settled(page);
  expect(await page.evaluate("document.documentElement.lang")).toBe(language);
  const [needed, there] = await page.evaluate<[number, number]>("[document.scrollingElement.scrollWidth, window.innerWidth]");
  expect(needed, "nothing stands beyond the right edge").toBeLessThanOrEqual(there);
  expect(await axeFindings(page)).toEqual([]);
  expect(complaints).toEqual([]);
}
