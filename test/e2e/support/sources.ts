import type { ApiClient } from "#test/api-client";
import { button, dialog, say, type Screen } from "./screens.ts";
import { emptyOrg, org } from "./seed.ts";

const at = `/api/v1/orgs/${org}/alert-sources`;

/** Sources in every state: nothing came, all is well, a message that nobody understands, a heartbeat that is on time, one that failed, a muted one. */
export async function seedSources(url: string, owner: ApiClient): Promise<void> {
  const create = (body: object): Promise<{ source: { id: string }; path: string }> => owner.get("POST", at, body);
  const post = (path: string, body: unknown): Promise<Response> =>
    fetch(url + path, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) });
  const prometheus = await create({ kind: "alertmanager", name: "Prometheus Tokyo", defaultSeverity: "error", service: "shop" });
  const alert = (fingerprint: string, instance: string, summary: string) => ({
    status: "firing",
    fingerprint,
    labels: { alertname: "HighErrorRate", severity: "critical", instance },
    annotations: { summary },
    startsAt: "2026-11-21T23:08:11Z",
  });
  await post(prometheus.path, {
    alerts: [
      alert("a1", "web-02.example.jp:9100", "12 % of the requests fail"),
      alert("a2", "web-03.example.jp:9100", "9 % of the requests fail"),
    ],
  });
  const mackerel = await create({ kind: "mackerel", name: "Mackerel", memo: "キャンパス側の監視", defaultSeverity: "warning" });
  await post(mackerel.path, "{ this is not JSON");
  await create({ kind: "zabbix", name: "Zabbix", defaultSeverity: "error" });
  const muted = await create({
    kind: "generic",
    name: "UPS",
    defaultSeverity: "warning",
    mapping: { key: "{/serial}/{/event}", name: "{/event}", message: "{/text}" },
  });
  await owner.get("POST", `${at}/${muted.source.id}/mute`, { until: Date.now() + 3_600_000, reason: "battery is being replaced" });
  const place = { host: "127.0.0.1", port: 9, security: "tls", verifiesTls: true, userName: "alerts", password: "x", folder: "INBOX" };
  const mailbox = { ...place, marksSeen: true, unmatched: "alert", rules: [] };
  await create({ kind: "mail", name: "監視メール", defaultSeverity: "warning", mailbox });
  const beat = (name: string, seconds: number) =>
    create({ kind: "heartbeat", name, defaultSeverity: "critical", beat: { intervalSeconds: seconds, graceSeconds: 600 } });
  const backup = await beat("nightly backup", 86_400);
  await post(backup.path, "");
  const batch = await beat("billing batch", 3600);
  await post(`${batch.path}?state=fail`, "exit 3: disk full");
  await beat("certificate renewal", 86_400);
}

const title = say("Sources", "受信元");

export const sourceScreens: readonly Screen[] = [
  { name: "sources", path: () => `/o/${org}/sources`, title },
  { name: "no source yet", path: () => `/o/${emptyOrg}/sources`, title },
  {
    name: "adding a source",
    path: () => `/o/${org}/sources`,
    title,
    open: async (page, word) => {
      await button(page, word(say("Add a source", "受信元を追加"))).click();
      await dialog(page);
      await page.getByLabel(word(say("Product", "製品")), { exact: true }).selectOption("generic");
      await page.getByLabel(word(say("An example message", "メッセージの例"))).fill('{"id":"7","name":"UPS","message":"on battery"}');
      await button(page, word(say("Try it", "試す"))).click();
      await page.getByText("on battery (").waitFor();
    },
  },
  {
    name: "adding a mailbox with a rule",
    path: () => `/o/${org}/sources`,
    title,
    open: async (page, word) => {
      await button(page, word(say("Add a source", "受信元を追加"))).click();
      await dialog(page);
      await page.getByLabel(word(say("Product", "製品")), { exact: true }).selectOption("mail");
      await button(page, word(say("Add a rule", "ルールを追加"))).click();
      await page.getByLabel(word(say("Subject has", "件名に含む"))).fill("*: * on *");
      await page.getByLabel(word(say("Subject", "件名")), { exact: true }).fill("PROBLEM: disk full on web01");
      await button(page, word(say("Try it", "試す"))).click();
      await page.getByText("disk full on web01 (").waitFor();
    },
  },
  {
    name: "the address of a heartbeat",
    path: () => `/o/${org}/sources`,
    title,
    open: async (page, word) => {
      await button(page, word(say("Add a heartbeat", "ハートビートを追加"))).click();
      await dialog(page);
      await page.getByLabel(word(say("Name", "名前")), { exact: true }).fill("report");
      await page
        .getByRole("dialog")
        .getByRole("button", { name: word(say("Add a heartbeat", "ハートビートを追加")) })
        .click();
      await page.getByText(word(say("shown this once", "今だけです"))).waitFor();
    },
  },
  {
    name: "messages of a source",
    path: () => `/o/${org}/sources`,
    title,
    open: async (page, word) => {
      await button(page, word(say("More about Mackerel", "Mackerel の操作"))).click();
      await page.getByRole("menuitem", { name: word(say("Messages", "受信内容")) }).click();
      await dialog(page);
      await page.getByText("this is not JSON").waitFor();
    },
  },
];
