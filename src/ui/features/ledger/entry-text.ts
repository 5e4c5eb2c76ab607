import { unixMs, type UnixMs } from "#base/duration";
import { verbs } from "#wire/verbs";
import type { Language } from "#kit/messages";

const isVerb = (verb: string): verb is keyof typeof verbs => Object.hasOwn(verbs, verb);

/** What a verb says; the verb itself when this console is older than the entry. */
export const verbText = (verb: string, language: Language): string => (isVerb(verb) ? verbs[verb][language] : verb);

/** The nouns of all verbs, for the filter: "host" finds everything that happened to hosts. */
export const verbNouns: readonly string[] = [...new Set(Object.keys(verbs).map((verb) => verb.split(".")[0] ?? ""))];

const plain = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : Array.isArray(value)
      ? value.map(plain).join(", ")
      : JSON.stringify(value);

/** Fields that hold a point in time, in milliseconds. */
const timeFields = new Set(["expiresAt", "until", "fromAt", "toAt", "giveFrom", "giveTo", "takeFrom", "takeTo"]);

/** How the detail is written for a reader. */
export interface DetailWords {
  readonly names: Readonly<Record<string, unknown>>;
  readonly time: (at: UnixMs) => string;
}

const wordOf = ({ names }: DetailWords, field: string): string => {
  const name = names[field];
  return typeof name === "string" ? name : field;
};

/** The detail of an entry as field, name and text. */
export const detailParts = (
  detail: Readonly<Record<string, unknown>>,
  words: DetailWords,
): { readonly field: string; readonly name: string; readonly text: string }[] =>
  Object.entries(detail).map(([field, value]) => ({
    field,
    name: wordOf(words, field),
    text: timeFields.has(field) && typeof value === "number" ? words.time(unixMs(value)) : plain(value),
  }));

/** The detail in one line: a change as "working → standby", the rest as "name: text". */
export function detailLine(detail: Readonly<Record<string, unknown>>, words: DetailWords): string {
  const parts = detailParts(detail, words).filter(({ text }) => text !== "");
  const from = parts.find(({ field }) => field === "from")?.text;
  const to = parts.find(({ field }) => field === "to")?.text;
  const isChange = from !== undefined && to !== undefined;
  const others = parts.filter(({ field }) => !isChange || (field !== "from" && field !== "to"));
  return [...(isChange ? [`${from} → ${to}`] : []), ...others.map(({ name, text }) => `${name}: ${text}`)].join(" · ");
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
