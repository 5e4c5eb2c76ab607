import { createHash, randomBytes } from "node:crypto";

/** Where messages go: `/in/<token>`. 160 random bits in letters and digits that survive every configuration file. */
export const newToken = (): string => randomBytes(20).toString("hex");

export const isToken = (text: string): boolean => /^[0-9a-f]{40}$/u.test(text);

export const pathOf = (token: string): string => `/in/${token}`;

/** What is stored of a token. It cannot be guessed, so a plain hash is enough. */
export const tokenDigest = (token: string): Buffer => createHash("sha256").update(token, "utf8").digest();
