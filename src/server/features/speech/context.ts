import type { Speaker } from "#ports/speech/port";
import type { SpokenLanguage } from "#ports/phone/port";
import type { Deps } from "#store";
import type { Speech } from "./speech.ts";
import type { OrganisationVoice } from "./voice.ts";

/** What the routes of speech are handed. */
export interface SpeechContext extends Deps, Pick<Speech, "readingOf"> {
  readonly speaker: Speaker;
  readonly ownFolder: string;
  voice(organisationId: string, language: SpokenLanguage): OrganisationVoice;
}
