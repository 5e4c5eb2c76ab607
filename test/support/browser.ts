import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

// The network of a test machine is closed: nothing may phone home at start.
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Debian's Chromium, headless. */
export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath: "/usr/bin/chromium", args: flags });

export interface Visitor {
  readonly language: "en" | "ja";
  readonly scheme: "light" | "dark";
  readonly width: number;
}

/** A window of somebody with this language, colour scheme and width in pixels. */
export const visit = (browser: Browser, { language, scheme, width }: Visitor): Promise<BrowserContext> =>
  browser.newContext({
    locale: language === "ja" ? "ja-JP" : "en-GB",
    colorScheme: scheme,
    viewport: { width, height: width < 600 ? 844 : 900 },
    timezoneId: "Asia/Tokyo",
    reducedMotion: "reduce",
  });

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface AxeFinding {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary?: string }[];
}

/** What axe finds on the page: one line per rule and element. An accessible page gives an empty list. */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const found = await page.evaluate<AxeFinding[]>(
    "axe.run(document, { resultTypes: ['violations'], preload: false }).then((r) => r.violations)",
  );
  return found.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(" ")} (${node.failureSummary?.split("\n")[1]?.trim() ?? ""})`),
  );
}
