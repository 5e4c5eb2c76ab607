import * as addresses from "./addresses.ts";
import { cleaned } from "./clean.ts";
import { clockTime, freshStart, isDate, isoDateTime, isTime, numberText, shortDateTime, shortened, version } from "./numbers.ts";
import { replaced, type Piece, type Say } from "./pieces.ts";
import { split } from "./split.ts";
import { englishRates, englishTerms, englishUnits, monthNames } from "./terms-en.ts";
import { WordList } from "./words.ts";

const builtIn = new WordList(englishTerms, { looseDigits: true });

/**
 * A text as espeak-ng reads it right: sentences of fewer than 300 characters.
 * @param words of the organisation: they win over everything that is built in
 * @param year that need not be said with a date; absent: none is said
 */
export function readEnglish(text: string, words: WordList, year?: number): string[] {
  let pieces: Piece[] = [{ text: cleaned(text, ". ").replaceAll(addresses.url, withoutScheme), isSaid: false }];
  pieces = words.say(pieces);
  for (const [pattern, say] of [...whereThingsAre, ...whenThingsAre(year), ...beforeTerms]) pieces = replaced(pieces, pattern, say);
  pieces = builtIn.say(pieces);
  for (const [pattern, say] of signs) pieces = replaced(pieces, pattern, say);
  return split(tidied(pieces.map((piece) => piece.text).join("")), /[.!?]+(?=\s)|[。！？]/gu, /[,;:]/gu);
}

type Rule = readonly [pattern: RegExp, say: Say];
const group = (match: RegExpExecArray, at: number): string => match[at] ?? "";

function withoutScheme(_: string, host: string, port: string | undefined, rest: string | undefined): string {
  const last = addresses.lastPart(rest ?? "");
  return `${host}${port === undefined ? "" : ` port ${port}`}${last === "" ? "" : ` ${last}`} `;
}

/** Digits, also hexadecimal ones, said one by one. */
const oneByOne = (digits: string, between = " "): string => [...digits.toUpperCase()].join(between);

const whereThingsAre: readonly Rule[] = [
  [addresses.mail, (m) => `${group(m, 1).replaceAll(".", " dot ")} at ${group(m, 2).replaceAll(".", " dot ")}`],
  [addresses.mac, (m) => `MAC address ending ${oneByOne(m[0].replaceAll(/[:-]/gu, "").slice(-4))}`],
  [addresses.ipv4, (m) => `${group(m, 1).replaceAll(".", " dot ")}${m[2] ? ` slash ${m[2]}` : ""}${m[3] ? ` port ${oneByOne(m[3])}` : ""}`],
  [addresses.ipv6, (m) => (addresses.isIpv6(group(m, 1)) ? `I P version 6 address ending ${oneByOne(lastGroup(group(m, 1)))}` : undefined)],
  [addresses.uuid, (m) => `identifier ending ${oneByOne(group(m, 2))}`],
  [addresses.checksum, (m) => `identifier ending ${oneByOne(m[0].slice(-4))}`],
  [addresses.rootPath, () => "root"],
];

const lastGroup = (address: string): string => address.split(":").findLast((part) => part !== "") ?? "";

const plain = (digits: string): string => String(Number(digits));

/** 23:05 is "23 oh 5", 12:00 is "12 o'clock". */
function timeOf(hour: string, minute: string, second?: string): string {
  const rest = second === undefined || second === "" || Number(second) === 0 ? "" : ` and ${plain(second)} seconds`;
  if (Number(minute) === 0) return `${plain(hour)} o'clock${rest}`;
  return `${plain(hour)} ${Number(minute) < 10 ? "oh " : ""}${plain(minute)}${rest}`;
}

const dayOf = (month: string, day: string): string => `${monthNames[Number(month) - 1] ?? ""} ${plain(day)}`;

const whenThingsAre = (thisYear: number | undefined): readonly Rule[] => [
  [
    isoDateTime,
    (m) => {
      if (!isDate(Number(m[2]), Number(m[3])) || (m[4] !== undefined && !isTime(Number(m[4]), Number(m[5])))) return undefined;
      const year = thisYear === undefined || Number(m[1]) === thisYear ? "" : ` ${group(m, 1)}`;
      return `${dayOf(group(m, 2), group(m, 3))}${year}${m[4] === undefined ? "" : `, ${timeOf(m[4], group(m, 5), m[6])}`}`;
    },
  ],
  [
    shortDateTime,
    (m) =>
      isDate(Number(m[1]), Number(m[2])) && isTime(Number(m[3]), Number(m[4]))
        ? `${dayOf(group(m, 1), group(m, 2))}, ${timeOf(group(m, 3), group(m, 4), m[5])}`
        : undefined,
  ],
  [clockTime, (m) => (isTime(Number(m[1]), Number(m[2])) ? timeOf(group(m, 1), group(m, 2), m[3]) : undefined)],
  [
    /(?<![\w.])(?:(\d+)d ?)?(\d+)h ?(\d+)m(?:in)?(?: ?(\d+)s)?(?!\w)/gu,
    (m) =>
      [m[1] && counted(m[1], "day"), counted(group(m, 2), "hour"), counted(group(m, 3), "minute"), m[4] && counted(m[4], "second")]
        .filter((part) => part !== undefined)
        .join(" "),
  ],
  [/(?<![\w.])(\d+)m ?(\d+)s(?!\w)/gu, (m) => `${counted(group(m, 1), "minute")} ${counted(group(m, 2), "second")}`],
];

