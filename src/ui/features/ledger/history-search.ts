import { choiceParam, integerParam, textParam } from "#kit/search";

/** What the address of the history remembers. Times are unix milliseconds. */
export interface HistorySearch {
  readonly text?: string | undefined;
  readonly verb?: string | undefined;
  readonly outcome?: "done" | "refused" | "failed" | undefined;
  readonly actor?: string | undefined;
  readonly object?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

const latestTime = 8_640_000_000_000_000;

export const parseHistorySearch = (search: Readonly<Record<string, unknown>>): HistorySearch => ({
  text: textParam(search["text"]),
  verb: textParam(search["verb"], 100),
  outcome: choiceParam(search["outcome"], ["done", "refused", "failed"]),
  actor: textParam(search["actor"], 100),
  object: textParam(search["object"]),
  from: integerParam(search["from"], 0, latestTime),
  to: integerParam(search["to"], 0, latestTime),
});

/** The query of the contract; absent keys stay absent. */
export const historyQuery = (search: HistorySearch): HistorySearch =>
  Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined));
