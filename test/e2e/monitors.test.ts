import { beforeAll, describe, expect, test } from "vitest";
import type { ApiClient } from "#test/api-client";
import { until } from "#test/until";
import type { Visitor } from "#test/browser";
import { withHouse, type Session } from "./support/house.ts";
import { button, lookAt, say, twoVisitors, type Screen } from "./support/screens.ts";
import { emptyOrg, org, sato, settle, tanaka } from "./support/seed.ts";

const house = withHouse({ agent: false });
const sessions = new Map<Visitor["language"], Session>();
let owner: ApiClient;
let hostId = "";
const ids = new Map<string, string>();

interface Made {
  readonly id: string;
}

/** A day of points, with two peaks that a rule would have told of. */
async function postDay(key: ApiClient): Promise<void> {
  const now = Math.floor(Date.now() / 60_000) * 60;
  const points = Array.from({ length: 700 }, (_, i) => {
    const peak = i > 100 && i < 130 ? 8 : i > 400 && i < 420 ? 4 : 0;
    return { hostId, name: "loadavg5", time: now - (700 - i) * 120, value: 1 + Math.sin(i / 30) / 2 + peak };
  });
  await key.get("POST", "/api/v0/tsdb", points);
  const service = Array.from({ length: 60 }, (_, i) => ({ name: "access.5xx", time: now - i * 60, value: i % 7 }));
  await key.get("POST", "/api/v0/services/shop/tsdb", service);
}

beforeAll(async () => {
  const { owner: first, key } = await settle(house.url, house.setupUrl);
  owner = first;
  const roleFullnames = ["shop:web"];
  ({ id: hostId } = await key.get<Made>("POST", "/api/v0/hosts", { name: "web-01.example.jp", meta: {}, roleFullnames }));
  await key.get("POST", "/api/v0/hosts", { name: "db-01.example.jp", meta: {}, roleFullnames: ["shop:db"] });
  await postDay(key);
  const create = async (name: string, settings: object): Promise<void> => {
    const { id } = await owner.get<Made>("POST", `/api/v1/orgs/${org}/monitors`, { settings: { name, ...settings } });
    ids.set(name, id);
  };
  const load = { type: "host", metric: "loadavg5", operator: ">", warning: 3, critical: 6, duration: 3, maxCheckAttempts: 2 };
  await create("Load of the front", {
    ...load,
    scopes: ["shop: web"],
    excludeScopes: ["shop: db"],
    memo: "Call the shop.\nThen look at the queue.",
  });
  await create("Errors of the shop", {
    type: "service",
    service: "shop",
    metric: "access.5xx",
    operator: ">",
    critical: 5,
    missingDurationWarning: 30,
  });
  await create("The shop's front page", {
    type: "external",
    url: "https://user:secret@shop.example.jp/",
    certificationExpirationWarning: 30,
  });
  await create("Web servers together", { type: "expression", expression: "avg(role(shop:web, loadavg5))", operator: ">", warning: 3 });
  await create("Odd web servers", { type: "anomalyDetection", scopes: ["shop: web"], criticalSensitivity: "normal" });
  await create("VPN gateway", {
    type: "path",
    isMute: true,
    probe: { kind: "path", host: "vpn.example.jp", port: 443 },
    expectedVerdicts: ["refused"],
  });
  // What is judged from now on: one that is not well.
  await until("the rule has found it", 30_000, async () => {
    const now = Math.floor(Date.now() / 1000);
    await key.get(
      "POST",
      "/api/v0/tsdb",
      [0, 60, 120, 180, 240].map((back) => ({ hostId, name: "loadavg5", time: now - back, value: 9 })),
    );
    const { monitors } = await owner.get<{ monitors: readonly { status: string }[] }>("GET", `/api/v1/orgs/${org}/monitors?show=bad`);
    return monitors.length > 0;
  });
  sessions.set("en", await house.sessionOf(sato));
  sessions.set("ja", await house.sessionOf(tanaka));
});

