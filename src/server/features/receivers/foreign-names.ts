import { createHash } from "node:crypto";

const hashLength = 12;

/** A short text that stands for a long one: the same for the same text, another for any other. */
export const nameHash = (text: string): string => createHash("sha256").update(text).digest("base64url").slice(0, hashLength);

/** A metric's name of at most `longest` characters: the end of a longer one gives way to its hash, so that two of them stay apart. */
export const fitName = (name: string, longest: number): string =>
  name.length <= longest ? name : `${name.slice(0, longest - hashLength - 1).replace(/\.$/u, "")}_${nameHash(name)}`;

/** Text as services and roles may be called; undefined when too little is left of it. */
export function serviceNameOf(text: string): string | undefined {
  const name = text
    .replaceAll(/[^A-Za-z0-9_-]/gu, "-")
    .replace(/^[_-]+/u, "")
    .slice(0, 63);
  return name.length >= 2 ? name : undefined;
}
