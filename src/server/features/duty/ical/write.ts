import type { UnixMs } from "#base/duration";

/** One event of a calendar that is written. */
export interface CalendarEvent {
  /** The same for the same shift at every reading, so that programs change what they know instead of adding to it. */
  readonly uid: string;
  readonly from: number;
  readonly to: number;
  readonly summary: string;
  readonly description: string;
}

/** Longest line in octets, without its end (RFC 5545, 3.1). */
const longestLine = 75;

/** Writes a calendar as RFC 5545 has it: times in UTC, lines folded between characters, texts escaped. */
export function writeCalendar(name: string, at: UnixMs, events: readonly CalendarEvent[]): string {
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Hinoban//Duty//EN",
    "CALSCALE:GREGORIAN",
    "METHOD:PUBLISH",
    `NAME:${escaped(name)}`,
    `X-WR-CALNAME:${escaped(name)}`,
    "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    "X-PUBLISHED-TTL:PT1H",
    ...events.flatMap((event) => [
      "BEGIN:VEVENT",
      `UID:${escaped(event.uid)}`,
      `DTSTAMP:${utc(at)}`,
      `DTSTART:${utc(event.from)}`,
      `DTEND:${utc(event.to)}`,
      `SUMMARY:${escaped(event.summary)}`,
      ...(event.description === "" ? [] : [`DESCRIPTION:${escaped(event.description)}`]),
      "TRANSP:TRANSPARENT",
      "END:VEVENT",
    ]),
    "END:VCALENDAR",
  ];
  return `${lines.map(folded).join("\r\n")}\r\n`;
}

/** "20261122T000000Z" */
const utc = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/gu, "")}Z`;

/** Text (3.3.11); other control characters have no place in one. */
const escaped = (text: string): string =>
  text
    .replaceAll(/[\\;,]/gu, String.raw`\$&`)
    .replaceAll(/\r\n|\r|\n/gu, String.raw`\n`)
    .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/gu, "");

function folded(line: string): string {
  const parts: string[] = [];
  let part = "";
  let size = 0;
  for (const character of line) {
    const octets = Buffer.byteLength(character, "utf8");
    // A line that goes on begins with a blank, which counts.
    if (size + octets > longestLine) {
      parts.push(part);
      part = "";
      size = 1;
    }
    part += character;
    size += octets;
  }
  return [...parts, part].join("\r\n ");
}
