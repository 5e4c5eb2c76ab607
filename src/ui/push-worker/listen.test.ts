import { describe, expect, test } from "vitest";
import { browserName } from "../features/notify/browser-push.ts";
import { listen, type ClickEventLike, type PushEventLike, type WorkerScope } from "./listen.ts";

interface Shown {
  readonly title: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** A worker's surroundings: what it shows, opens and asks. */
function open(answers: Readonly<Record<string, { readonly ok: boolean; readonly body?: object }>> = {}, windows: string[] = []) {
  const shown: Shown[] = [];
  const opened: string[] = [];
  const asked: { url: string; options: Readonly<Record<string, unknown>> }[] = [];
  const listeners = new Map<string, (event: never) => void>();
  const scope: WorkerScope = {
    registration: { showNotification: async (title, options) => void shown.push({ title, options: { ...options } }) },
    clients: {
      matchAll: async () =>
        windows.map((url) => ({
          url,
          focus: async () => opened.push(`focus ${url}`),
          navigate: async (to: string) => opened.push(`to ${to}`),
        })),
      openWindow: async (url) => opened.push(url),
      claim: async () => undefined,
    },
    location: { origin: "https://h.example" },
    fetch: async (url, options = {}) => {
      asked.push({ url, options: { ...options } });
      const answer = answers[url];
      if (!answer) throw new Error("unreachable");
      return { ok: answer.ok, json: async () => answer.body };
    },
    skipWaiting: async () => undefined,
    addEventListener: (type: string, listener: (event: never) => void) => void listeners.set(type, listener),
  };
  listen(scope);
  const fire = async (type: string, event: object): Promise<void> => {
    let work: Promise<unknown> | undefined;
    const whole = { ...event, waitUntil: (given: Promise<unknown>) => (work = given) };
    listeners.get(type)?.(whole as never); // each listener gets the event of its own type
    await work;
  };
  const push = (data: unknown) => fire("push", { data: { json: () => data } } satisfies Partial<PushEventLike>);
  const click = (action: string, data: unknown) =>
    fire("notificationclick", { action, notification: { data, close: () => undefined } } satisfies Partial<ClickEventLike>);
  return { shown, opened, asked, push, click };
}

const notice = {
  title: "[重大] web01",
  body: "CPU",
  path: "/o/main/incidents/abc",
  tag: "incident:abc",
  language: "ja",
  isUrgent: true,
  at: 1,
  actions: [{ action: "take", title: "担当する" }],
};
const data = { path: notice.path, language: "ja" };
const session = { "/api/v1/session": { ok: true, body: { signedIn: true, csrf: "c" } } };

describe("the worker that shows messages", () => {
  test("shows what came, and something whatever came", async () => {
    const { shown, push } = open();
    await push(notice);
    await push("nonsense");
    expect(shown).toMatchObject([
      { title: notice.title, options: { body: "CPU", tag: "incident:abc", renotify: true, requireInteraction: true, lang: "ja", data } },
      { title: "Hinoban", options: { data: { path: "/" } } },
    ]);
  });

  test("opens the incident in a window of ours, or in a new one", async () => {
    const fresh = open();
    await fresh.click("", data);
    expect(fresh.opened).toEqual(["https://h.example/o/main/incidents/abc"]);
    const there = open({}, ["https://h.example/o/main/hosts"]);
    await there.click("", data);
    expect(there.opened).toEqual(["focus https://h.example/o/main/hosts", "to https://h.example/o/main/incidents/abc"]);
    const evil = open();
    await evil.click("", { path: "//evil.example" });
    expect(evil.opened).toEqual(["https://h.example/"]);
  });

  test("takes or declines in the name of whoever is signed in, and opens the page where that does not work", async () => {
    const able = open({ ...session, "/api/v1/orgs/main/incidents/abc/decline": { ok: true } });
    await able.click("cannot", data);
    expect(able.asked.at(-1)?.options).toMatchObject({ method: "POST", headers: { "x-hinoban-csrf": "c" } });
    expect(able.shown).toMatchObject([{ options: { body: "ほかの人に依頼します。" } }]);
    expect(able.opened).toEqual([]);
    for (const answers of [{}, session, { "/api/v1/session": { ok: true, body: { signedIn: false } } }]) {
      const unable = open(answers);
      await unable.click("take", data);
      expect(unable.opened).toEqual(["https://h.example/o/main/incidents/abc"]);
      expect(unable.shown).toEqual([]);
    }
  });
});

test.each([
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0",
    "Edge, Windows",
  ],
  ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1", "Safari, iOS"],
  ["Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox, Android"],
  ["curl", "Browser"],
])("%s is called %s", (agent, name) => expect(browserName(agent)).toBe(name));
