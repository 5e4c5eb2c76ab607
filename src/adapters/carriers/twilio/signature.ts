import { createHash, createHmac } from "node:crypto";
import { isSame } from "../signed-body.ts";

/** A request whose signature is judged. */
export interface SignedRequest {
  /** As it was called, with its query. */
  readonly url: string;
  /** `X-Twilio-Signature`. */
  readonly signature: string;
  readonly contentType: string;
  readonly body: Uint8Array;
}

/**
 * Base64 of HMAC-SHA1 over the address and, sorted by name, every parameter of the form with its value
 * (https://www.twilio.com/docs/usage/security#validating-requests). Values of one name count once each, sorted.
 */
export function twilioSignature(token: string, url: string, form: Iterable<readonly [string, string]>): string {
  const byName = new Map<string, Set<string>>();
  for (const [name, value] of form) {
    const values = byName.get(name) ?? new Set();
    byName.set(name, values.add(value));
  }
  const names = [...byName.keys()].toSorted(byCodeUnits);
  const pairs = names.flatMap((name) => [...(byName.get(name) ?? [])].toSorted(byCodeUnits).map((value) => `${name}${value}`));
  return createHmac("sha1", token)
    .update(`${url}${pairs.join("")}`, "utf8")
    .digest("base64");
}

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Whether one of the tokens signed the request. A body that is no form is covered by its digest in the address, `bodySHA256`. */
export function isTwilioSigned(tokens: readonly string[], { url, signature, contentType, body }: SignedRequest): boolean {
  if (signature === "") return false;
  const digest = bodyDigestOf(url);
  if (digest !== undefined && !isSame(digest.toLowerCase(), createHash("sha256").update(body).digest("hex"))) return false;
  const form = digest === undefined && isForm(contentType) ? formOf(body) : [];
  // A body that neither the address nor the signature covers could be anybody's.
  if (digest === undefined && !isForm(contentType) && body.length > 0) return false;
  let isRight = false;
  for (const token of tokens) {
    for (const one of urlsOf(url)) {
      if (isSame(signature, twilioSignature(token, one, form))) isRight = true;
    }
  }
  return isRight;
}

const isForm = (contentType: string): boolean => contentType.split(";")[0]?.trim().toLowerCase() === "application/x-www-form-urlencoded";

/** The pairs of a form. */
export const formOf = (body: Uint8Array): readonly (readonly [string, string])[] => [
  ...new URLSearchParams(Buffer.from(body).toString("utf8")),
];

function bodyDigestOf(url: string): string | undefined {
  const query = url.split("?")[1]?.split("#")[0] ?? "";
  return new URLSearchParams(query).get("bodySHA256") ?? undefined;
}

/** With and without the port that the scheme has anyway: Twilio has signed both. The rest stays exactly as it was called. */
function urlsOf(url: string): readonly string[] {
  const [, scheme = "", host = "", port = "", rest = ""] = /^(https?):\/\/(\[[^\]]*\]|[^/:?#]*)(:\d+)?(.*)$/su.exec(url) ?? [];
  if (scheme === "") return [url];
  const usual = scheme === "https" ? ":443" : ":80";
  if (port === "") return [url, `${scheme}://${host}${usual}${rest}`];
  return [url, `${scheme}://${host}${rest}`];
}
