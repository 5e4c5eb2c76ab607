import { callKinds, callStates, type CallKind, type CallState } from "#wire/calls";
import { choiceParam, integerParam, textParam } from "#kit/search";

/** What the address of the list of calls remembers. */
export interface CallsSearch {
  readonly kind?: CallKind | undefined;
  readonly state?: CallState | "open" | undefined;
  readonly person?: string | undefined;
  readonly line?: string | undefined;
  readonly incident?: string | undefined;
  /** Asked for within [from, until), unix ms: as the link of a report wants it. */
  readonly from?: number | undefined;
  readonly until?: number | undefined;
}

/** As far as a clock of JavaScript goes. */
const latestTime = 8_640_000_000_000_000;

export const parseCallsSearch = (search: Readonly<Record<string, unknown>>): CallsSearch => ({
  kind: choiceParam(search["kind"], callKinds),
  state: choiceParam(search["state"], [...callStates, "open"]),
  person: textParam(search["person"], 64),
  line: textParam(search["line"], 64),
  incident: textParam(search["incident"], 64),
  from: integerParam(search["from"], 0, latestTime),
  until: integerParam(search["until"], 0, latestTime),
});

/** The contract's query for what the address says. */
export const callsQuery = (search: CallsSearch): { [K in keyof CallsSearch]?: NonNullable<CallsSearch[K]> } =>
  Object.fromEntries(Object.entries(search).filter(([, value]: [string, unknown]) => value !== undefined));

export const isFiltered = (search: CallsSearch): boolean => Object.keys(callsQuery(search)).length > 0;
