// Ranges of Unicode's East Asian Width "W" and "F" that names and memos are likely to have.
const wide =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\u33FF\u3400-\u4DBF\u4E00-\u9FFF\uA000-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE4F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1F64F}\u{1F900}-\u{1F9FF}\u{20000}-\u{3FFFD}]/u;

/** How many columns of a terminal a text takes: Japanese letters take two. */
export function widthOf(text: string): number {
  let width = 0;
  for (const letter of text) width += wide.test(letter) ? 2 : 1;
  return width;
}

/** The text with blanks behind it up to a width. */
export const padded = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - widthOf(text)));

// What a line must not begin with in Japanese.
const closing = /^[。、）」』：；！？ー〜…]/u;

/** The text in lines of at most `width` columns: broken between words, and between any two Japanese letters but before a closing mark. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.match(/[\u0021-\u007E]+|\s+|[^\u0021-\u007E\s]/gu) ?? []) {
    const isFull = widthOf(line + word.trimEnd()) > width && line !== "" && !closing.test(word);
    if (isFull) {
      lines.push(line.trimEnd());
      line = "";
    }
    line += line === "" ? word.trimStart() : word;
  }
  return line === "" ? lines : [...lines, line.trimEnd()];
}
