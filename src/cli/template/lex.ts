import { usageError } from "../text.ts";

/** A word inside {{…}}. `isGlued` = no blank before it, as in `(index .A 0).Name`. */
export interface Token {
  readonly kind: "field" | "variable" | "name" | "text" | "number" | "sign";
  readonly text: string;
  readonly isGlued: boolean;
}

/** A stretch of plain text, or what stands between {{ and }}. */
export type Piece = { readonly text: string } | { readonly action: readonly Token[] };

export const templateError = (why: string): Error => usageError(`--format: ${why}.`, `--format: テンプレートが正しくありません: ${why}`);

/**
 * Cuts a template into text and actions, applying the trim markers `{{-` and `-}}`; comments vanish.
 * @throws CliFailure for an action that does not end or holds a strange letter
 */
export function lex(source: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trimsNext = false;
  while (at < source.length) {
    const open = source.indexOf("{{", at);
    const end = open < 0 ? source.length : open;
    const trimsBefore = /^\{\{-\s/u.test(source.slice(end, end + 4));
    const text = trimmed(source.slice(at, end), trimsNext, trimsBefore);
    if (text !== "") pieces.push({ text });
    if (open < 0) break;
    const { tokens, next, trimsAfter } = action(source, open + (trimsBefore ? 3 : 2));
    if (tokens.length > 0) pieces.push({ action: tokens });
    trimsNext = trimsAfter;
    at = next;
  }
  return pieces;
}

function trimmed(text: string, start: boolean, end: boolean): string {
  const left = start ? text.trimStart() : text;
  return end ? left.trimEnd() : left;
}

interface Action {
  readonly tokens: readonly Token[];
  readonly next: number;
  readonly trimsAfter: boolean;
}

const words: readonly (readonly [Token["kind"], RegExp])[] = [
  ["text", /"(?:[^"\\\n]|\\.)*"|`[^`]*`/uy],
  ["number", /[+-]?\d+(?:\.\d+)?/uy],
  ["variable", /\$\w*/uy],
  ["field", /\.\w+/uy],
  ["name", /[A-Za-z_]\w*/uy],
  ["sign", /:=|[().|,=]/uy],
];

function action(source: string, start: number): Action {
  const comment = /\s*\/\*[\s\S]*?\*\/\s*(-?)\}\}/uy;
  comment.lastIndex = start;
  const skipped = comment.exec(source);
  if (skipped) return { tokens: [], next: comment.lastIndex, trimsAfter: skipped[1] === "-" };
  const tokens: Token[] = [];
  let at = start;
  for (;;) {
    const blank = /\s*/uy;
    blank.lastIndex = at;
    blank.exec(source);
    const isGlued = blank.lastIndex === at && tokens.length > 0;
    at = blank.lastIndex;
    if (source.startsWith("}}", at)) return { tokens, next: at + 2, trimsAfter: false };
    if (source.startsWith("-}}", at) && !isGlued) return { tokens, next: at + 3, trimsAfter: true };
    if (at >= source.length) throw templateError("{{ without }}");
    const token = wordAt(source, at, isGlued);
    tokens.push(token);
    at += token.text.length;
  }
}

function wordAt(source: string, at: number, isGlued: boolean): Token {
  for (const [kind, pattern] of words) {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    if (text !== undefined && text !== "") return { kind, text, isGlued };
  }
  throw templateError(`${JSON.stringify(source[at])} cannot stand inside {{ }}`);
}
