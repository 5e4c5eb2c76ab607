import { verbs } from "#wire/verbs";
import type { Language } from "#kit/messages";

const isVerb = (verb: string): verb is keyof typeof verbs => Object.hasOwn(verbs, verb);

/** What a verb says; the verb itself when this console is older than the entry. */
export const verbText = (verb: string, language: Language): string => (isVerb(verb) ? verbs[verb][language] : verb);

/** The nouns of all verbs, for the filter: "host" finds everything that happened to hosts. */
export const verbNouns: readonly string[] = [...new Set(Object.keys(verbs).map((verb) => verb.split(".")[0] ?? ""))];

const plain = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : Array.isArray(value) ? value.map(plain).join(", ") : JSON.stringify(value);

/** The detail of an entry as name and text. */
export const detailParts = (detail: Readonly<Record<string, unknown>>): (readonly [string, string])[] =>
  Object.entries(detail).map(([name, value]) => [name, plain(value)] as const);

/** The detail in one line: a change as "working → standby", the rest as "name: text". */
export function detailLine(detail: Readonly<Record<string, unknown>>): string {
  const parts = detailParts(detail).filter(([, text]) => text !== "");
  const from = parts.find(([name]) => name === "from")?.[1];
  const to = parts.find(([name]) => name === "to")?.[1];
  const others = parts.filter(([name]) => from === undefined || to === undefined || (name !== "from" && name !== "to"));
  return [...(from !== undefined && to !== undefined ? [`${from} → ${to}`] : []), ...others.map(([name, text]) => `${name}: ${text}`)].join(" · ");
}

/** What stands in the canonical bytes beside what the list shows; undefined when they are no JSON. */
export function previousHash(bytes: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(bytes);
    const previous: unknown = typeof parsed === "object" && parsed !== null ? Reflect.get(parsed, "dprev") : undefined;
    return typeof previous === "string" ? previous : undefined;
  } catch {
    return undefined;
  }
}

/** Lower-case hex SHA-256 of a text's UTF-8; undefined where the browser computes none (plain HTTP). */
export async function sha256(text: string): Promise<string | undefined> {
  // `subtle` is missing outside secure contexts, whatever its type says.
  const subtle: SubtleCrypto | undefined = globalThis.crypto.subtle;
  if (!subtle) return undefined;
  const digest = await subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
