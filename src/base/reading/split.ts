import { mostBytes, mostCharacters } from "./limits.ts";

const encoder = new TextEncoder();
const fits = (text: string): boolean =>
  text.length <= mostCharacters && (text.length * 3 <= mostBytes || encoder.encode(text).length <= mostBytes);

/**
 * Cuts what is to be spoken into sentences that a program takes in one go. Where a sentence is too long it ends at a pause, at a space, or in
 * the middle.
 * @param end finds the ends of sentences: a sticky-free, global pattern
 */
export function split(text: string, end: RegExp, pause: RegExp): string[] {
  const sentences: string[] = [];
  let from = 0;
  for (const match of text.matchAll(end)) {
    sentences.push(text.slice(from, match.index + match[0].length));
    from = match.index + match[0].length;
  }
  sentences.push(text.slice(from));
  return sentences.flatMap((sentence) => short(sentence.trim(), pause)).filter((sentence) => /[\p{L}\p{N}]/u.test(sentence));
}

function short(sentence: string, pause: RegExp): string[] {
  const out: string[] = [];
  let rest = sentence;
  while (!fits(rest)) {
    const at = cutAt(rest, pause);
    out.push(rest.slice(0, at).trim());
    rest = rest.slice(at).trim();
  }
  if (rest !== "") out.push(rest);
  return out;
}

function cutAt(text: string, pause: RegExp): number {
  let most = Math.min(text.length, mostCharacters);
  while (!fits(text.slice(0, most))) most -= 10;
  const head = text.slice(0, most);
  for (const pattern of [pause, /\s/gu]) {
    const last = [...head.matchAll(pattern)].at(-1);
    if (last && last.index > most / 3) return last.index + last[0].length;
  }
  const code = head.charCodeAt(most - 1);
  return code >= 0xd800 && code <= 0xdbff ? most - 1 : most; // not between the halves of a character
}
