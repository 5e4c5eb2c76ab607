import { digitsOf, englishNumber, japaneseNumber } from "./numerals.ts";
import { englishPrompts } from "./prompts-en.ts";
import { japanesePrompts } from "./prompts-ja.ts";
import type { Spoken } from "./reading.ts";

/** Between words that are put together: a short silence, which is no recording. */
export const pausePrompt = "pause";

/** More recordings in one sentence nobody would listen to. */
const mostPrompts = 200;

/** All prompts of a language by name, with what they say. */
export const promptsOf = (language: "en" | "ja"): ReadonlyMap<string, string> => (language === "ja" ? japanesePrompts : englishPrompts);

/**
 * A sentence put together from recorded prompts: known words as such, kana by syllables, Latin names letter by letter, numbers by their parts.
 * What has no recording is left out, so the result may be empty.
 * @param sentence as {@link readingOf} made it
 */
export function promptsFor({ language, text }: Spoken): string[] {
  const names: string[] = [];
  const step = language === "ja" ? japaneseStep : englishStep;
  for (let at = 0; at < text.length && names.length < mostPrompts;) {
    const { length, prompts } = step(text, at, names);
    for (const name of prompts) if (name !== pausePrompt || (names.length > 0 && names.at(-1) !== pausePrompt)) names.push(name);
    at += Math.max(1, length);
  }
  if (names.at(-1) === pausePrompt) names.pop();
  return names;
}

interface Step {
  readonly length: number;
  readonly prompts: readonly string[];
}

const nothing: Step = { length: 1, prompts: [] };
const pause: Step = { length: 1, prompts: [pausePrompt] };

/** Words of more than one character by their first, longest first. */
function byStart(prompts: ReadonlyMap<string, string>, isWord: (name: string) => boolean): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const name of [...prompts.keys()].filter(isWord).toSorted((a, b) => b.length - a.length)) {
    const start = name.charAt(0);
    const same = found.get(start);
    if (same) same.push(name);
    else found.set(start, [name]);
  }
  return found;
}

const japaneseWords = byStart(japanesePrompts, (name) => !/^[a-z\d]/u.test(name));
const englishWords = byStart(englishPrompts, (name) => name.length > 1 && !/^n\d|:/u.test(name));

function japaneseStep(text: string, at: number, before: readonly string[]): Step {
  const digits = /^\d+(?:\.\d+)?/u.exec(text.slice(at, at + 40))?.[0];
  if (digits !== undefined) return japaneseDigits(text, at, digits);
  const kana = hiragana(text.slice(at, at + 30));
  const character = kana.charAt(0);
  const word = japaneseWords.get(text.charAt(at))?.find((name) => text.startsWith(name, at));
  if (word !== undefined) return { length: word.length, prompts: [word] };
  if (/[a-z]/iu.test(character)) return { length: 1, prompts: [character.toLowerCase()] };
  if (/[、。!?！？\s-]/u.test(character) || character === "っ") return pause;
  if (character === "ー") return { length: 1, prompts: vowelOf(before.at(-1)) };
  const mora = japaneseWords.get(character)?.find((name) => name.length <= 2 && kana.startsWith(name));
  return mora === undefined ? nothing : { length: mora.length, prompts: [mora] };
}

function japaneseDigits(text: string, at: number, digits: string): Step {
  const [whole = "", decimals] = digits.split(".");
  const after = text.slice(at + digits.length);
  if (decimals === undefined && /^時(?!間)|^分/u.test(after) && whole.length <= 2)
    return { length: digits.length + 1, prompts: clockParts(Number(whole), after.startsWith("時") ? "h" : "m") };
  const fraction = decimals === undefined ? [] : ["point", ...digitsOf(decimals)];
  return { length: digits.length, prompts: [...japaneseNumber(whole), ...fraction] };
}

/** 14時 is じゅう・よじ, 20時 is one word. */
function clockParts(value: number, kind: "h" | "m"): string[] {
  const rest = value % 10;
  if (japanesePrompts.has(`${kind}${value}`)) return [`${kind}${value}`];
  return [...japaneseNumber(String(value - rest)), `${kind}${rest}`];
}

const hiragana = (text: string): string =>
  text
    .replaceAll(/[\u30a1-\u30f4]/gu, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0x60))
    .replaceAll("ぢ", "じ")
    .replaceAll("づ", "ず")
    .replaceAll("を", "お");

const vowels: readonly (readonly [string, RegExp])[] = [
  ["あ", /[あかさたなはまやらわがざだばぱゃぁ]$/u],
  ["い", /[いきしちにひみりぎじびぴぃ]$/u],
  ["う", /[うくすつぬふむゆるぐずぶぷゅぅゔ]$/u],
  ["え", /[えけせてねへめれげぜでべぺぇ]$/u],
  ["お", /[おこそとのほもよろごぞどぼぽょぉ]$/u],
];

const vowelOf = (name = ""): string[] => vowels.filter(([, pattern]) => pattern.test(hiragana(name))).map(([vowel]) => vowel);

function englishStep(text: string, at: number): Step {
  const rest = text.slice(at, at + 60).toLowerCase();
  const digits = /^\d+(?:\.\d+)?/u.exec(rest)?.[0];
  if (digits !== undefined) {
    const [whole = "", decimals] = digits.split(".");
    const fraction = decimals === undefined ? [] : ["point", ...digitsOf(decimals)];
    return { length: digits.length, prompts: [...englishNumber(whole), ...fraction] };
  }
  const first = rest.charAt(0);
  if (/[.,;:!?]/u.test(first)) return pause;
  if (!/[a-z]/u.test(first)) return nothing;
  const isFresh = at === 0 || !/[a-z0-9]/iu.test(text.charAt(at - 1));
  const word = isFresh
    ? englishWords.get(first)?.find((name) => rest.startsWith(name) && !/^[a-z0-9'-]/u.test(rest.slice(name.length)))
    : undefined;
  return word === undefined ? { length: 1, prompts: [first] } : { length: word.length, prompts: [word] };
}
