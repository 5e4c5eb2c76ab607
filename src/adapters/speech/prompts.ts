import { existsSync, readFileSync } from "node:fs";
import { decodeMuLaw } from "#base/sound/mu-law";
import type { Clip, SpokenLanguage } from "#ports/phone/port";
import type { PromptStore } from "#ports/speech/port";

const languages: readonly SpokenLanguage[] = ["ja", "en"];

/**
 * The recorded prompts that come with the product: one file for both languages, written by `tools/prompts.mjs`. First a line of JSON, for each
 * language the names with their lengths in the order in which they follow, then the sound in µ-law.
 * @throws Error when the file is damaged
 */
export function packed(prompts: Readonly<Record<SpokenLanguage, ReadonlyMap<string, Uint8Array>>>): Uint8Array {
  const index = Object.fromEntries(
    languages.map((language) => [language, [...prompts[language]].map(([name, { length }]) => [name, length])]),
  );
  return Buffer.concat([Buffer.from(`${JSON.stringify(index)}\n`), ...languages.flatMap((language) => [...prompts[language].values()])]);
}

/** Reads the file when the first prompt is asked for; without it there are none. */
export class PackedPrompts implements PromptStore {
  readonly #file: string;
  #clips: ReadonlyMap<string, Uint8Array> | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  clip(language: SpokenLanguage, name: string): Clip | undefined {
    this.#clips ??= existsSync(this.#file) ? unpacked(readFileSync(this.#file)) : new Map();
    const bytes = this.#clips.get(`${language} ${name}`);
    return bytes && { samples: decodeMuLaw(bytes) };
  }
}

function unpacked(bytes: Buffer): ReadonlyMap<string, Uint8Array> {
  const end = bytes.indexOf(10);
  // Written by `packed`, and shipped with the code that reads it.
  const index = JSON.parse(bytes.toString("utf8", 0, end)) as Record<SpokenLanguage, [string, number][]>; // oxlint-disable-line typescript/no-unsafe-type-assertion
  const clips = new Map<string, Uint8Array>();
  let at = end + 1;
  for (const language of languages)
    for (const [name, length] of index[language]) {
      clips.set(`${language} ${name}`, bytes.subarray(at, at + length));
      at += length;
    }
  return clips;
}
