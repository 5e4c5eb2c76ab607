import type { Logger } from "pino";
import { pausePrompt, promptsFor } from "#base/reading/floor";
import { noWords, readingOf, type Spoken, type Words } from "#base/reading/reading";
import { promptOfSentence } from "#base/reading/sentences";
import { beeps, joined, samplesIn } from "#base/sound/arrange";
import type { Clip, Sentence, SpokenLanguage, Voice } from "#ports/phone/port";
import type { PromptStore, Speaker } from "#ports/speech/port";

/** Seconds between sentences, and between words that are put together. */
const betweenSentences = 0.3;
const betweenWords = 0.04;
const shortPause = samplesIn(0.18);

/** What a voice is made of. */
export interface VoiceParts {
  readonly speaker: Speaker;
  readonly prompts: PromptStore;
  readonly log: Pick<Logger, "warn">;
  /** The year that need not be said. */
  readonly year: () => number;
  /** What the organisation changed about it; asked for each row of sentences. */
  readonly own: () => Promise<OwnSounds>;
}

export interface OwnSounds {
  readonly words: Words;
  /** Recordings by `<language> <key>`, and by id. */
  recording(name: string): Promise<Int16Array | undefined>;
}

/** How something was said. */
export interface Said {
  readonly samples: Int16Array;
  readonly by: "program" | "prompts" | "tone";
}

/** Says sentences by recordings, by a speech program, or by words recorded beforehand, whichever there is first. */
export class OrganisationVoice implements Voice {
  readonly #parts: VoiceParts;
  readonly #language: SpokenLanguage;

  constructor(parts: VoiceParts, language: SpokenLanguage) {
    this.#parts = parts;
    this.#language = language;
  }

  async speak(sentences: readonly Sentence[]): Promise<Clip> {
    return { samples: (await this.say(sentences)).samples };
  }

  prepare(sentences: readonly Sentence[]): void {
    void this.say(sentences);
  }

  /** Never rejects. */
  async say(sentences: readonly Sentence[]): Promise<Said> {
    const own = await this.#parts.own().catch((error: unknown): undefined => {
      this.#parts.log.warn({ err: error }, "the readings of an organisation could not be read; a call is spoken without them");
    });
    const said = await Promise.all(sentences.map((sentence) => this.#sentence(sentence, own)));
    const heard = said.filter(({ samples }) => samples.length > 0);
    if (heard.length === 0) return { samples: this.#nothing(), by: "tone" };
    return {
      samples: joined(
        heard.map(({ samples }) => samples),
        betweenSentences,
      ),
      by: heard.every(({ by }) => by === "program") ? "program" : "prompts",
    };
  }

  /** Who calls, and two beeps: somebody who is called at night should know at least by whom. */
  #nothing(): Int16Array {
    const hello = this.#parts.prompts.clip(this.#language, promptOfSentence("hinoban"));
    return joined([...(hello ? [hello.samples] : []), beeps()], betweenSentences);
  }

  async #sentence(sentence: Sentence, own: OwnSounds | undefined): Promise<Said> {
    const recorded = own && (await this.#recorded(sentence, own).catch(() => undefined));
    if (recorded) return { samples: recorded, by: "program" };
    const read = readingOf(sentence.text, sentence.language, own?.words ?? noWords, this.#parts.year());
    const spoken = await Promise.all(read.map((one) => this.#spoken(one)));
    if (spoken.length > 0 && spoken.every((samples) => samples !== undefined))
      return {
        samples: joined(
          spoken.filter((samples) => samples !== undefined),
          betweenSentences,
        ),
        by: "program",
      };
    const given = sentence.prompts ?? [];
    const floor = given.length > 0 ? this.#fromPrompts(sentence.language, given) : new Int16Array(0);
    if (floor.length > 0) return { samples: floor, by: "prompts" };
    const parts = read.map((one, at) => spoken[at] ?? this.#fromPrompts(one.language, promptsFor(one)));
    return {
      samples: joined(
        parts.filter(({ length }) => length > 0),
        betweenSentences,
      ),
      by: "prompts",
    };
  }

  async #spoken({ language, text }: Spoken): Promise<Int16Array | undefined> {
    try {
      return (await this.#parts.speaker.speak(language, text)).samples;
    } catch {
      return undefined; // missing programs are shown on the page, not in the log of each call
    }
  }

  /** A recording by id; or those of all prompts of a sentence, with the digits between them. */
  async #recorded({ language, prompts = [], recordingId }: Sentence, own: OwnSounds): Promise<Int16Array | undefined> {
    if (recordingId !== undefined) {
      const one = await own.recording(recordingId);
      if (one) return one;
    }
    const sentences = prompts.filter((name) => !isDigit(name));
    if (sentences.length === 0) return undefined;
    const sounds = new Map<string, Int16Array>();
    for (const name of sentences) {
      const sound = await own.recording(`${language} ${name}`);
      if (!sound) return undefined;
      sounds.set(name, sound);
    }
    const parts = prompts.map((name) => sounds.get(name) ?? this.#parts.prompts.clip(language, name)?.samples ?? new Int16Array(0));
    return joined(parts, betweenWords * 3);
  }

  #fromPrompts(language: SpokenLanguage, names: readonly string[]): Int16Array {
    const { prompts } = this.#parts;
    const parts = names.flatMap((name) => {
      if (name === pausePrompt) return [new Int16Array(shortPause)];
      const clip = prompts.clip(language, promptOfSentence(name)) ?? prompts.clip(language, name);
      return clip ? [clip.samples] : [];
    });
    return joined(parts, betweenWords);
  }
}

const isDigit = (name: string): boolean => /^\d$/u.test(name);
