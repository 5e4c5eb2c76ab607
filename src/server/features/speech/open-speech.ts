import type { Logger } from "pino";
import type { Clock } from "#base/clock";
import { minutes } from "#base/duration";
import { readingOf, type Words } from "#base/reading/reading";
import { decodeMuLaw } from "#base/sound/mu-law";
import type { SpokenLanguage, Voice } from "#ports/phone/port";
import type { PromptStore, Speaker } from "#ports/speech/port";
import type { Change, Db, Tx } from "#store";
import type { SpeechContext } from "./context.ts";
import type { NamedThings, Speech, TextReading } from "./speech.ts";
import { speechTopic } from "./topic.ts";
import { spokenNames } from "./spoken-names.ts";
import { OrganisationVoice, type OwnSounds } from "./voice.ts";
import { wordsOf } from "./words-of.ts";

export interface SpeechDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly speaker: Speaker;
  readonly prompts: PromptStore;
  readonly log: Pick<Logger, "warn">;
  /** Folder on this machine in which a voice file is looked for, for people. */
  readonly ownFolder: string;
}

/** An announcement of a change may be lost. */
const freshFor = minutes(1);
const mostKept = 200;
/** Names change with these. */
const otherTopics = new Set(["people", "hosts", "services"]);

interface Kept {
  readonly words: Words;
  /** Ids of recordings, by `<language> <key>` and by themselves. */
  readonly recordings: ReadonlyMap<string, string>;
  readonly loadedAt: number;
}

/** Opens speech. Asks the database nothing and runs no program. */
export const openSpeech = (deps: SpeechDeps): Speech & SpeechContext => new OpenSpeech(deps);

class OpenSpeech implements Speech, SpeechContext {
  readonly db: Db;
  readonly clock: Clock;
  readonly speaker: Speaker;
  readonly ownFolder: string;
  readonly #deps: SpeechDeps;
  readonly #kept = new Map<string, Kept>();
  /** Counts what was forgotten: what is loaded while it moves on may be old already. */
  #generation = 0;

  constructor(deps: SpeechDeps) {
    this.#deps = deps;
    this.db = deps.db;
    this.clock = deps.clock;
    this.speaker = deps.speaker;
    this.ownFolder = deps.ownFolder;
  }

  voiceFor(organisationId: string, language: SpokenLanguage): Voice {
    return this.voice(organisationId, language);
  }

  voice(organisationId: string, language: SpokenLanguage): OrganisationVoice {
    const { speaker, prompts, log } = this.#deps;
    return new OrganisationVoice({ speaker, prompts, log, year: () => this.#year(), own: () => this.#own(organisationId) }, language);
  }

  async readingOf(organisationId: string, text: string, language: SpokenLanguage): Promise<TextReading> {
    const { words } = await this.#keptOf(organisationId);
    return { sentences: readingOf(text, language, words, this.#year()) };
  }

  spoken(tx: Tx, things: NamedThings, language: SpokenLanguage): Promise<ReadonlyMap<string, string>> {
    return spokenNames(tx, things, language);
  }

  onChange(change: Change | undefined): void {
    if (change && change.topic !== speechTopic && !otherTopics.has(change.topic)) return;
    this.#generation += 1;
    if (change) this.#kept.delete(change.organisationId);
    else this.#kept.clear();
  }

  close(): Promise<void> {
    return this.#deps.speaker.close();
  }

  #year(): number {
    return new Date(this.clock.now()).getUTCFullYear();
  }

  async #own(organisationId: string): Promise<OwnSounds> {
    const { words, recordings } = await this.#keptOf(organisationId);
    return {
      words,
      recording: async (name) => {
        const id = recordings.get(name);
        return id === undefined ? undefined : this.#sound(organisationId, id);
      },
    };
  }

  async #sound(organisationId: string, id: string): Promise<Int16Array | undefined> {
    const row = await this.db.tx({ organisationId }, (tx) =>
      tx.selectFrom("speech_recording").select("sound").where("id", "=", id).executeTakeFirst(),
    );
    return row && decodeMuLaw(row.sound);
  }

  async #keptOf(organisationId: string): Promise<Kept> {
    const now = this.clock.mono();
    const known = this.#kept.get(organisationId);
    if (known && now - known.loadedAt < freshFor) return known;
    const generation = this.#generation;
    const kept = await this.db.tx({ organisationId }, async (tx): Promise<Kept> => {
      const rows = await tx.selectFrom("speech_recording").select(["id", "language", "key"]).execute();
      const recordings = new Map(rows.flatMap(({ id, language, key }) => [[`${language} ${key}`, id] as const, [id, id] as const]));
      return { words: await wordsOf(tx), recordings, loadedAt: now };
    });
    if (generation === this.#generation) {
      if (this.#kept.size >= mostKept) this.#kept.clear();
      this.#kept.set(organisationId, kept);
    }
    return kept;
  }
}
