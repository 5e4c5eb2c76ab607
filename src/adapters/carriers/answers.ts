import { millis, type Millis } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { OutgoingResponse } from "#ports/outgoing-http/port";

/** An answer's body as a JSON object; empty for anything else. */
export function jsonOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}; // an object's members may be looked at
  } catch {
    return {};
  }
}

/** A member as text; empty for anything else. */
export function textOf(object: Readonly<Record<string, unknown>>, name: string): string {
  const value = object[name];
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

/** A member as an object; empty for anything else. */
export function memberOf(object: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> {
  const value = object[name];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}; // an object's members may be looked at
}

/** A member as a list of objects. */
export function listOf(object: Readonly<Record<string, unknown>>, name: string): readonly Readonly<Record<string, unknown>>[] {
  const value = object[name];
  if (!Array.isArray(value)) return [];
  return value.filter((one): one is Record<string, unknown> => typeof one === "object" && one !== null);
}

/** What somebody else said, in one short line. */
export const quote = (text: string): string =>
  text
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim()
    .slice(0, 200);

/** Seconds of `Retry-After`; undefined for anything else. */
export function retryAfterOf({ headers }: Pick<OutgoingResponse, "headers">): Millis | undefined {
  const text = headers["retry-after"]?.trim() ?? "";
  return /^\d{1,6}(?:\.\d+)?$/u.test(text) ? millis(Math.ceil(Number(text) * 1000)) : undefined;
}

/** Whether a request that failed certainly never left. */
export const wasNotSent = (error: unknown): boolean =>
  error instanceof HinobanError && (error.facts["sent"] === "before" || error.code === "invalid-input");

/** A base address and a path below it, whether or not the base ends in a slash. */
export const below = (base: string, path: string): string => `${base.replace(/\/+$/u, "")}${path}`;

/** An address with one more pair in its query. */
export const withQuery = (url: string, query: Readonly<Record<string, string | number>>): string => {
  const text = Object.entries(query)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join("&");
  return text === "" ? url : `${url}${url.includes("?") ? "&" : "?"}${text}`;
};

/** A whole number out of the query of an address that we wrote ourselves; `otherwise` when it is not there. */
export function queryNumber(url: string, name: string, otherwise: number): number {
  const text = URL.canParse(url) ? new URL(url).searchParams.get(name) : null;
  return text !== null && /^\d{1,6}$/u.test(text) ? Number(text) : otherwise;
}
