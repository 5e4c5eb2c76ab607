/** A part of a text on its way to being spoken. */
export interface Piece {
  readonly text: string;
  /** It is written as it is said: no later rule touches it. */
  readonly isSaid: boolean;
}

/** How something written is said; `again` is looked at by later rules; undefined leaves it as it is. */
export type Say = (match: RegExpExecArray) => string | { readonly again: string } | undefined;

/** Replaces what a global pattern finds in parts that no earlier rule has decided about. */
export function replaced(pieces: readonly Piece[], pattern: RegExp, say: Say): Piece[] {
  return pieces.flatMap((piece) => (piece.isSaid ? [piece] : inPiece(piece.text, pattern, say)));
}

function inPiece(text: string, pattern: RegExp, say: Say): Piece[] {
  const out: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    const said = match[0] === "" ? undefined : say(match);
    if (said === undefined) continue;
    if (match.index > from) out.push({ text: text.slice(from, match.index), isSaid: false });
    out.push(typeof said === "string" ? { text: said, isSaid: true } : { text: said.again, isSaid: false });
    from = match.index + match[0].length;
  }
  if (from < text.length) out.push({ text: text.slice(from), isSaid: false });
  return out;
}
