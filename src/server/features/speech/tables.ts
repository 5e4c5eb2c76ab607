import type { Generated } from "kysely";
import type { SpokenKind } from "#wire/speech";
import type { Language } from "#wire/shapes";

/** A word that is read as the organisation says. */
export interface SpeechWordTable {
  id: string;
  organisation_id: Generated<string>;
  language: Language;
  written: string;
  /** What it is found by: NFKC and lower case. */
  folded: string;
  spoken: string;
  changed_at: number;
}

/** How a name is read in Japanese. */
export interface SpeechNameTable {
  organisation_id: Generated<string>;
  kind: SpokenKind;
  thing_id: string;
  reading: string;
  changed_at: number;
}

/** A sentence of calls as somebody spoke it. */
export interface SpeechRecordingTable {
  id: string;
  organisation_id: Generated<string>;
  language: Language;
  key: string;
  file_name: string;
  /** µ-law, 8,000 samples a second. */
  sound: Uint8Array;
  milliseconds: number;
  changed_at: number;
}

export interface SpeechTables {
  speech_word: SpeechWordTable;
  speech_name: SpeechNameTable;
  speech_recording: SpeechRecordingTable;
}

export const speechMigrations = [
  {
    id: "speech-001",
    sql: `
create table speech_word (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  language text not null check (language in ('en', 'ja')),
  written text not null,
  folded text not null,
  spoken text not null,
  changed_at bigint not null,
  unique (organisation_id, language, folded)
);
call hinoban_secure('speech_word');

create table speech_name (
  organisation_id text not null default hinoban_organisation(),
  kind text not null check (kind in ('person', 'host', 'service')),
  thing_id text not null,
  reading text not null check (reading <> ''),
  changed_at bigint not null,
  primary key (organisation_id, kind, thing_id)
);
call hinoban_secure('speech_name');

create table speech_recording (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  language text not null check (language in ('en', 'ja')),
  key text not null,
  file_name text not null,
  sound bytea not null check (length(sound) between 1 and 240000),
  milliseconds integer not null,
  changed_at bigint not null,
  unique (organisation_id, language, key)
);
call hinoban_secure('speech_recording');
`,
  },
] as const;
