import * as addresses from "./addresses.ts";
import { cleaned } from "./clean.ts";
import { clockTime, freshStart, isDate, isoDateTime, isTime, numberText, shortDateTime, shortened, version } from "./numbers.ts";
import { replaced, type Piece, type Say } from "./pieces.ts";
import { split } from "./split.ts";
import { japaneseRates, japaneseTerms, japaneseUnits } from "./terms-ja.ts";
import { WordList } from "./words.ts";

const builtIn = new WordList(japaneseTerms, { looseDigits: true });

const digitNames = ["ゼロ", "イチ", "ニー", "サン", "ヨン", "ゴー", "ロク", "ナナ", "ハチ", "キュー"] as const;
const letterNames = ["エー", "ビー", "シー", "ディー", "イー", "エフ"] as const;

/** Digits, also hexadecimal ones, said one by one. */
const oneByOne = (digits: string, between = ""): string =>
  [...digits.toLowerCase()]
    .map((digit) => digitNames[Number.parseInt(digit, 10)] ?? letterNames[Number.parseInt(digit, 16) - 10] ?? digit)
    .join(between);

/**
 * A text as open_jtalk reads it right: sentences of fewer than 300 characters.
 * @param words of the organisation: they win over everything that is built in
 * @param year that need not be said with a date; absent: none is said, as people do when they mean this year
 */
export function readJapanese(text: string, words: WordList, year?: number): string[] {
  let pieces: Piece[] = [{ text: cleaned(text, "。").replaceAll(addresses.url, withoutScheme), isSaid: false }];
  pieces = words.say(pieces);
  for (const [pattern, say] of [...whereThingsAre, ...whenThingsAre(year), ...beforeTerms]) pieces = replaced(pieces, pattern, say);
  pieces = builtIn.say(pieces);
  for (const [pattern, say] of signs) pieces = replaced(pieces, pattern, say);
  return split(tidied(joined(pieces)), /[。！？!?]+/gu, /[、,]/gu);
}

type Rule = readonly [pattern: RegExp, say: Say];
const group = (match: RegExpExecArray, at: number): string => match[at] ?? "";

function withoutScheme(_: string, host: string, port: string | undefined, rest: string | undefined): string {
  const last = addresses.lastPart(rest ?? "");
  return `${host}${port === undefined ? "" : ` ポート${port}`}${last === "" ? "" : ` ${last}`} `;
}

const dotted = (digits: string): string =>
  digits
    .split(".")
    .map((part) => oneByOne(part))
    .join("、ドット、");

const whereThingsAre: readonly Rule[] = [
  [addresses.mail, (m) => `${group(m, 1).replaceAll(".", "ドット")}、アットマーク、${group(m, 2)}`],
  [addresses.mac, (m) => `マックアドレス、末尾${oneByOne(m[0].replaceAll(/[:-]/gu, "").slice(-4))}`],
  [addresses.ipv4, (m) => `${dotted(group(m, 1))}${m[2] ? `、スラッシュ${m[2]}` : ""}${m[3] ? `、ポート${oneByOne(m[3])}` : ""}、`],
  [
    addresses.ipv6,
    (m) => (addresses.isIpv6(group(m, 1)) ? `アイピーブイロク アドレス、末尾${oneByOne(lastGroup(group(m, 1)))}、` : undefined),
  ],
  [addresses.uuid, (m) => `識別子、末尾${oneByOne(group(m, 2))}、`],
  [addresses.checksum, (m) => `識別子、末尾${oneByOne(m[0].slice(-4))}、`],
  [addresses.rootPath, () => "ルート"],
];

const lastGroup = (address: string): string => address.split(":").findLast((part) => part !== "") ?? "";

const plain = (digits: string): string => String(Number(digits));
const timeOf = (hour: string, minute: string, second?: string): string =>
  `${plain(hour)}時${plain(minute)}分${second === undefined || second === "" ? "" : `${plain(second)}秒`}`;

