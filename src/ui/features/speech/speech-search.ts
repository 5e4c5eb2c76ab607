import { choiceParam, integerParam, textParam } from "#kit/search";
import type { SpokenKind } from "#wire/speech";

export const speechTabs = ["hear", "words", "names", "recordings"] as const;
export type SpeechTab = (typeof speechTabs)[number];

export interface SpeechSearch {
  readonly tab?: SpeechTab | undefined;
  readonly text?: string | undefined;
  readonly kind?: SpokenKind | undefined;
  readonly page?: number | undefined;
}

export const namesPageSize = 50;

export const parseSpeechSearch = (search: Readonly<Record<string, unknown>>): SpeechSearch => ({
  tab: choiceParam(search["tab"], speechTabs),
  text: textParam(search["text"], 100),
  kind: choiceParam(search["kind"], ["person", "host", "service"]),
  page: integerParam(search["page"], 1, 10_000),
});