const counted = (digits: string, one: string): string => `${plain(digits)} ${one}${Number(digits) === 1 ? "" : "s"}`;

const escaped = (units: Readonly<Record<string, unknown>>): string =>
  Object.keys(units)
    .toSorted((a, b) => b.length - a.length)
    .join("|");
const compared: Readonly<Record<string, string>> = {
  ">=": "at least",
  "≧": "at least",
  "≥": "at least",
  "<=": "at most",
  "≦": "at most",
  "≤": "at most",
  ">": "more than",
  "<": "less than",
};
const comparison = String.raw`(?:(>=|<=|[<>≥≤≧≦])\s?)?`;
const minus = String.raw`((?<![\w.)-])[-−])?`;
const number = String.raw`(${numberText})`;

function measured(m: RegExpExecArray, unit: readonly [string, string] | undefined, per: string): string {
  const value = shortened(group(m, 3));
  const name = unit === undefined ? "" : ` ${value === "1" ? unit[0] : unit[1]}`;
  const compare = m[1] === undefined ? "" : `${compared[m[1]] ?? ""} `;
  return `${compare}${m[2] === undefined ? "" : "minus "}${value}${name}${per}`;
}

const perSecond = " per second";
const beforeTerms: readonly Rule[] = [
  [version, (m) => group(m, 1).split(".").map(plain).join(" point ")],
  [
    new RegExp(String.raw`${comparison}${freshStart}${minus}${number}\s?(${escaped(englishRates)})(?![\w/])`, "gu"),
    (m) => measured(m, englishRates[group(m, 4)], perSecond),
  ],
  [
    new RegExp(String.raw`${comparison}${freshStart}${minus}${number}\s?(${escaped(englishUnits)})\/(?:s|sec)(?!\w)`, "gu"),
    (m) => measured(m, englishUnits[group(m, 4)], perSecond),
  ],
  [
    new RegExp(String.raw`${comparison}${freshStart}${minus}${number}\s?(${escaped(englishUnits)})(?!\w|\/\w)`, "gu"),
    (m) => measured(m, englishUnits[group(m, 4)], ""),
  ],
  [new RegExp(String.raw`${comparison}${freshStart}${minus}${number}\s?\/(?:s|sec)(?!\w)`, "gu"), (m) => measured(m, undefined, perSecond)],
  [
    /\b(PIN|code|number)(\s?(?::|is)?\s?)(\d{3,10})(?![\d%:]|[.,]\d)/giu,
    (m) => `${group(m, 1)}${group(m, 2)}${oneByOne(group(m, 3), ", ")}`,
  ],
  [/(?<![\w.])(HTTP|TCP|UDP|status|port)([ :/=]{0,2})(\d{2,5})(?!\w|\.\d)/giu, (m) => `${group(m, 1)} ${oneByOne(group(m, 3))}`],
  [/(?<![\w.])(\d{2,5})\/(tcp|udp)\b/giu, (m) => `${group(m, 2).toUpperCase()} ${oneByOne(group(m, 1))}`],
  [/#(\d+)/gu, (m) => `number ${group(m, 1)}`],
  [new RegExp(String.raw`(>=|<=|[<>≥≤≧≦])\s?${minus}${number}(?!\w|\.\d)`, "gu"), (m) => measured(m, undefined, "")],
  [
    /(?<![\d.)\w])(\d+(?:\.\d+)?)e([+-]?)(\d{1,3})(?!\w)/giu,
    (m) => `${shortened(group(m, 1))} times 10 to the ${m[2] === "-" ? "minus " : ""}${plain(group(m, 3))}`,
  ],
  [/(?<![\w.)-])[-−](?=\d)/gu, () => "minus "],
  [/(?<=\d)\s?[〜~～]\s?(?=\d)/gu, () => " to "],
  [/(?<![\w.,-])(?:0\d{2,}|\d{8,})(?!\d|[.,-]\d)/gu, (m) => oneByOne(m[0])],
  [/(?<![\w.,])\d+\.\d{3,}(?!\w|\.\d)/gu, (m) => shortened(m[0])],
  [addresses.path, (m) => ({ again: ` ${addresses.lastPart(m[0])} ` })],
];

const signs: readonly Rule[] = [
  [/&+/gu, () => " and "],
  [/(?<=\d)\s?\+\s?(?=\d)|\+(?=\d)/gu, () => " plus "],
  [/=+>|->|→|⇒/gu, () => ", "],
  [/=+/gu, () => " equals "],
  [/@/gu, () => " at "],
  // Dots inside names are said: web01 dot example dot jp.
  [/(?<=[a-z0-9])\.(?=[a-z])/giu, () => " dot "],
];

function tidied(text: string): string {
  return text
    .replaceAll(/(?<=[\p{L}\d])-(?=\d)|(?<=\d)-(?=\p{L})/gu, " ")
    .replaceAll(/(?<!\p{L})-|-(?!\p{L})|[_‐-―]+/gu, " ")
    .replaceAll(/(?<=\d),(?=\d{3}(?!\d))/gu, "")
    .replaceAll(/[\\/|*^`"()[\]{}<>~…「」『』【】、・]+/gu, ", ")
    .replaceAll(/\s*,[\s,:;]*/gu, ", ")
    .replaceAll(/\s+/gu, " ")
    .replaceAll(/,? ?([.!?])(?=\s|$)/gu, "$1")
    .replaceAll(/([.!?])\s*[.!?,]+/gu, "$1")
    .replace(/^[,.:;\s]+/u, "")
    .replace(/[,\s]+$/u, "");
}
