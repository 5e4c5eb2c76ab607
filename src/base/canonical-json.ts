import { HinobanError } from "#base/errors";

/** What a ledger entry may hold: no floats, no null, so that there is exactly one way to write it. */
export type CanonicalValue = string | number | boolean | readonly CanonicalValue[] | { readonly [key: string]: CanonicalValue | undefined };

/**
 * The canonical JSON text of `value`: keys sorted by UTF-16 code unit, no spaces, keys with `undefined` left out
 * (RFC 8785 restricted to integers, strings, booleans, arrays and objects).
 * @throws HinobanError "invalid-input" for a float, an unsafe integer, null or a lone surrogate.
 */
export function canonicalJson(value: CanonicalValue): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new HinobanError("invalid-input", `Only safe integers are canonical, not ${value}.`);
    return String(value === 0 ? 0 : value);
  }
  if (Array.isArray(value)) return `[${value.map((item: CanonicalValue) => canonicalJson(item)).join(",")}]`;
  if (typeof value !== "object" || value === null) throw new HinobanError("invalid-input", "null and functions are not canonical.");
  const parts: string[] = [];
  for (const [key, item] of Object.entries(value).sort(byCodeUnit)) {
    if (item !== undefined) parts.push(`${quote(key)}:${canonicalJson(item)}`);
  }
  return `{${parts.join(",")}}`;
}

const byCodeUnit = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0);

function quote(text: string): string {
  if (!text.isWellFormed()) throw new HinobanError("invalid-input", "The text holds a lone surrogate.");
  return JSON.stringify(text);
}
