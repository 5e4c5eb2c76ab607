import { monitorTypes, type MonitorType } from "#wire/monitor-settings";
import { choiceParam, integerParam, textParam } from "#kit/search";

/** What the address of the list of monitors remembers. */
export interface MonitorsSearch {
  readonly show?: "bad" | "muted" | undefined;
  readonly type?: MonitorType | undefined;
  readonly text?: string | undefined;
  readonly page?: number | undefined;
}

export const monitorsPageSize = 50;

export const parseMonitorsSearch = (search: Readonly<Record<string, unknown>>): MonitorsSearch => ({
  show: choiceParam(search["show"], ["bad", "muted"]),
  type: choiceParam(search["type"], monitorTypes),
  text: textParam(search["text"]),
  page: integerParam(search["page"], 2, 20_000),
});

/** The contract's query for what the address says. */
export function monitorsQuery({ page, ...rest }: MonitorsSearch) {
  const present = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return { ...present, limit: monitorsPageSize, offset: ((page ?? 1) - 1) * monitorsPageSize };
}

/** What the address of a new monitor remembers: what it is to watch. */
export const parseNewMonitor = (search: Readonly<Record<string, unknown>>): { readonly type: MonitorType } => ({
  type: choiceParam(search["type"], monitorTypes) ?? "host",
});
