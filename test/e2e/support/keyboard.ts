import type { Locator, Page } from "playwright-core";

const mostKeys = 60;

const hasFocus = (target: Locator): Promise<boolean> => target.evaluate((element) => element === element.ownerDocument.activeElement);

/** Presses a key until the focus is where it should be, as somebody without a mouse does. @throws when the keyboard does not lead there */
export async function pressUntil(page: Page, key: "Tab" | "Shift+Tab" | "ArrowDown", target: Locator): Promise<void> {
  for (let count = 0; count < mostKeys; count += 1) {
    if (await hasFocus(target)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${key} does not lead to ${target.toString()}`);
}
