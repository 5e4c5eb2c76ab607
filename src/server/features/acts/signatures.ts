import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { seconds, type UnixMs } from "#base/duration";
import type { Secret } from "#base/secret";

/** How far the time of a signed request may be from ours; Slack's own advice. */
export const signedWithin = seconds(300);

export type Verdict = "right" | "unsigned" | "stale" | "wrong";

/** Compares without telling by the clock how much was right, nor how long the right one is. */
export const isSameText = (given: string, right: string): boolean => timingSafeEqual(digestOf(given), digestOf(right));

export const digestOf = (...parts: readonly (string | Uint8Array)[]): Buffer => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest();
};

/**
 * Judges `X-Slack-Signature` over the body as it came: `v0=` and the hex HMAC-SHA256 of `v0:{timestamp}:{body}` under the signing
 * secret, the timestamp at most five minutes away (https://docs.slack.dev/authentication/verifying-requests-from-slack).
 */
export function judgeSlackSignature(
  secret: Secret,
  signed: { readonly signature: string; readonly timestamp: string },
  body: Uint8Array,
  now: UnixMs,
): Verdict {
  const { signature, timestamp } = signed;
  if (signature === "" || !/^\d{1,12}$/u.test(timestamp)) return "unsigned";
  const right = createHmac("sha256", secret.reveal()).update(`v0:${timestamp}:`, "utf8").update(body).digest("hex");
  // The signature first: whoever does not hold the secret learns nothing about our clock.
  if (!isSameText(signature, `v0=${right}`)) return "wrong";
  return Math.abs(now - Number(timestamp) * 1000) <= signedWithin ? "right" : "stale";
}

/**
 * Names whose user ids a chat speaks of: a Slack workspace or a Mattermost server, as seen through one shared secret. Somebody who makes
 * a channel of their own with a secret of their own can thus invent users of their own workspace only, and nobody's whom others know.
 */
export const workspaceOf = (id: string, secret: Secret | undefined): string =>
  digestOf("workspace", id, secret?.reveal() ?? "")
    .toString("hex")
    .slice(0, 32);
