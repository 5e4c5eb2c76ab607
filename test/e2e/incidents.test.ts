import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Visitor } from "#test/browser";
import type { Act } from "#wire/acts";
import { withHouse, type Session, type Tab } from "./support/house.ts";
import { expectSound } from "./support/look.ts";
import { twoVisitors } from "./support/screens.ts";
import { emptyOrg, furnish, org, sato, settle, tanaka } from "./support/seed.ts";
import { makeTrouble, troubleTitle, type Trouble } from "./support/trouble.ts";
import { Windows } from "./support/windows.ts";

/** Where a picture of every screen goes, for people who want to see them all. */
const pictureFolder = process.env["HINOBAN_PICTURES"];

const house = withHouse({ agent: false });
const sessions = new Map<Visitor["language"], Session>();
let trouble: Trouble;
let host = "";

beforeAll(async () => {
  const { owner, key } = await settle(house.url, house.setupUrl);
  const hosts = await furnish(owner, key, { minutesBack: 60, minutesAhead: 0, step: 2 });
  const [first, second] = hosts;
  if (!first || !second) throw new Error("there are no hosts");
  host = first.id;
  await owner.get("PUT", `/api/v1/orgs/${org}/hosts/${host}/dependencies`, { dependsOn: [second.id] });
  trouble = await makeTrouble(owner, key, first);
  sessions.set("en", await house.sessionOf(sato));
  sessions.set("ja", await house.sessionOf(tanaka));
});

interface Screen {
  readonly name: string;
  readonly path: () => string;
  readonly title: readonly [en: string, ja: string];
  readonly isGuest?: boolean;
  readonly before?: (tab: Tab) => Promise<unknown>;
  readonly open?: (page: Page, say: (en: string, ja: string) => string) => Promise<unknown>;
}

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const dialog = (page: Page) => page.getByRole("dialog").waitFor();

/** A link of a mail as the server tells of it. */
const act = (language: "en" | "ja", change: Partial<Act> = {}): Act => ({
  action: "take",
  standing: "ready",
  person: { name: language === "ja" ? "田中 一郎" : "Sato Hanako", language, timeZone: "Asia/Tokyo" },
  organisation: { name: org, displayName: "Example University" },
  incident: {
    id: "9rxGOHfVF8F",
    number: 12,
    title: "web-01.example.jp: Load of the front",
    severity: "critical",
    state: "open",
    openedAt: 1_795_300_000_000,
    alerts: [{ name: "Load of the front", message: "loadavg5 7.25 > 6", host: "web-01.example.jp", isOpen: true }],
    alertCount: 3,
  },
  expiresAt: 1_795_900_000_000,
  ...change,
});

const withLink = (change: Partial<Act>, language: "en" | "ja") => (tab: Tab) =>
  tab.page.route("**/api/v1/acts/*", (route) => route.fulfill({ json: act(language, change) }));

const someone = { responderName: "Mori", takenAt: 1_795_301_000_000, state: "taken" } as const;

function screens(language: "en" | "ja"): readonly Screen[] {
  const at = `/o/${org}`;
  const incidents = ["Incidents", "インシデント"] as const;
  return [
    { name: "incidents", path: () => `${at}/incidents`, title: incidents },
    { name: "incidents that are resolved", path: () => `${at}/incidents?tab=resolved`, title: incidents },
    { name: "no incident", path: () => `/o/${emptyOrg}/incidents`, title: incidents },
    {
      name: "opening an incident",
      path: () => `${at}/incidents`,
      title: incidents,
      open: async (page, say) => {
        await button(page, say("Open an incident", "インシデントを作成")).click();
        await dialog(page);
      },
    },
    {
      name: "incident",
      path: () => `${at}/incidents/${trouble.open}`,
      title: [troubleTitle, troubleTitle],
    },
    {
      name: "incident that somebody has",
      path: () => `${at}/incidents/${trouble.taken}`,
      title: ["VPN of the campus drops every few minutes", "VPN of the campus drops every few minutes"],
    },
    {
      name: "incident that is over",
      path: () => `${at}/incidents/${trouble.resolved}`,
      title: ["予備電源に切り替わりました", "予備電源に切り替わりました"],
    },
    ...(["Snooze", "Resolve", "Pass on", "Cannot"] as const).map((name): Screen => ({
      name: `incident, ${name}`,
      path: () => `${at}/incidents/${trouble.open}`,
      title: [troubleTitle, troubleTitle],
      open: async (page, say) => {
        const names = { Snooze: "スヌーズ", Resolve: "解決", "Pass on": "引き継ぐ", Cannot: "対応できない" };
        await button(page, say(name, names[name])).click();
        await dialog(page);
      },
    })),
    { name: "alerts", path: () => `${at}/alerts`, title: ["Alerts", "アラート"] },
    { name: "no alert", path: () => `/o/${emptyOrg}/alerts`, title: ["Alerts", "アラート"] },
    { name: "alert", path: () => `${at}/alerts/${trouble.alert}`, title: ["Load of the front", "Load of the front"] },
    { name: "hosts under the strip", path: () => `${at}/hosts`, title: ["Hosts", "ホスト"] },
    {
      name: "what a host depends on",
      path: () => `${at}/hosts/${host}?tab=details`,
      title: ["web-01.example.jp", "web-01.example.jp"],
      open: async (page, say) => {
        const section = page.getByRole("region", { name: say("Depends on", "依存先"), exact: true });
        await section.getByRole("button", { name: say("Change", "変更") }).click();
        await dialog(page);
      },
    },
    { name: "settings of grouping", path: () => `${at}/settings`, title: ["Settings", "設定"] },
    { name: "chat accounts", path: () => `${at}/chat-accounts`, title: ["Chat accounts", "チャットアカウント"] },
    {
      name: "link of a mail",
      path: () => "/act/some.token",
      title: ["Incident #12", "インシデント #12"],
      isGuest: true,
      before: withLink({}, language),
    },
    {
      name: "link of a mail that somebody was faster with",
      path: () => "/act/some.token",
      title: ["Incident #12", "インシデント #12"],
      isGuest: true,
      before: withLink({ standing: "taken", incident: { ...act(language).incident, ...someone } }, language),
    },
    {
      name: "link that is none",
      path: () => "/act/nonsense",
      title: ["This link is not valid", "このリンクは無効です"],
      isGuest: true,
      open: (page) => page.getByRole("heading", { level: 1 }).waitFor(),
    },
  ];
}