const of = (name: string): string => `/o/${org}/monitors/${ids.get(name) ?? ""}`;
const list = say("Monitors", "監視ルール");
const front = say("Load of the front", "Load of the front");

const screens: readonly Screen[] = [
  { name: "monitors", path: () => `/o/${org}/monitors`, title: list },
  {
    name: "monitors, some selected",
    path: () => `/o/${org}/monitors?show=muted`,
    title: list,
    open: async (page, word) => {
      await page.getByRole("checkbox", { name: word(say("Select VPN gateway", "VPN gateway を選択")), exact: true }).click();
      await button(page, word(say("Unmute", "ミュート解除"))).waitFor();
    },
  },
  { name: "no monitor that matches", path: () => `/o/${org}/monitors?text=nothing-like-this`, title: list },
  { name: "monitors of an organisation that has but one", path: () => `/o/${emptyOrg}/monitors`, title: list },
  {
    name: "choosing a type",
    path: () => `/o/${org}/monitors`,
    title: list,
    open: async (page, word) => {
      await button(page, word(say("New monitor", "監視ルールを追加"))).click();
      await page.getByRole("menuitem", { name: /LDAP/u }).waitFor();
    },
  },
  { name: "monitor", path: () => of("Load of the front"), title: front },
  { name: "monitor that learns", path: () => of("Odd web servers"), title: say("Odd web servers", "Odd web servers") },
  {
    name: "monitor, being edited",
    path: () => `${of("Load of the front")}/edit`,
    title: say("Edit Load of the front", "Load of the front を編集"),
    open: (page, word) => page.getByText(word(say("Would have fired", "アラートになって"))).waitFor(),
  },
  {
    name: "new host monitor",
    path: () => `/o/${org}/monitors/new?type=host`,
    title: say("New monitor: Host metric", "監視ルールを追加: ホストメトリック"),
  },
  {
    name: "new URL monitor",
    path: () => `/o/${org}/monitors/new?type=external`,
    title: say("New monitor: URL", "監視ルールを追加: URL 外形監視"),
  },
  { name: "new mail monitor", path: () => `/o/${org}/monitors/new?type=smtp`, title: say("New monitor: SMTP", "監視ルールを追加: SMTP") },
];

describe.each(twoVisitors)("in $language, $scheme, $width pixels", (visitor) => {
  lookAt(screens, visitor, house, () => sessions.get(visitor.language));
});

test("somebody makes a rule, sees what it would have done, changes it by the keyboard, copies and deletes it", async () => {
  const { page } = await house.enter({ session: sessions.get("en") });
  await page.goto(`${house.url}/o/${org}/monitors/new?type=host`);
  await page.locator('input[name="metric"]').fill("loadavg5");
  await page.getByLabel("Warning", { exact: true }).fill("3");
  await page.getByLabel("Critical", { exact: true }).fill("");
  await page.getByLabel("Average of").fill("1");
  await page.getByLabel("Times in a row").fill("1");
  await page.getByText(/Would have fired [23] times in the last 7 days/u).waitFor();
  await page.getByLabel("Warning", { exact: true }).fill("100");
  await page.getByText("Would not have fired in the last 7 days").waitFor();
  await button(page, "Create").click();
  await page.getByText("This is needed.").waitFor(); // it has no name
  await page.getByLabel("Name", { exact: true }).fill("Load, by hand");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Load, by hand" }).waitFor();
  await button(page, "Copy").click();
  await page.getByRole("heading", { level: 1, name: "Edit Load, by hand (2)" }).waitFor();
  await button(page, "Cancel").click();
  await button(page, "Delete").click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Monitors" }).waitFor();
  await until("the copy is gone", 10_000, async () => (await page.getByText("Load, by hand (2)").count()) === 0);
  await button(page, "Add the usual ones").click();
  await page.getByRole("link", { name: "Filesystem %" }).waitFor();
  expect(await page.getByRole("link", { name: "connectivity", exact: true }).count()).toBe(1);
  await page.context().close();
});
