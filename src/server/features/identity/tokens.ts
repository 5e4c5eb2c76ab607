import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { isId, newId } from "#base/ids";
import type { Secret } from "#base/secret";

/** A token of 256 random bits, for cookies and links. */
export const newToken = (): string => randomBytes(32).toString("base64url");

/** What is stored of a token. Its 256 bits cannot be guessed, so a plain hash is enough. */
export const tokenDigest = (token: string): Buffer => createHash("sha256").update(token, "utf8").digest();

/** A fresh API key: its id, and the text that its user keeps. The prefix lets scanners find keys that leaked. */
export function newKey(): { id: string; secret: string } {
  const id = newId();
  return { id, secret: `hb_key_${id}_${randomBytes(20).toString("hex")}` };
}

const keyPattern = /^hb_key_([1-9A-Za-z]{11})_[0-9a-f]{40}$/u;

/** The id inside an API key; undefined for a text that is none. */
export function keyIdOf(secret: string): string | undefined {
  const id = keyPattern.exec(secret)?.[1];
  return id !== undefined && isId(id) ? id : undefined;
}

/** What is stored of an API key: useless without the server key. */
export const keyDigest = (serverKey: Secret, secret: string): Buffer => keyed(serverKey, "api-key", secret);

/** Names a login name that nobody has, without keeping it. */
export const unknownName = (serverKey: Secret, email: string): string => keyed(serverKey, "unknown-name", email).toString("base64url");

/** Compares without telling by the clock how much was right. */
export const isSameDigest = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b);

const keyed = (serverKey: Secret, purpose: string, text: string): Buffer =>
  createHmac("sha256", serverKey.reveal()).update(`${purpose}\0${text}`, "utf8").digest();
