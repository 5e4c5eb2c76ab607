import type { ApiClient } from "#test/api-client";
import { button, dialog, say, type Screen } from "./screens.ts";
import { emptyOrg, org } from "./seed.ts";

const at = `/api/v1/orgs/${org}`;

/** Channels in every state: not used yet, failing, suspended; messages that went and that did not; somebody's quiet hours. */
export async function seedChannels(owner: ApiClient): Promise<void> {
  const create = (body: object): Promise<{ id: string }> =>
    owner.get("POST", `${at}/channels`, { language: "ja", joinsDefaultGroup: false, ...body });
  await create({ type: "email", name: "運用チーム", emails: ["ops@example.jp", "night@example.jp"], personIds: [] });
  await create({ type: "slack-bot", name: "Slack #incidents", token: "xoxb-1", room: "C0123ABCD", mentions: { critical: "@here" } });
  await create({ type: "mattermost-bot", name: "Mattermost", serverUrl: "https://chat.example.jp", token: "t", room: "abc123" });
  // This very machine is no place to which a server posts.
  const hook = await create({ type: "webhook", name: "Ticket system", url: "http://127.0.0.1:9/hook" });
  await owner.get("POST", `${at}/channels/${hook.id}/test`);
  const old = await create({ type: "chatwork", name: "Chatwork 旧ルーム", token: "t", room: "12345" });
  await owner.get("POST", `${at}/channels/${old.id}/suspend`, { reason: "HTTP 403: You don't have permission to get this room" });
  const quiet = { isOn: true, from: "22:00", until: "07:00", weekdays: [0, 1, 2, 3, 4, 5, 6] };
  await owner.get("PUT", `${at}/my/notifications/rules`, { quiet, media: { mail: "information", chat: "warning", phone: "critical" } });
  await owner.get("POST", `${at}/my/contacts`, { kind: "mail", address: "sato.home@example.jp", label: "自宅" });
}

const title = say("Channels", "通知チャンネル");
const mine = say("My notifications", "自分への通知");

export const channelScreens: readonly Screen[] = [
  { name: "channels", path: () => `/o/${org}/channels`, title },
  { name: "no channel yet", path: () => `/o/${emptyOrg}/channels`, title },
  {
    name: "adding a channel, with what it would show",
    path: () => `/o/${org}/channels`,
    title,
    open: async (page, word) => {
      await button(page, word(say("Add channel", "チャンネルを追加"))).click();
      await dialog(page);
      await button(page, word(say("Preview", "プレビュー"))).click();
      await page.locator("iframe").waitFor();
    },
  },
  {
    name: "adding a Slack channel",
    path: () => `/o/${org}/channels`,
    title,
    open: async (page, word) => {
      await button(page, word(say("Add channel", "チャンネルを追加"))).click();
      await dialog(page);
      await page.getByLabel(word(say("Kind", "種類")), { exact: true }).selectOption("slack-bot");
      await page.getByLabel(word(say("Name", "名前")), { exact: true }).fill("Slack");
      await button(page, word(say("Preview", "プレビュー"))).click();
      await page.getByText("hinoban-take").waitFor();
    },
  },
  { name: "my notifications", path: () => `/o/${org}/my-notifications`, title: mine },
  {
    name: "my notifications, an address being added",
    path: () => `/o/${org}/my-notifications`,
    title: mine,
    open: async (page, word) => {
      await button(page, word(say("Add a mail address", "メールアドレスを追加"))).click();
      await dialog(page);
    },
  },
  {
    name: "setting a mail server",
    path: () => `/o/${org}/settings`,
    title: say("Settings", "設定"),
    open: async (page, word) => {
      await button(page, word(say("Set a mail server", "メールサーバーを設定"))).click();
      await dialog(page);
    },
  },
];
