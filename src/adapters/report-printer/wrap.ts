/** Width of a text in points. */
export type Measure = (text: string) => number;

// JIS X 4051: these begin no line, those end none.
const neverFirst =
  /^[、。，．・：；？！゛゜ヽヾゝゞ々ー…‥ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ」』）】〉》］｝〕’”％℃°,.:;!?%)\]}]/u;
const neverLast = /[「『（【〈《［｛〔‘“([{]$/u;
/** Between these and whatever stands beside them a line may end. */
const isWide = (character: string): boolean => character >= "\u2E80" && character !== "\uFEFF";

interface Piece {
  text: string;
  readonly isSpace: boolean;
}

/** The text in the pieces between which a line may end: words, spaces, single letters of Japanese with what must stay with them. */
function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  for (const [part] of text.matchAll(/\s+|[^\s\u2E80-\u{10FFFF}]+|[\u2E80-\u{10FFFF}]/gu)) {
    const last = pieces.at(-1);
    const isSpace = part.trim() === "" && !isWide(part);
    const staysWithLast = last !== undefined && !last.isSpace && !isSpace && (neverFirst.test(part) || neverLast.test(last.text));
    if (last && staysWithLast) last.text += part;
    else pieces.push({ text: isSpace ? " " : part, isSpace });
  }
  return pieces;
}

/** Cuts what is longer than a line; behind a dash, slash or dot where there is one in the second half. */
function cut(text: string, width: number, measure: Measure): string[] {
  const parts: string[] = [];
  let line = "";
  for (const character of text) {
    if (line !== "" && measure(line + character) > width) {
      const nice = /^(.+[-/_.:@,])[^-/_.:@,]+$/u.exec(line)?.[1];
      const head = nice !== undefined && nice.length > line.length / 2 ? nice : line;
      parts.push(head);
      line = line.slice(head.length);
    }
    line += character;
  }
  return [...parts, line];
}

/**
 * Breaks a text into lines that are no wider than `width` points. Words stay whole where they fit, Japanese breaks between letters but
 * never before a full stop or behind an opening bracket. Always at least one line.
 */
export function wrap(text: string, width: number, measure: Measure): string[] {
  return text.split("\n").flatMap((paragraph) => wrapParagraph(paragraph, width, measure));
}

function wrapParagraph(text: string, width: number, measure: Measure): string[] {
  const lines: string[] = [];
  let line = "";
  for (const { text: piece, isSpace } of piecesOf(text)) {
    if (measure(line + piece) <= width) line += isSpace && line === "" ? "" : piece;
    else if (isSpace) {
      lines.push(line);
      line = "";
    } else {
      if (line.trim() !== "") lines.push(line.trimEnd());
      const parts = cut(piece, width, measure);
      lines.push(...parts.slice(0, -1));
      line = parts.at(-1) ?? "";
    }
  }
  return line.trim() === "" && lines.length > 0 ? lines : [...lines, line.trimEnd()];
}

/** The first `most` lines; the last of them ends with an ellipsis when there were more. */
export function atMost(lines: readonly string[], most: number): string[] {
  if (lines.length <= most) return [...lines];
  const kept = lines.slice(0, most);
  const last = [...(kept[most - 1] ?? "")];
  return [...kept.slice(0, -1), `${last.slice(0, -1).join("")}…`];
}
