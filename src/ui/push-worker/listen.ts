/** A notice as the server pushes it; the shape is `PushNotice` of the wire, read without its library so that the worker stays small. */
export interface Pushed {
  readonly title: string;
  readonly body: string;
  readonly path: string;
  readonly tag?: string;
  readonly language: "en" | "ja";
  readonly isUrgent: boolean;
  readonly at: number;
  readonly actions: readonly { readonly action: string; readonly title: string }[];
}

interface WaitingEvent {
  waitUntil(work: Promise<unknown>): void;
}

export interface PushEventLike extends WaitingEvent {
  readonly data: { json(): unknown } | null;
}

export interface ClickEventLike extends WaitingEvent {
  readonly action: string;
  readonly notification: { readonly data: unknown; close(): void };
}

interface WindowLike {
  readonly url: string;
  focus(): Promise<unknown>;
  navigate(url: string): Promise<unknown>;
}

/** What of a service worker's surroundings is used; the DOM's own types know no workers. */
export interface WorkerScope {
  readonly registration: { showNotification(title: string, options: object): Promise<void> };
  readonly clients: {
    matchAll(options: object): Promise<readonly WindowLike[]>;
    openWindow(url: string): Promise<unknown>;
    claim(): Promise<void>;
  };
  readonly location: { readonly origin: string };
  fetch(url: string, options?: object): Promise<{ readonly ok: boolean; json(): Promise<unknown> }>;
  skipWaiting(): Promise<void>;
  addEventListener(type: "push", listener: (event: PushEventLike) => void): void;
  addEventListener(type: "notificationclick", listener: (event: ClickEventLike) => void): void;
  addEventListener(type: "install" | "activate", listener: (event: WaitingEvent) => void): void;
}

const words = {
  en: { unread: "There is a message.", done: "Done", taken: "You have it.", declined: "Somebody else is asked." },
  ja: { unread: "お知らせがあります。", done: "完了", taken: "あなたが担当しています。", declined: "ほかの人に依頼します。" },
} as const;

/** Shows what is pushed, opens it, and carries out what was pressed where somebody is signed in. Keeps nothing and serves no pages. */
export function listen(scope: WorkerScope): void {
  scope.addEventListener("install", (event) => event.waitUntil(scope.skipWaiting()));
  scope.addEventListener("activate", (event) => event.waitUntil(scope.clients.claim()));
  scope.addEventListener("push", (event) => event.waitUntil(show(scope, event)));
  scope.addEventListener("notificationclick", (event) => event.waitUntil(clicked(scope, event)));
}

const icon = "/icon-192.png";

/** Every push must show something: browsers take the permission away otherwise. */
async function show(scope: WorkerScope, event: PushEventLike): Promise<void> {
  const notice = noticeOf(event);
  if (!notice) return scope.registration.showNotification("Hinoban", { body: words.en.unread, icon, data: { path: "/" } });
  const { title, body, path, tag, language, isUrgent, at, actions } = notice;
  await scope.registration.showNotification(title, {
    body,
    lang: language,
    icon,
    badge: icon,
    timestamp: at,
    requireInteraction: isUrgent,
    ...(tag === undefined ? {} : { tag, renotify: true }),
    actions,
    data: { path, language },
  });
}

function noticeOf(event: PushEventLike): Pushed | undefined {
  try {
    const value = event.data?.json();
    return isPushed(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isPushed = (value: unknown): value is Pushed =>
  typeof value === "object" &&
  value !== null &&
  "title" in value &&
  typeof value.title === "string" &&
  "path" in value &&
  typeof value.path === "string" &&
  "actions" in value &&
  Array.isArray(value.actions);

async function clicked(scope: WorkerScope, { action, notification }: ClickEventLike): Promise<void> {
  notification.close();
  const { path, language } = dataOf(notification.data);
  const isDone = (action === "take" || action === "cannot") && (await acted(scope, action, path));
  if (!isDone) return open(scope, path);
  const said = action === "take" ? words[language].taken : words[language].declined;
  await scope.registration.showNotification(words[language].done, { body: said, icon, data: { path, language }, tag: path });
}

function dataOf(data: unknown): { readonly path: string; readonly language: "en" | "ja" } {
  const known = typeof data === "object" && data !== null ? data : {};
  const path = "path" in known && typeof known.path === "string" && /^\/(?!\/)/u.test(known.path) ? known.path : "/";
  return { path, language: "language" in known && known.language === "ja" ? "ja" : "en" };
}

/** Acts by the session of whoever is signed in here. @returns false when it has to be done on the page, where what is wrong is said */
async function acted(scope: WorkerScope, action: "take" | "cannot", path: string): Promise<boolean> {
  const [, org, id] = /^\/o\/([^/]+)\/incidents\/(\w+)$/u.exec(path) ?? [];
  if (org === undefined || id === undefined) return false;
  try {
    const session: unknown = await (await scope.fetch("/api/v1/session", { credentials: "same-origin" })).json();
    const csrf = typeof session === "object" && session !== null && "csrf" in session ? session.csrf : undefined;
    if (typeof csrf !== "string") return false;
    const act = action === "take" ? "take" : "decline";
    const { ok } = await scope.fetch(`/api/v1/orgs/${org}/incidents/${id}/${act}`, {
      method: "POST",
      credentials: "same-origin",
      headers: { "content-type": "application/json", "x-hinoban-csrf": csrf },
      body: "{}",
    });
    return ok;
  } catch {
    return false;
  }
}

/** In a window of ours that stands open, else in a new one. */
async function open(scope: WorkerScope, path: string): Promise<void> {
  const url = scope.location.origin + path;
  const windows = await scope.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = windows.find((one) => one.url === url) ?? windows.find((one) => one.url.startsWith(`${scope.location.origin}/o/`));
  if (!there) return void (await scope.clients.openWindow(url));
  await there.focus();
  if (there.url !== url) await there.navigate(url);
}
