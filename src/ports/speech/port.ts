import type { Clip, SpokenLanguage } from "#ports/phone/port";

/** What a language is spoken with, and what of it is missing on this machine. */
export interface SpeechProgram {
  readonly language: SpokenLanguage;
  readonly program: "open_jtalk" | "espeak-ng";
  /** Empty: it speaks. */
  readonly missing: readonly ("program" | "dictionary" | "voice")[];
  /** Where each part was found, for people. */
  readonly found: Readonly<Partial<Record<"program" | "dictionary" | "voice", string>>>;
}

/** Speaks what a reader made speakable. Whatever it spoke is kept, so that the second time costs nothing. */
export interface Speaker {
  /**
   * Sound of one sentence.
   * @param text one line of at most 300 characters, without control characters
   * @throws HinobanError "unavailable" when the language's program is missing, has too much to do or fails, "timeout" after ten seconds
   */
  speak(language: SpokenLanguage, text: string): Promise<Clip>;
  /** Looks again at what is installed. */
  programs(): Promise<readonly SpeechProgram[]>;
  /** Ends what still speaks. */
  close(): Promise<void>;
}

/** Recorded words that come with the product, for machines without a speech program. */
export interface PromptStore {
  /** Undefined: there is no such prompt in the language. */
  clip(language: SpokenLanguage, name: string): Clip | undefined;
}
