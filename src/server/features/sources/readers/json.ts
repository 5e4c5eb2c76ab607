/** Reads members of somebody else's JSON, in which anything may be missing or of another type. */
export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

/** Text of a member: numbers and booleans are written out, everything else is empty. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

/** The members of an object that are texts. */
export function textsOf(value: unknown): Record<string, string> {
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).flatMap(([key, member]) => (typeof member === "string" ? [[key, member]] : [])));
}

/** What a JSON pointer (RFC 6901) finds; undefined when it finds nothing. */
export function atPointer(value: unknown, pointer: string): unknown {
  let found: unknown = value;
  for (const step of pointer.split("/").slice(1)) {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(found)) found = /^(?:0|[1-9]\d{0,8})$/u.test(name) ? (found as readonly unknown[])[Number(name)] : undefined; // each entry may be anything
    else found = isObject(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  }
  return found;
}

/** Nothing of an alert is longer, and a template that names a whole message many times must not fill the memory. */
const longestFilled = 4096;

/** A text in which `{/a/b}` stands for what the pointer finds in `value`; what is found and is no text is written as JSON. */
export function filled(template: string, value: unknown): string {
  let room = longestFilled;
  const text = template.replaceAll(/\{(\/[^{}]*)?\}/gu, (_, pointer: string | undefined) => {
    const found = room > 0 ? atPointer(value, pointer ?? "") : undefined;
    if (found === undefined || found === null) return "";
    const piece = (typeof found === "object" ? JSON.stringify(found) : textOf(found)).slice(0, room);
    room -= piece.length;
    return piece;
  });
  return text;
}

/** Milliseconds of an RFC 3339 time; 0 for anything else and for the year 1. */
export function timeOf(value: unknown): number {
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return time > 0 ? time : 0;
}

/** Those of the members that are addresses of pages. */
export function linksOf(members: Json): Record<string, string> {
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, value]) => (/^https?:\/\//u.test(textOf(value)) ? [[name, textOf(value)]] : [])),
  );
}
