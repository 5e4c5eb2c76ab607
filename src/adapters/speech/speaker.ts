import { createHash } from "node:crypto";
import { readFile, rm, stat } from "node:fs/promises";
import type { Clock } from "#base/clock";
import { minutes } from "#base/duration";
import { HinobanError } from "#base/errors";
import { levelled, trimmed } from "#base/sound/arrange";
import { toPhoneRate } from "#base/sound/resample";
import { readWav } from "#base/sound/wav";
import type { Clip, SpokenLanguage } from "#ports/phone/port";
import type { Speaker, SpeechProgram } from "#ports/speech/port";
import { SoundCache } from "./cache.ts";
import { findEnglish, findJapanese, type Places } from "./find.ts";
import { run } from "./run.ts";
import { Turns } from "./turns.ts";

export interface SpeakerOptions {
  readonly clock: Clock;
  /** Where what was spoken is kept. */
  readonly cacheFolder: string;
  readonly places?: Places;
  /** Most bytes of the folder. */
  readonly cacheCap?: number;
}

/** Two sentences at once: more would only be slower on the small machines that this runs on. */
const atOnce = 2;
const mostWaiting = 100;
/** What is installed seldom changes; a program that was just installed is found within this time, or as soon as somebody looks at the page. */
const lookEvery = minutes(5);
/** Around a sentence a little silence stays, so that it does not begin with a click. */
const rest = 0.06;
/** Changes when what becomes of a program's sound changes. */
const recipe = "1";

interface Known {
  readonly program: SpeechProgram;
  /** Tells a voice from one that takes its place. */
  readonly identity: string;
}

/** Speaks Japanese with open_jtalk and English with espeak-ng, where they are installed. */
export class ProgramSpeaker implements Speaker {
  readonly #clock: Clock;
  readonly #places: Places;
  readonly #cache: SoundCache;
  readonly #turns = new Turns(atOnce, mostWaiting);
  readonly #speaking = new Map<string, Promise<Clip>>();
  readonly #ending = new AbortController();
  #known: Promise<ReadonlyMap<SpokenLanguage, Known>> | undefined;
  #lookedAt = 0;

  constructor({ clock, cacheFolder, cacheCap, places = {} }: SpeakerOptions) {
    this.#clock = clock;
    this.#places = places;
    this.#cache = new SoundCache(cacheFolder, clock, cacheCap);
  }

  async speak(language: SpokenLanguage, text: string): Promise<Clip> {
    const known = (await this.#programsKnown()).get(language);
    if (!known || known.program.missing.length > 0)
      throw new HinobanError("unavailable", `Nothing that speaks is installed for the language ${language}.`, { language });
    const name = createHash("sha256").update([recipe, language, known.identity, text].join("\0")).digest("hex").slice(0, 40);
    const speaking = this.#speaking.get(name);
    if (speaking) return speaking;
    const clip = this.#cachedOrSpoken(name, known.program, text).finally(() => this.#speaking.delete(name));
    this.#speaking.set(name, clip);
    return clip;
  }

  async programs(): Promise<readonly SpeechProgram[]> {
    this.#known = undefined;
    return [...(await this.#programsKnown()).values()].map(({ program }) => program);
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await Promise.allSettled(this.#speaking.values());
  }

  async #cachedOrSpoken(name: string, program: SpeechProgram, text: string): Promise<Clip> {
    const kept = await this.#cache.get(name);
    if (kept) return { samples: kept };
    const wav = await this.#turns.take(() => {
      if (this.#ending.signal.aborted) throw new HinobanError("unavailable", "The server is stopping.");
      return this.#spoken(program, text, name);
    });
    const samples = levelled(trimmed(toPhoneRate(readWav(wav)), rest));
    if (samples.length === 0) throw new HinobanError("unavailable", `${program.program} says nothing for this.`);
    await this.#cache.put(name, samples);
    return { samples };
  }

  async #spoken({ program, found }: SpeechProgram, text: string, name: string): Promise<Buffer> {
    // Both read the text from their input, so that nothing in it can be taken for an option.
    const input = `${text.replaceAll(/\p{Cc}/gu, " ")}\n`;
    const command = found.program ?? "";
    if (program === "espeak-ng")
      return run(this.#clock, { program: command, words: ["-v", "en-us", "-s", "160", "--stdin", "--stdout"], input }, this.#ending.signal);
    // It opens its output by name, which it cannot do with what Node calls a pipe.
    const file = await this.#cache.scratch(`${name}.wav`);
    try {
      const words = ["-x", found.dictionary ?? "", "-m", found.voice ?? "", "-ow", file];
      await run(this.#clock, { program: command, words, input }, this.#ending.signal);
      return await readFile(file);
    } finally {
      await rm(file, { force: true });
    }
  }

  #programsKnown(): Promise<ReadonlyMap<SpokenLanguage, Known>> {
    const now = this.#clock.mono();
    if (this.#known === undefined || now - this.#lookedAt > lookEvery) {
      this.#lookedAt = now;
      this.#known = this.#look();
    }
    return this.#known;
  }

  async #look(): Promise<ReadonlyMap<SpokenLanguage, Known>> {
    const found = await Promise.all([findJapanese(this.#places), findEnglish(this.#places)]);
    const known = await Promise.all(found.map(async (program) => ({ program, identity: await identityOf(program) })));
    return new Map(known.map((one) => [one.program.language, one]));
  }
}

async function identityOf({ program, found }: SpeechProgram): Promise<string> {
  const file = found.voice ?? found.program;
  const of = file === undefined ? undefined : await stat(file).catch(() => undefined);
  return `${program} ${file ?? ""} ${of?.size ?? 0} ${of?.mtimeMs ?? 0}`;
}
