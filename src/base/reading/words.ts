import type { Piece } from "./pieces.ts";

/** How a written word is said. */
export interface Word {
  readonly written: string;
  readonly spoken: string;
}

const isLatin = (character: string | undefined): boolean => character !== undefined && /[a-z0-9]/i.test(character);
const isDigit = (character: string | undefined): boolean => character !== undefined && character >= "0" && character <= "9";

/**
 * Words that are looked up in texts: the longest that fits wins, letters count whatever their case. A word of Latin letters fits only where no
 * letter or digit continues it, and digits only where they are no part of a longer number or address.
 */
export class WordList {
  /** By their first letter, longest first. */
  readonly #byStart = new Map<string, Word[]>();
  readonly #hasLooseDigits: boolean;

  /**
   * @param options `looseDigits`: a word of letters fits before digits too, as `node` does in `node3`. Written words are brought into the form
   *   that texts have when they are looked through (NFKC); of two that are written alike the first counts.
   */
  constructor(words: Iterable<Word>, options: { readonly looseDigits?: boolean } = {}) {
    this.#hasLooseDigits = options.looseDigits ?? false;
    const known = new Set<string>();
    for (const { written, spoken } of words) {
      const key = folded(written.normalize("NFKC").trim());
      const start = key[0];
      if (start === undefined || known.has(key)) continue;
      known.add(key);
      const same = this.#byStart.get(start);
      if (same) same.push({ written: key, spoken });
      else this.#byStart.set(start, [{ written: key, spoken }]);
    }
    for (const same of this.#byStart.values()) same.sort((a, b) => b.written.length - a.written.length);
  }

  /** Whether something is one of the words as a whole. */
  has(text: string): boolean {
    const key = folded(text.normalize("NFKC").trim());
    return this.#byStart.get(key[0] ?? "")?.some(({ written }) => written === key) ?? false;
  }

  /** Says the words that stand in parts which no rule has decided about. */
  say(pieces: readonly Piece[]): Piece[] {
    if (this.#byStart.size === 0) return [...pieces];
    return pieces.flatMap((piece) => (piece.isSaid ? [piece] : this.#inPiece(piece.text)));
  }

  #inPiece(text: string): Piece[] {
    const low = folded(text);
    const out: Piece[] = [];
    let from = 0;
    for (let at = 0; at < low.length;) {
      const word = this.#wordAt(low, at);
      if (!word) {
        at += 1;
        continue;
      }
      if (at > from) out.push({ text: text.slice(from, at), isSaid: false });
      out.push({ text: word.spoken, isSaid: true });
      at += word.written.length;
      from = at;
    }
    if (from < text.length) out.push({ text: text.slice(from), isSaid: false });
    return out;
  }

  #wordAt(low: string, at: number): Word | undefined {
    return this.#byStart.get(low[at] ?? "")?.find(({ written }) => low.startsWith(written, at) && this.#fits(low, at, written));
  }

  #fits(low: string, at: number, written: string): boolean {
    return this.#beginsThere(low, at, written) && this.#endsThere(low, at + written.length, written);
  }

  #beginsThere(low: string, at: number, written: string): boolean {
    const before = low[at - 1];
    if (isDigit(written[0])) return !isLatin(before) && !(before === "." && isDigit(low[at - 2]));
    return !isLatin(written[0]) || !isLatin(before) || this.#isLoose(before);
  }

  #endsThere(low: string, end: number, written: string): boolean {
    const after = low[end];
    if (isDigit(written.at(-1))) return !isLatin(after) && !(after === "." && isDigit(low[end + 1]));
    return !isLatin(written.at(-1)) || !isLatin(after) || this.#isLoose(after);
  }

  #isLoose(neighbour: string | undefined): boolean {
    return this.#hasLooseDigits && isDigit(neighbour);
  }
}

/** Lower case letter by letter, so that every letter keeps its place (İ in lower case are two). */
export const folded = (text: string): string => {
  const low = text.toLowerCase();
  return low.length === text.length ? low : text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
};
