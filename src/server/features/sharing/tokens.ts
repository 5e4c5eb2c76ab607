import { createHash, randomBytes } from "node:crypto";

/** A token of 256 random bits in 64 characters, as Mackerel's are long. */
export const newToken = (): string => randomBytes(32).toString("hex");

export const isToken = (text: string): boolean => /^[0-9a-f]{64}$/u.test(text);

/** What is stored of a token. Its 256 bits cannot be guessed, so a plain hash is enough. */
export const tokenDigest = (token: string): Buffer => createHash("sha256").update(token, "utf8").digest();
