import { callKinds, callStates, type CallKind, type CallState } from "#wire/calls";
import { choiceParam, textParam } from "#kit/search";

/** What the address of the list of calls remembers. */
export interface CallsSearch {
  readonly kind?: CallKind | undefined;
  readonly state?: CallState | "open" | undefined;
  readonly person?: string | undefined;
  readonly line?: string | undefined;
  readonly incident?: string | undefined;
}

export const parseCallsSearch = (search: Readonly<Record<string, unknown>>): CallsSearch => ({
  kind: choiceParam(search["kind"], callKinds),
  state: choiceParam(search["state"], [...callStates, "open"]),
  person: textParam(search["person"], 64),
  line: textParam(search["line"], 64),
  incident: textParam(search["incident"], 64),
});

/** The contract's query for what the address says. */
export const callsQuery = (search: CallsSearch): Record<string, string> =>
  Object.fromEntries(
    Object.entries(search).flatMap(([name, value]: [string, unknown]) => (typeof value === "string" ? [[name, value]] : [])),
  );

export const isFiltered = (search: CallsSearch): boolean => Object.keys(callsQuery(search)).length > 0;
