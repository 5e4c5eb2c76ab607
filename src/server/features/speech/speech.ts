import type { SpokenLanguage, Voice } from "#ports/phone/port";
import type { Change, Tx } from "#store";

/** How a text is pronounced, and by what. */
export interface TextReading {
  /** What is handed to the speech program: sentences of less than 300 characters. */
  readonly sentences: readonly string[];
  /** `program`: a speech program says it; `prompts`: words recorded beforehand; `tone`: nothing of it can be said. */
  readonly by: "program" | "prompts" | "tone";
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
   * A sentence whose only prompt is the key of an uploaded recording is played from that. Names in a text are read by their readings
   * by themselves.
   * @param language of the call: what is said when of a sentence nothing at all can be spoken
   */
  voiceFor(organisationId: string, language: SpokenLanguage): Voice;
  /** What would be said. */
  readingOf(organisationId: string, text: string, language: SpokenLanguage): Promise<TextReading>;
  /** By id how each thing is called aloud: in Japanese its reading where somebody wrote one, else its name. Unknown ids are left out. */
  spoken(tx: Tx, things: NamedThings, language: SpokenLanguage): Promise<ReadonlyMap<string, string>>;
  /** To be called with every change that any process announced; undefined when some may have been missed. */
  onChange(change: Change | undefined): void;
  /** Makes the fixed sentences of calls, so that the first call waits for nothing. */
  warm(): void;
  close(): Promise<void>;
}
