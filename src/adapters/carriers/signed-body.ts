import { createHmac, timingSafeEqual } from "node:crypto";
import { seconds, toSeconds, type UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";

/** How far the time of a signed request may be from ours. */
const signedWithin = seconds(300);

const proofOf = (key: string, time: string, body: string | Uint8Array): string =>
  createHmac("sha256", key).update(`${time}.`, "utf8").update(body).digest("hex");

/** `t=<unix seconds>,v1=<hex>`: HMAC-SHA-256 of `{t}.{body}`, as our webhooks are signed. */
export function signBody(key: string, at: UnixMs, body: string): string {
  const time = String(toSeconds(at));
  return `t=${time},v1=${proofOf(key, time, body)}`;
}

/** Judges {@link signBody}'s text; of several `v1` one must be right. @throws HinobanError "unauthenticated" */
export function demandSignedBody(key: string, header: string, body: Uint8Array, at: UnixMs): void {
  const parts = header.split(",").map((part) => part.trim());
  const time = /^t=(\d{1,12})$/u.exec(parts.find((part) => part.startsWith("t=")) ?? "")?.[1];
  if (time === undefined)
    throw new HinobanError("unauthenticated", "The header X-Hinoban-Signature is missing: t=<unix seconds>,v1=<hex>.");
  const right = proofOf(key, time, body);
  const proofs = parts.filter((part) => part.startsWith("v1=")).slice(0, 5);
  if (!proofs.some((proof) => isSame(proof.slice(3), right))) throw new HinobanError("unauthenticated", "The signature is wrong.");
  if (Math.abs(at - Number(time) * 1000) > signedWithin) {
    throw new HinobanError("unauthenticated", "The request was signed more than five minutes ago, or the clocks differ.");
  }
}

/** Compares texts without telling by the clock how much was right. */
export function isSame(given: string, right: string): boolean {
  const a = Buffer.from(given, "utf8");
  const b = Buffer.from(right, "utf8");
  return a.length === b.length && timingSafeEqual(a, b);
}
