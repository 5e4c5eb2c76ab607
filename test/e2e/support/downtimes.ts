import type { ApiClient } from "#test/api-client";
import { button, dialog, say, type Screen } from "./screens.ts";
import { emptyOrg, org, type SeededHost } from "./seed.ts";

const at = `/api/v1/orgs/${org}`;

/** Downtimes in every state, notification groups and an alert group. */
export async function seedRouting(owner: ApiClient, hosts: readonly SeededHost[]): Promise<void> {
  const now = Math.floor(Date.now() / 1000);
  const create = (body: object): Promise<{ id: string }> => owner.get("POST", `${at}/downtimes`, { start: now, duration: 60, ...body });
  await create({ name: "ルーター交換", memo: "立会い: 佐藤。終わったらここを終了すること。", duration: 240, serviceScopes: ["shop"] });
  await create({
    name: "Weekly backup of the databases",
    start: now - 86_400 * 30,
    duration: 180,
    recurrence: { type: "weekly", interval: 2, weekdays: ["Monday", "Thursday"], until: now + 86_400 * 200 },
    roleScopes: ["shop:db"],
    serviceExcludeScopes: [],
  });
  await create({ name: "月次締め処理", start: now + 86_400 * 9, recurrence: { type: "monthly", interval: 1 } });
  await create({ name: "Move to the new rack", start: now - 86_400 * 3, duration: 30, hostScopes: hosts.slice(0, 5).map(({ id }) => id) });
  const { groups, channels } = await owner.get<{
    groups: readonly { id: string; name: string }[];
    channels: readonly { id: string; name: string }[];
  }>("GET", `${at}/notification-groups`);
  const monitor = await owner.get<{ id: string }>("POST", `${at}/monitors`, {
    settings: { type: "connectivity", name: "死活監視(夜間)", scopes: [] },
  });
  const ids = channels.map(({ id }) => id);
  const base = { notificationLevel: "all", childNotificationGroupIds: [] as string[] };
  const night = await owner.get<{ id: string }>("POST", `${at}/notification-groups`, {
    ...base,
    name: "夜間オンコール",
    notificationLevel: "critical",
    childChannelIds: ids.slice(0, 2),
    monitors: [{ id: monitor.id, skipDefault: true }],
  });
  await owner.get("POST", `${at}/notification-groups`, {
    ...base,
    name: "Nobody reads this",
    childChannelIds: [],
    services: [{ name: "shop" }],
  });
  await owner.get("PUT", `${at}/notification-groups/${groups[0]?.id ?? ""}`, {
    ...base,
    name: groups[0]?.name ?? "",
    childChannelIds: ids.slice(0, 4),
    childNotificationGroupIds: [night.id],
  });
  await owner.get("POST", `${at}/alert-group-settings`, {
    name: "Shop as a whole",
    memo: "One message for all of its hosts.",
    serviceScopes: ["shop"],
    notificationInterval: 30,
  });
}

const downtimes = say("Downtimes", "ダウンタイム");
const groups = say("Notification groups", "通知グループ");

export const routingScreens = (hosts: () => readonly SeededHost[]): readonly Screen[] => [
  { name: "downtimes", path: () => `/o/${org}/downtimes`, title: downtimes },
  { name: "no downtime yet", path: () => `/o/${emptyOrg}/downtimes`, title: downtimes },
  { name: "no downtime that matches", path: () => `/o/${org}/downtimes?text=nothing-like-this`, title: downtimes },
  {
    name: "adding a downtime that repeats, with its next times",
    path: () => `/o/${org}/downtimes`,
    title: downtimes,
    open: async (page, word) => {
      await button(page, word(say("Add downtime", "ダウンタイムを追加"))).click();
      await dialog(page);
      await page.getByLabel(word(say("Repeats", "繰り返し")), { exact: true }).selectOption("weekly");
      await page
        .getByRole("region", { name: word(say("Holds next", "次回以降")) })
        .getByRole("listitem")
        .first()
        .waitFor();
    },
  },
  {
    name: "a host that is about to be made quiet",
    path: () => `/o/${org}/hosts/${hosts()[0]?.id ?? ""}?tab=details`,
    title: say("web-01.example.jp", "web-01.example.jp"),
    open: async (page, word) => {
      // It covers the host's service already: the button says until when.
      await page.getByRole("button", { name: /^Quiet until |まで静か$/u }).click();
      await page.getByRole("menuitem", { name: word(say("For 1 hour", "1 時間")) }).waitFor();
    },
  },
  { name: "notification groups", path: () => `/o/${org}/notification-groups`, title: groups },
  { name: "notification groups of a new organisation", path: () => `/o/${emptyOrg}/notification-groups`, title: groups },
  {
    name: "adding a notification group",
    path: () => `/o/${org}/notification-groups`,
    title: groups,
    open: async (page, word) => {
      await button(page, word(say("Add group", "グループを追加"))).click();
      await dialog(page);
    },
  },
  {
    name: "who would be told",
    path: () => `/o/${org}/notification-groups`,
    title: groups,
    open: async (page, word) => {
      await button(page, word(say("Work it out", "確かめる"))).click();
      await page
        .getByText(word(say("Is told", "通知される")), { exact: true })
        .first()
        .waitFor();
    },
  },
  {
    name: "adding an alert group",
    path: () => `/o/${org}/notification-groups`,
    title: groups,
    open: async (page, word) => {
      await button(page, word(say("Add alert group", "アラートグループを追加"))).click();
      await dialog(page);
    },
  },
];
