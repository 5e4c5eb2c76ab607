import { createDecipheriv, createECDH, createHmac, createPublicKey, randomBytes, verify, type ECDH } from "node:crypto";
import { HttpFake, type Call, type Reply } from "./http-fake.ts";

/** One browser that allowed messages. */
export interface PushedBrowser {
  readonly subscription: { readonly endpoint: string; readonly keys: { readonly p256dh: string; readonly auth: string } };
  /** What it showed. */
  readonly shown: Record<string, unknown>[];
}

interface Kept extends PushedBrowser {
  readonly ecdh: ECDH;
  readonly auth: Buffer;
}

/** A push service (RFC 8030) with its browsers, which refuses what the real ones refuse and reads messages as a browser does. */
export class FakePushService extends HttpFake {
  /** The key that the browsers were given when they subscribed. */
  publicKey = "";
  readonly #browsers = new Map<string, Kept>();
  /** Endpoints that are over. */
  readonly gone = new Set<string>();

  static open(): Promise<FakePushService> {
    return new FakePushService().listen();
  }

  private constructor() {
    super();
  }

  override clear(): void {
    super.clear();
    this.#browsers.clear();
    this.gone.clear();
  }

  subscribe(): PushedBrowser {
    const ecdh = createECDH("prime256v1");
    ecdh.generateKeys();
    const auth = randomBytes(16);
    const path = `/push/${randomBytes(16).toString("hex")}`;
    const keys = { p256dh: ecdh.getPublicKey("base64url"), auth: auth.toString("base64url") };
    const browser = { subscription: { endpoint: `${this.url}${path}`, keys }, shown: [], ecdh, auth };
    this.#browsers.set(path, browser);
    return browser;
  }

  protected answer(call: Call): Reply {
    const browser = this.#browsers.get(call.path);
    if (!browser || this.gone.has(browser.subscription.endpoint))
      return { status: 410, body: "push subscription has unsubscribed or expired." };
    if (!/^\d+$/u.test(String(call.headers["ttl"] ?? ""))) return { status: 400, body: "Missing TTL header" };
    if (!this.#isSigned(call))
      return { status: 403, body: "the VAPID credentials do not correspond to the credentials used to create the subscriptions." };
    if (call.headers["content-encoding"] !== "aes128gcm") return { status: 400, body: "unknown content encoding" };
    if (call.bytes.length > 4096) return { status: 413, body: "payload is too large" };
    browser.shown.push(JSON.parse(decrypted(browser, call.bytes)) as Record<string, unknown>); // what our own server wrote
    return { status: 201 };
  }

  /** RFC 8292: a JWT about this origin, signed by the key that the subscription was made with. */
  #isSigned({ headers: { authorization = "" } }: Call): boolean {
    const [, t = "", k = ""] = /^vapid t=([\w.-]+), ?k=([\w-]+)$/u.exec(authorization) ?? [];
    const [head = "", claims = "", signature = ""] = t.split(".");
    return k === this.publicKey && isClaimed(claims, this.url) && isSignedBy(k, `${head}.${claims}`, signature);
  }
}

function isClaimed(claims: string, origin: string): boolean {
  const { aud, sub = "" } = JSON.parse(Buffer.from(claims, "base64url").toString("utf8")) as {
    readonly aud?: string;
    readonly sub?: string;
  }; // as RFC 8292 has it
  return aud === origin && /^(?:https:|mailto:)/u.test(sub);
}

function isSignedBy(publicKey: string, text: string, signature: string): boolean {
  const point = Buffer.from(publicKey, "base64url");
  const coordinates = { x: point.subarray(1, 33).toString("base64url"), y: point.subarray(33).toString("base64url") };
  const key = createPublicKey({ key: { kty: "EC", crv: "P-256", ...coordinates }, format: "jwk" });
  return verify("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url"));
}

const hmac = (key: Uint8Array, ...parts: readonly (Uint8Array | string)[]): Buffer => {
  const hash = createHmac("sha256", key);
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** RFC 8188 and 8291, as a browser reads them. */
function decrypted({ ecdh, auth }: Kept, body: Buffer): string {
  const salt = body.subarray(0, 16);
  const length = body.readUInt8(20);
  const theirs = body.subarray(21, 21 + length);
  const sealed = body.subarray(21 + length);
  const shared = hmac(auth, ecdh.computeSecret(theirs));
  const keyInfo = hmac(shared, "WebPush: info\0", ecdh.getPublicKey(), theirs, Buffer.from([1]));
  const pseudo = hmac(salt, keyInfo);
  const key = hmac(pseudo, "Content-Encoding: aes128gcm\0", Buffer.from([1])).subarray(0, 16);
  const nonce = hmac(pseudo, "Content-Encoding: nonce\0", Buffer.from([1])).subarray(0, 12);
  const decipher = createDecipheriv("aes-128-gcm", key, nonce).setAuthTag(sealed.subarray(-16));
  const plain = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  return plain.subarray(0, plain.lastIndexOf(2)).toString("utf8");
}