const whenThingsAre = (thisYear: number | undefined): readonly Rule[] => [
  [
    isoDateTime,
    (m) => {
      if (!isDate(Number(m[2]), Number(m[3])) || (m[4] !== undefined && !isTime(Number(m[4]), Number(m[5])))) return undefined;
      const year = thisYear === undefined || Number(m[1]) === thisYear ? "" : `${group(m, 1)}年`;
      return `${year}${plain(group(m, 2))}月${plain(group(m, 3))}日${m[4] === undefined ? "" : ` ${timeOf(m[4], group(m, 5), m[6])}`}`;
    },
  ],
  [
    shortDateTime,
    (m) =>
      isDate(Number(m[1]), Number(m[2])) && isTime(Number(m[3]), Number(m[4]))
        ? `${plain(group(m, 1))}月${plain(group(m, 2))}日 ${timeOf(group(m, 3), group(m, 4), m[5])}`
        : undefined,
  ],
  [clockTime, (m) => (isTime(Number(m[1]), Number(m[2])) ? timeOf(group(m, 1), group(m, 2), m[3]) : undefined)],
  // A zero in front is read out: 05分 becomes ゼロゴフン.
  [/(?<![\d.,:])0+(\d{1,2})(?=\s?(?:年|月|日|時|分|秒))/gu, (m) => group(m, 1)],
  [
    /(?<![\w.])(?:(\d+)d ?)?(\d+)h ?(\d+)m(?:in)?(?: ?(\d+)s)?(?!\w)/gu,
    (m) => `${m[1] ? `${m[1]}日と` : ""}${group(m, 2)}時間${group(m, 3)}分${m[4] ? `${m[4]}秒` : ""}`,
  ],
  [/(?<![\w.])(\d+)m ?(\d+)s(?!\w)/gu, (m) => `${group(m, 1)}分${group(m, 2)}秒`],
];

const escaped = (units: Readonly<Record<string, unknown>>): string =>
  Object.keys(units)
    .toSorted((a, b) => b.length - a.length)
    .join("|");
const compared: Readonly<Record<string, string>> = {
  ">=": "以上",
  "≧": "以上",
  "≥": "以上",
  "<=": "以下",
  "≦": "以下",
  "≤": "以下",
  ">": "を超過",
  "<": "未満",
};
const comparison = String.raw`(?:(>=|<=|[<>≥≤≧≦])\s?)?`;
const minus = String.raw`((?<![\w.)-])[-−])?`;
const number = String.raw`(${numberText})`;

function measured(m: RegExpExecArray, unit: string, isRate: boolean): string {
  const sign = m[2] === undefined ? "" : "マイナス";
  const compare = m[1] === undefined ? "" : (compared[m[1]] ?? "");
  return `${compare === "" ? "" : "、"}${isRate ? "毎秒" : ""}${sign}${shortened(group(m, 3))}${unit}${compare}`;
}

