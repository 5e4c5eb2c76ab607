import { beforeAll, describe } from "vitest";
import type { Visitor } from "#test/browser";
import { withHouse, type Session } from "./support/house.ts";
import { describePictures } from "./support/pictures.ts";
import { button, dialog, lookAt, say, twoVisitors, visitors, type Screen } from "./support/screens.ts";
import { emptyOrg, furnish, org, sato, settle, tanaka, type SeededHost } from "./support/seed.ts";

/** Pages in front of the login, on an installation that is set up. */
const guestScreens = (invitation: () => string): readonly Screen[] => [
  { name: "login", path: () => "/login", title: say("Sign in", "ログイン") },
  { name: "set-up that is done", path: () => "/setup#gone", title: say("Hinoban is set up already", "初期設定は完了しています") },
  { name: "invitation", path: invitation, title: say("Join Example University", "Example University に参加") },
  { name: "spent invitation", path: () => "/invitation", title: say("This invitation is not valid", "この招待は無効です") },
];

const freshScreens = (setup: () => string): readonly Screen[] => [
  { name: "set-up", path: setup, title: say("Set up Hinoban", "Hinoban の初期設定") },
  { name: "set-up without its link", path: () => "/setup", title: say("Open the set-up link", "初期設定用リンクを開いてください") },
];

interface Furnished {
  readonly hosts: readonly SeededHost[];
  /** A time range in which the roles have points. */
  readonly ahead: string;
}

function hostScreens(get: () => Furnished): readonly Screen[] {
  const idOf = (name: string): string => get().hosts.find((host) => host.name.startsWith(name))?.id ?? "";
  const hosts = say("Hosts", "ホスト");
  const web = say("web-01.example.jp", "web-01.example.jp");
  return [
    { name: "hosts", path: () => `/o/${org}/hosts`, title: hosts },
    { name: "hosts that were retired", path: () => `/o/${org}/hosts?retired=only`, title: hosts },
    { name: "hosts that fell silent", path: () => `/o/${org}/hosts?connectivity=silent`, title: hosts },
    { name: "no host that matches", path: () => `/o/${org}/hosts?text=nothing-like-this`, title: hosts },
    {
      name: "hosts, some selected",
      path: () => `/o/${org}/hosts?status=standby`,
      title: hosts,
      open: async (page, word) => {
        await page.getByRole("checkbox", { name: word(say("Select app-03.example.jp", "app-03.example.jp を選択")), exact: true }).click();
        await button(page, word(say("Retire", "退役"))).click();
        await dialog(page);
      },
    },
    {
      name: "adding a host",
      path: () => `/o/${org}/hosts?status=standby`,
      title: hosts,
      open: async (page, word) => {
        await button(page, word(say("Add a host", "ホストを追加"))).click();
        await dialog(page);
      },
    },
    { name: "host", path: () => `/o/${org}/hosts/${idOf("web-01")}`, title: web },
    {
      name: "host, a graph as a table",
      path: () => `/o/${org}/hosts/${idOf("web-01")}`,
      title: web,
      open: async (page, word) => {
        await button(page, word(say("Options of CPU", "CPU のオプション"))).click();
        await page.getByRole("menuitem", { name: word(say("Show as table", "表で表示")) }).click();
      },
    },
    {
      name: "one graph, being shared",
      path: () => `/o/${org}/graph?host=${idOf("web-01")}&graph=cpu`,
      title: say("CPU", "CPU"),
      open: async (page, word) => {
        await button(page, word(say("Options of CPU", "CPU のオプション"))).click();
        await page.getByRole("menuitem", { name: word(say("Share…", "共有…")) }).click();
        await dialog(page);
      },
    },
    { name: "host details", path: () => `/o/${org}/hosts/${idOf("web-01")}?tab=details`, title: web },
    {
      name: "what a check reported",
      path: () => `/o/${org}/hosts/${idOf("web-01")}?tab=details`,
      title: web,
      open: async (page) => {
        await button(page, "http").click();
        await dialog(page);
      },
    },
    { name: "host history", path: () => `/o/${org}/hosts/${idOf("web-01")}?tab=history`, title: web },
    { name: "retired host", path: () => `/o/${org}/hosts/${idOf("app-08")}`, title: say("app-08.example.jp", "app-08.example.jp") },
    { name: "services", path: () => `/o/${org}/services`, title: say("Services", "サービス") },
    { name: "service", path: () => `/o/${org}/services/shop`, title: say("shop", "shop") },
    { name: "role", path: () => `/o/${org}/services/shop/roles/app?${get().ahead}`, title: say("shop: app", "shop: app") },
    {
      name: "the time without data that a role allows",
      path: () => `/o/${org}/services/shop/roles/app?${get().ahead}`,
      title: say("shop: app", "shop: app"),
      open: async (page, word) => {
        await button(page, word(say("Actions for app", "app に対する操作"))).click();
        await page.getByRole("menuitem", { name: word(say("Time without data", "途絶と見なすまでの時間")) }).click();
        await dialog(page);
      },
    },
    {
      name: "role of many hosts",
      path: () => `/o/${org}/services/shop/roles/web?${get().ahead}`,
      title: say("shop: web", "shop: web"),
    },
  ];
}