describe.each(twoVisitors)("$language, $scheme, $width px wide", (visitor) => {
  const { language } = visitor;
  const windows = {
    members: new Windows(() => house.enter({ ...visitor, session: sessions.get(language) })),
    guests: new Windows(() => house.enter(visitor)),
  };
  afterAll(() => Promise.all([windows.members.close(), windows.guests.close()]));
  const say = (en: string, ja: string): string => (language === "en" ? en : ja);
  test.each(screens(language))("$name", async ({ name, path, title, isGuest, before, open }) => {
    await (isGuest === true ? windows.guests : windows.members).use(async (tab) => {
      const { page } = tab;
      await page.unrouteAll();
      await before?.(tab);
      await page.goto(`${house.url}${path()}`);
      await open?.(page, say);
      tab.complaints.splice(0, tab.complaints.length, ...tab.complaints.filter((one) => !one.includes("404")));
      await expectSound(tab, { title: `${say(...title)} - Hinoban`, language });
      const file = `${name} ${Object.values(visitor).join(" ")}.png`;
      if (pictureFolder) await page.screenshot({ path: join(pictureFolder, file), fullPage: true });
    });
  });
});

test("by keyboard alone somebody finds the incident that nobody has, takes it and gives it back", async () => {
  const { page, context } = await house.enter({ session: sessions.get("en") });
  await page.goto(`${house.url}/o/${org}/hosts`);
  await page.getByText("nobody has 1").waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("i");
  await page.getByRole("link", { name: /Load of the front/u }).waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("t");
  await page.getByText("You have it now").waitFor();
  await page.keyboard.press("Enter");
  await page.getByText("You have it", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("Nobody has it", { exact: true }).waitFor();
  await context.close();
});

test("on a phone one thumb takes it, and somebody who is slower is told who was faster", async () => {
  const phone = { width: 390, scheme: "dark" } as const;
  const first = await house.enter({ ...phone, session: sessions.get("en") });
  const second = await house.enter({ ...phone, language: "ja", session: sessions.get("ja") });
  const address = `${house.url}/o/${org}/incidents/${trouble.open}`;
  await first.page.goto(address);
  await second.page.goto(address);
  const slow = button(second.page, "担当する");
  await slow.waitFor();
  const take = button(first.page, "Take");
  const box = await take.boundingBox();
  expect(box !== null && box.y > 700 && box.height >= 44, "it stands at the bottom, large enough for a thumb").toBe(true);
  // The second one's page does not hear of it before the press.
  await second.page.route("**/events", (route) => route.abort());
  await Promise.all([take.click(), slow.click()]);
  const isFirst = await Promise.race([
    first.page
      .getByText("You have it now")
      .waitFor()
      .then(() => true),
    second.page
      .getByText("あなたが担当者になりました")
      .waitFor()
      .then(() => false),
  ]);
  await (isFirst ? second.page.getByText("Sato Hanako さんが先に担当しました") : first.page.getByText("田中 一郎 was faster"))
    .first()
    .waitFor();
  await first.context.close();
  await second.context.close();
});

test("without JavaScript a link of a mail leads to a page of its own", async () => {
  const { context } = await house.enter();
  const browser = context.browser();
  if (!browser) throw new Error("there is no browser");
  const plain = await browser.newContext({ javaScriptEnabled: false, locale: "ja" });
  const page = await plain.newPage();
  await page.goto(`${house.url}/act/some.token`);
  await page.waitForURL("**/act/some.token/plain");
  expect(await page.textContent("main")).toContain("このリンクは無効です");
  await plain.close();
  await context.close();
});
