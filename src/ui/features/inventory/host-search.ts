import { parseRange, type RangeSearch } from "#kit/range";
import { choiceParam, textParam } from "#kit/search";

export const hostTabs = ["graphs", "details", "history"] as const;

/** What the address of a host's page remembers. */
export interface HostSearch extends RangeSearch {
  readonly tab?: "details" | "history" | undefined;
}

export const parseHostSearch = (search: Readonly<Record<string, unknown>>): HostSearch => ({
  ...parseRange(search),
  tab: choiceParam(search["tab"], ["details", "history"]),
});

/** What the address of a role's page remembers. */
export interface RoleSearch extends RangeSearch {
  readonly show?: "all" | undefined;
}

export const parseRoleSearch = (search: Readonly<Record<string, unknown>>): RoleSearch => ({
  ...parseRange(search),
  show: choiceParam(search["show"], ["all"]),
});

/** What the address of a service's page remembers. */
export interface ServiceSearch extends RangeSearch {
  /** Names of the graphs that are shown of each role, with commas between. */
  readonly graphs?: string | undefined;
}

export const parseServiceSearch = (search: Readonly<Record<string, unknown>>): ServiceSearch => ({
  ...parseRange(search),
  graphs: textParam(search["graphs"], 2000),
});
