import type { DowntimeState } from "#wire/downtimes";
import { choiceParam, integerParam, textParam } from "#kit/search";

export interface DowntimesSearch {
  readonly text?: string | undefined;
  readonly state?: DowntimeState | undefined;
  readonly page?: number | undefined;
}

export const downtimesPageSize = 50;

export const parseDowntimesSearch = (search: Readonly<Record<string, unknown>>): DowntimesSearch => ({
  text: textParam(search["text"]),
  state: choiceParam(search["state"], ["active", "planned", "over"]),
  page: integerParam(search["page"], 1, 10_000),
});
