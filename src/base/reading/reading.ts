import { readEnglish } from "./english.ts";
import { readJapanese } from "./japanese.ts";
import { WordList } from "./words.ts";

/** A sentence as a speech program of its language takes it. */
export interface Spoken {
  readonly language: "en" | "ja";
  readonly text: string;
}

/** The words that an organisation has readings for, in each language. */
export interface Words {
  readonly en: WordList;
  readonly ja: WordList;
}

export const noWords: Words = { en: new WordList([]), ja: new WordList([]) };

// A run of Japanese, with the spaces, digits and signs between its letters.
const japaneseRun =
  /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}ー々〆](?:[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}ー々〆、。・ 0-9%]*[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}ー々〆。])?/gu;

/**
 * How a text is read out: a row of sentences, each for a program of its language. In an English text what is written in Japanese is Japanese, since
 * an English voice says "Chinese letter"; a Japanese voice says Latin words by itself.
 * @param year that is not said with dates
 */
export function readingOf(text: string, language: "en" | "ja", words: Words, year?: number): Spoken[] {
  if (language === "ja") return readJapanese(text, words.ja, year).map((one) => ({ language, text: one }));
  const out: Spoken[] = [];
  const english = (part: string): void => void out.push(...readEnglish(part, words.en, year).map((one) => ({ language, text: one })));
  const normal = text.slice(0, 4000).normalize("NFKC");
  let from = 0;
  for (const match of normal.matchAll(japaneseRun)) {
    if (words.en.has(match[0])) continue;
    english(normal.slice(from, match.index));
    out.push(...readJapanese(match[0], words.ja, year).map((one) => ({ language: "ja" as const, text: one })));
    from = match.index + match[0].length;
  }
  english(normal.slice(from));
  return out;
}
