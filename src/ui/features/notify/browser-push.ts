import type { BrowserSubscription } from "#wire/push";

/** Whether this browser can show messages, and does. `insecure`: only over https; `denied`: somebody said no, and only its settings undo that. */
export type PushState = "unsupported" | "insecure" | "denied" | "off" | "on";

const workerUrl = "/sw.js";

export function supportOf(): "unsupported" | "insecure" | "denied" | "asked" {
  if (!globalThis.isSecureContext) return "insecure";
  if (!("serviceWorker" in navigator) || !("PushManager" in globalThis) || !("Notification" in globalThis)) return "unsupported";
  return Notification.permission === "denied" ? "denied" : "asked";
}

/** The name under which the server lists this browser; undefined when it has no subscription. */
export async function browserId(): Promise<string | undefined> {
  const registration = await navigator.serviceWorker.getRegistration(workerUrl);
  const subscription = await registration?.pushManager.getSubscription();
  return subscription ? digestOf(subscription.endpoint) : undefined;
}

async function digestOf(endpoint: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint)));
  return [...bytes.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Asks whoever sits here, and subscribes.
 * @param publicKey the server's, base64url
 * @returns undefined when they said no
 */
export async function subscribe(publicKey: string): Promise<BrowserSubscription | undefined> {
  if ((await Notification.requestPermission()) !== "granted") return undefined;
  await navigator.serviceWorker.register(workerUrl);
  const { pushManager } = await navigator.serviceWorker.ready;
  const key = bytesOf(publicKey);
  const before = await pushManager.getSubscription();
  // One that was made with another key is of no use: the server was set up anew.
  if (before && !isSameKey(before.options.applicationServerKey, key)) await before.unsubscribe();
  const subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { endpoint, keys = {} } = subscription.toJSON();
  return { endpoint: endpoint ?? "", keys: { p256dh: keys["p256dh"] ?? "", auth: keys["auth"] ?? "" } };
}

/** Ends the subscription of this browser, whatever the server thinks of it. */
export async function unsubscribe(): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration(workerUrl);
  const subscription = await registration?.pushManager.getSubscription();
  await subscription?.unsubscribe();
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (character) => character.codePointAt(0) ?? 0);
}

function isSameKey(kept: ArrayBuffer | null, key: Uint8Array): boolean {
  const bytes = kept === null ? [] : [...new Uint8Array(kept)];
  return bytes.length === key.length && bytes.every((byte, index) => byte === key[index]);
}

/** Such as `Chrome, Windows`, so that somebody knows their browsers apart. */
export function browserName(agent: string): string {
  const find = (known: readonly (readonly [RegExp, string])[]): string | undefined => known.find(([pattern]) => pattern.test(agent))?.[1];
  return [find(browsers), find(systems)].filter((name) => name !== undefined).join(", ") || "Browser";
}

// The order counts: most call themselves Safari as well, and many Chrome.
const browsers = [
  [/Edg/u, "Edge"],
  [/OPR/u, "Opera"],
  [/Firefox|FxiOS/u, "Firefox"],
  [/Chrome|CriOS/u, "Chrome"],
  [/Safari/u, "Safari"],
] as const;
const systems = [
  [/iPhone|iPad/u, "iOS"],
  [/Android/u, "Android"],
  [/Windows/u, "Windows"],
  [/Mac OS X/u, "macOS"],
  [/Linux/u, "Linux"],
] as const;