// Units end where a word ends: "s" is one in 5s, not in 5servers.
const beforeTerms: readonly Rule[] = [
  [version, (m) => group(m, 1).split(".").map(plain).join("テン")],
  [
    new RegExp(String.raw`${comparison}${freshStart}${minus}${number}\s?(${escaped(japaneseRates)})(?![\w/])`, "gu"),
    (m) => measured(m, japaneseRates[group(m, 4)] ?? "", true),
  ],
  [
    new RegExp(String.raw`${comparison}${freshStart}${minus}${number}\s?(${escaped(japaneseUnits)})\/(?:s|sec|秒)(?!\w)`, "gu"),
    (m) => measured(m, japaneseUnits[group(m, 4)] ?? "", true),
  ],
  [
    new RegExp(String.raw`${comparison}${freshStart}${minus}${number}\s?(${escaped(japaneseUnits)})(?!\w|\/\w)`, "gu"),
    (m) => measured(m, japaneseUnits[group(m, 4)] ?? "", false),
  ],
  [new RegExp(String.raw`${comparison}${freshStart}${minus}${number}\s?\/(?:s|sec|秒)(?!\w)`, "gu"), (m) => measured(m, "", true)],
  // What is known by its digits: ports, answers of HTTP, codes that somebody types.
  [
    /(暗証番号|確認コード|コード|番号|PIN|code|暗証)(\s?(?:[:は=]|が)?\s?)(\d{3,10})(?![\d%:]|[.,]\d)/giu,
    (m) =>
      `${/^pin$/iu.test(group(m, 1)) ? "暗証番号" : /^code$/iu.test(group(m, 1)) ? "コード" : group(m, 1)}${group(m, 2).replaceAll(/[:=]/gu, "、")}${oneByOne(group(m, 3), "、")}`,
  ],
  [
    /(?<![\w.])(HTTP|TCP|UDP|status|ステータス|ポート|port)([ :/=]{0,2})(\d{2,5})(?!\w|\.\d)/giu,
    (m) => `${nameOf(group(m, 1))} ${oneByOne(group(m, 3))}`,
  ],
  [/(?<![\w.])(\d{2,5})\/(tcp|udp)\b/giu, (m) => `${group(m, 2).toUpperCase()} ${oneByOne(group(m, 1))}`],
  [/#(\d+)/gu, (m) => `番号${group(m, 1)}`],
  [new RegExp(String.raw`(>=|<=|[<>≥≤≧≦])\s?${minus}${number}(?!\w|\.\d)`, "gu"), (m) => measured(m, "", false)],
  [
    /(?<![\d.)\w])(\d+(?:\.\d+)?)e([+-]?)(\d{1,3})(?!\w)/giu,
    (m) => `${shortened(group(m, 1))}かける10の${m[2] === "-" ? "マイナス" : ""}${plain(group(m, 3))}乗`,
  ],
  [/(?<![\w.)-])[-−](?=\d)/gu, () => "マイナス"],
  [/(?<=\d)\s?[〜~～]\s?(?=\d)/gu, () => "から"],
  [/(?<=\d)\s?[x×]\s?(?=\d)/gu, () => "かける"],
  // Long numbers without separators are numbers of something, and those that begin with a zero as well.
  [/(?<![\w.,-])(?:0\d{2,}|\d{8,})(?!\d|[.,-]\d)/gu, (m) => oneByOne(m[0])],
  [/(?<![\w.,])\d+\.\d{3,}(?!\w|\.\d)/gu, (m) => shortened(m[0])],
  [addresses.path, (m) => ({ again: ` ${addresses.lastPart(m[0])} ` })],
];

function nameOf(word: string): string {
  if (/^port$/iu.test(word)) return "ポート";
  return /^status$/iu.test(word) ? "ステータス" : word.toUpperCase();
}

const signs: readonly Rule[] = [
  [/&+/gu, () => "アンド"],
  [/(?<=\d)\s?\+\s?(?=\d)|\+(?=\d)/gu, () => "プラス"],
  [/=+>|->|→|⇒/gu, () => "、"],
  [/=+/gu, () => "イコール"],
  [/@/gu, () => "アット"],
  [/°C|℃/gu, () => "度"],
];

/** Puts the parts together again; a part that is said never grows together with a neighbour into another word. */
function joined(pieces: readonly Piece[]): string {
  return pieces.map(({ text }) => text).join("");
}

/** What is left of signs becomes a pause or nothing. */
function tidied(text: string): string {
  return (
    text
      .replaceAll(/(?<=\d)-(?=\d)/gu, "\u0001")
      .replaceAll(/[_‐-―-]+/gu, " ")
      .replaceAll("\u0001", "-")
      .replaceAll(/(?<=\d),(?=\d{3}(?!\d))/gu, "")
      .replaceAll(/(?<!\d)\.(?=\s|$)|\.(?=$)/gu, "。")
      .replaceAll(/[\\/|;:*^`"'()[\]{}<>~…‥・,「」『』【】〈〉《》“”‘’□■◆◇●○★☆※]+/gu, "、")
      .replaceAll(/\s*[、]+[、\s]*/gu, "、")
      .replaceAll(/\s*[。]+[。、\s]*/gu, "。")
      .replaceAll(/、(?=[。！？!?])/gu, "")
      .replaceAll(/ {2,}/gu, " ")
      // A space is a pause: not before the particle of a word.
      .replaceAll(/(?<=[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}ー]) (?=\p{Script=Hiragana})/gu, "")
      .replace(/^[、。\s]+/u, "")
      .replace(/[、\s]+$/u, "")
  );
}
