import { toSeconds, type UnixMs } from "#base/duration";
import { usageError } from "./text.ts";

const perUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** `90`, `30m`, `1h30m`, `7d` as seconds; undefined for anything else. A bare number is seconds. */
export function readDuration(text: string): number | undefined {
  if (/^\d{1,10}$/u.test(text)) return Number(text);
  if (!/^(?:\d{1,9}[smhdw])+$/u.test(text)) return undefined;
  return [...text.matchAll(/(\d+)([smhdw])/gu)].reduce((sum, [, count, unit]) => sum + Number(count) * (perUnit[unit ?? ""] ?? 0), 0);
}

/** @throws CliFailure naming the flag */
export function durationOf(flag: string, text: string): number {
  const seconds = readDuration(text);
  if (seconds === undefined)
    throw usageError(
      `--${flag} must be a length such as 90s, 30m, 6h or 7d, not "${text}".`,
      `--${flag} は 90s、30m、6h、7d のような長さです（"${text}" は使えません）。`,
    );
  return seconds;
}

/**
 * Unix seconds from what one types for a time: seconds since 1970, a date of ISO 8601 (local time unless it says otherwise), `now`, or
 * `-6h` for six hours ago.
 * @throws CliFailure naming the flag
 */
export function timeOf(flag: string, text: string, now: UnixMs): number {
  if (/^\d{1,12}$/u.test(text)) return Number(text);
  if (text === "now") return toSeconds(now);
  const ago = text.startsWith("-") ? readDuration(text.slice(1)) : undefined;
  if (ago !== undefined) return toSeconds(now) - ago;
  const parsed = /^\d{4}-\d\d-\d\d/u.test(text) ? new Date(/^\d{4}-\d\d-\d\d$/u.test(text) ? `${text}T00:00` : text).getTime() : Number.NaN;
  if (!Number.isNaN(parsed)) return Math.floor(parsed / 1000);
  throw usageError(
    `--${flag} must be seconds since 1970, a time such as 2026-11-22T09:00, or -6h for six hours ago, not "${text}".`,
    `--${flag} は UNIX 秒、2026-11-22T09:00 のような日時、または -6h（6時間前）です（"${text}" は使えません）。`,
  );
}

const two = (n: number): string => String(Math.trunc(Math.abs(n))).padStart(2, "0");

/** A time as mkr prints it: in the local zone, with its offset. */
export function localTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  const offset = -date.getTimezoneOffset();
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day}T${time}${offset < 0 ? "-" : "+"}${two(offset / 60)}:${two(offset % 60)}`;
}
