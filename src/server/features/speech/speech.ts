import type { Spoken } from "#base/reading/reading";
import type { SpokenLanguage, Voice } from "#ports/phone/port";
import type { Change, Tx } from "#store";

/** How a text is pronounced. */
export interface TextReading {
  /** What is handed to the speech program of each language: sentences of less than 300 characters. */
  readonly sentences: readonly Spoken[];
}

/** Ids of things whose names are to be said. */
export interface NamedThings {
  readonly hostIds?: readonly string[];
  readonly serviceIds?: readonly string[];
  readonly personIds?: readonly string[];
}

/** Says texts to people, in the words of their organisation. */
export interface Speech {
  /**
   * The voice of calls for an organisation: its dictionary, the readings of its people, hosts and services and its recordings are applied.
   * Where all prompts of a sentence have a recording that was uploaded (by the keys of #base/reading/sentences), it is played from those. Names in
   * a text are read by their readings by themselves.
   * @param language of the call: what is said when of a sentence nothing at all can be spoken
   */
  voiceFor(organisationId: string, language: SpokenLanguage): Voice;
  /** What would be said. */
  readingOf(organisationId: string, text: string, language: SpokenLanguage): Promise<TextReading>;
  /** By id how each thing is called aloud: in Japanese its reading where somebody wrote one, else its name. Unknown ids are left out. */
  spoken(tx: Tx, things: NamedThings, language: SpokenLanguage): Promise<ReadonlyMap<string, string>>;
  /** To be called with every change that any process announced; undefined when some may have been missed. */
  onChange(change: Change | undefined): void;
  close(): Promise<void>;
}
