/** Characters that XML 1.0 does not allow even when they are escaped. */
const forbidden = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/gu;

const entities = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&#39;"],
]);

/** A text as it may stand between tags and in attributes of XML and HTML, whoever wrote it. */
export const escapeXml = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(forbidden, "")
    .replaceAll(/[&<>"']/gu, (character) => entities.get(character) ?? "");

/** Width of one character in parts of the font size: rough, since every machine draws with another font. */
function widthOf(character: string): number {
  if (character >= "\u2E80") return 1;
  if (/[ilj.,:;|!'()[\] ]/u.test(character)) return 0.34;
  return /[mwMW%@—]/u.test(character) ? 0.9 : 0.58;
}

/** About how wide a text is drawn, in pixels. */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const character of text) width += widthOf(character);
  return width * size;
}

/** The text, or as much of its beginning as fits into `most` pixels. */
export function fitText(text: string, size: number, most: number): string {
  if (textWidth(text, size) <= most) return text;
  let [fitting, width] = ["", size];
  for (const character of text) {
    width += widthOf(character) * size;
    if (width > most) break;
    fitting += character;
  }
  return fitting === "" ? "" : `${fitting.trimEnd()}…`;
}