const organisationScreens: readonly Screen[] = [
  { name: "history", path: () => `/o/${org}/history`, title: say("History", "操作履歴") },
  {
    name: "history entry",
    path: () => `/o/${org}/history`,
    title: say("History", "操作履歴"),
    open: async (page, word) => {
      await page
        .getByRole("button", { name: word(say("Show entry", "を表示")) })
        .first()
        .click();
      await page.getByText(word(say("The bytes give this hash", "バイト列とハッシュ値が一致しました"))).waitFor();
    },
  },
  { name: "no entry that matches", path: () => `/o/${org}/history?text=nothing-like-this`, title: say("History", "操作履歴") },
  { name: "people", path: () => `/o/${org}/people`, title: say("People", "メンバー") },
  {
    name: "inviting",
    path: () => `/o/${org}/people`,
    title: say("People", "メンバー"),
    open: async (page, word) => {
      await button(page, word(say("Invite somebody", "メンバーを招待"))).click();
      await dialog(page);
    },
  },
  { name: "keys", path: () => `/o/${org}/keys`, title: say("API keys", "API キー") },
  {
    name: "creating a key",
    path: () => `/o/${org}/keys`,
    title: say("API keys", "API キー"),
    open: async (page, word) => {
      await button(page, word(say("Create API key", "API キーを作成"))).click();
      await dialog(page);
    },
  },
  { name: "share links", path: () => `/o/${org}/shares`, title: say("Share links", "共有リンク") },
  { name: "Zabbix agents", path: () => `/o/${org}/zabbix`, title: say("Zabbix agents", "Zabbix エージェント") },
  { name: "settings", path: () => `/o/${org}/settings`, title: say("Settings", "設定") },
  { name: "account", path: () => "/account", title: say("Account", "アカウント") },
  { name: "no host yet", path: () => `/o/${emptyOrg}/hosts`, title: say("Hosts", "ホスト") },
  { name: "no service yet", path: () => `/o/${emptyOrg}/services`, title: say("Services", "サービス") },
  { name: "no key yet", path: () => `/o/${emptyOrg}/keys`, title: say("API keys", "API キー") },
  {
    name: "keyboard shortcuts",
    path: () => `/o/${org}/services`,
    title: say("Services", "サービス"),
    open: async (page) => {
      await page.getByRole("heading", { level: 1 }).waitFor();
      await page.keyboard.press("?");
      await dialog(page);
    },
  },
];

describe("before the set-up", () => {
  const house = withHouse({ agent: false });
  const setupPath = (): string => new URL(house.setupUrl).pathname + new URL(house.setupUrl).hash;
  describe.each(visitors)("$language, $scheme, $width px wide", (visitor) => {
    lookAt(freshScreens(setupPath), visitor, house, () => undefined);
  });
});

describe("a furnished house", () => {
  const house = withHouse({ agent: false });
  let furnished: Furnished;
  let invitation: string;
  const sessions = new Map<Visitor["language"], Session>();
  beforeAll(async () => {
    const { owner, key } = await settle(house.url, house.setupUrl);
    const hosts = await furnish(owner, key, { minutesBack: 60, minutesAhead: 30, step: 2 });
    const now = Math.floor(Date.now() / 1000);
    await owner.get("POST", `/api/v1/orgs/${org}/share-links`, {
      target: { kind: "role", service: "shop", role: "app", graph: "memory.used" },
      label: "Wall of the office",
      period: "6h",
      width: 800,
      height: 400,
      theme: "dark",
      language: "ja",
    });
    furnished = { hosts, ahead: `from=${now}&to=${now + 1800}` };
    ({ path: invitation } = await owner.get<{ path: string }>("POST", `/api/v1/orgs/${org}/invitations`, {
      email: "new@example.jp",
      role: "viewer",
    }));
    sessions.set("en", await house.sessionOf(sato));
    sessions.set("ja", await house.sessionOf(tanaka));
  });
  describe.each(visitors)("$language, $scheme, $width px wide", (visitor) => {
    lookAt(
      guestScreens(() => invitation),
      visitor,
      house,
      () => undefined,
    );
  });
  describe.each(twoVisitors)("signed in, $language, $scheme, $width px wide", (visitor) => {
    lookAt([...hostScreens(() => furnished), ...organisationScreens], visitor, house, () => sessions.get(visitor.language));
  });
});

if (process.env["HINOBAN_SCREENSHOTS"] === "1") describePictures();
