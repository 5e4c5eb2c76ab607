import type { Secret } from "#base/secret";

/** The pair by which a server proves to push services who it is (VAPID, RFC 8292); base64url. */
export interface PushKeys {
  readonly publicKey: string;
  readonly privateKey: Secret;
}

/** Where a browser gets messages, and the keys that only it can read them with (W3C Push API). */
export interface PushSubscription {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

export interface PushMessage {
  /** At most about 3,900 bytes. */
  readonly payload: string;
  /** Seconds for which the push service keeps it for a browser that is not there (RFC 8030, 5.2). */
  readonly ttl: number;
  readonly urgency: "low" | "normal" | "high";
  /** Of several that wait for a browser under one topic only the last arrives; at most 32 characters of base64url. */
  readonly topic: string | undefined;
}

/** A request to a push service, encrypted for one browser. */
export interface PushRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Encrypts messages for browsers (RFC 8291) and signs the requests that carry them. */
export interface PushCipher {
  newKeys(): PushKeys;
  /**
   * @param subject who we are, for the operators of push services: an https or mailto URL
   * @throws "invalid-input" for a subscription that is none
   */
  encrypt(subscription: PushSubscription, message: PushMessage, keys: PushKeys, subject: string): PushRequest;
}
