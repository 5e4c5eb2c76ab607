import Encoding from "encoding-japanese";

const decoder = new TextDecoder("iso-2022-jp");

/** Half-width kana become full-width ones: old gateways cannot carry them. */
const widened = (text: string): string => text.replaceAll(/[\uff61-\uff9f]+/gu, (kana) => kana.normalize("NFKC"));

/** What two spellings of one sign have in common: a round trip gives the wave dash and the minus sign back as their full-width twins. */
const folded = (text: string): string =>
  text.replaceAll("\u301c", "\uff5e").replaceAll("\u2212", "\uff0d").replaceAll("\u2016", "\u2225").replaceAll("\u00a5", "\\");

/**
 * The text in ISO-2022-JP, 7 bits; undefined when a reader would not see the same text (emoji, rare kanji, letters with accents), for then
 * the whole mail goes as UTF-8.
 */
export function encodeIso2022Jp(text: string): Buffer | undefined {
  const source = widened(text);
  const codes = Encoding.convert(Encoding.stringToCode(source), { to: "JIS", from: "UNICODE" });
  const bytes = Buffer.from(codes);
  if (bytes.some((byte) => byte > 0x7f) || bytes.includes("\u001b$(D", 0, "latin1")) return undefined;
  return folded(decoder.decode(bytes)) === folded(source) ? bytes : undefined;
}

/** Most bytes inside one encoded word: `=?ISO-2022-JP?B?` and `?=` leave 57 letters of base64 of the 75 that RFC 2047 allows. */
const mostWordBytes = 42;

/** An unstructured header in encoded words, each of which ends in ASCII; undefined when it cannot be encoded. */
export function iso2022JpHeader(text: string): string | undefined {
  if (/^[\u0020-\u007e]*$/u.test(text) && !text.includes("=?") && text.length <= 60) return text;
  const words: string[] = [];
  let held = "";
  const encoded = (piece: string): Buffer | undefined => encodeIso2022Jp(piece);
  for (const letter of widened(text)) {
    const longer = encoded(held + letter);
    if (!longer) return undefined;
    if (longer.length > mostWordBytes && held !== "") {
      words.push(held);
      held = letter;
    } else held += letter;
  }
  if (held !== "") words.push(held);
  return words.map((word) => `=?ISO-2022-JP?B?${(encoded(word) ?? Buffer.alloc(0)).toString("base64")}?=`).join("\r\n ");
}

/** Most bytes of a line, so that it stays below the 998 that SMTP allows. */
const mostLineBytes = 900;

/** A body in lines that SMTP carries, each in ASCII at its end; undefined when it cannot be encoded. */
export function iso2022JpBody(text: string): Buffer | undefined {
  const lines: Buffer[] = [];
  for (const line of widened(text).split(/\r\n|\r|\n/u)) {
    for (const piece of pieces(line)) {
      const bytes = encodeIso2022Jp(piece);
      if (!bytes) return undefined;
      lines.push(bytes, Buffer.from("\r\n"));
    }
  }
  return Buffer.concat(lines);
}

/** What a change of the set of letters takes, both ways. */
const changeBytes = 6;

/** Pieces of a line that are short enough. */
function pieces(line: string): string[] {
  const list: string[] = [];
  let piece = "";
  let size = 0;
  let wasAscii = true;
  for (const letter of line) {
    const isAscii = letter <= "\u007f";
    const cost = (isAscii ? 1 : 2) + (isAscii === wasAscii ? 0 : changeBytes);
    if (size + cost > mostLineBytes) {
      list.push(piece);
      piece = "";
      size = 0;
    }
    piece += letter;
    size += cost;
    wasAscii = isAscii;
  }
  return [...list, piece];
}
