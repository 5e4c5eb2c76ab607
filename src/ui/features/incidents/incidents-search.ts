import { severities, type IncidentState, type Severity } from "#wire/alerting";
import { choiceParam, choicesParam, integerParam, textParam } from "#kit/search";

/** Which incidents: those that nobody has, those that somebody has, one's own, those that are over, or every one; without it those that are not over. */
export const incidentTabs = ["open", "taken", "mine", "resolved", "all"] as const;
export type IncidentTab = (typeof incidentTabs)[number];

/** What the address of the list remembers. */
export interface IncidentsSearch {
  readonly tab?: IncidentTab | undefined;
  readonly severity?: readonly Severity[] | undefined;
  readonly service?: string | undefined;
  readonly host?: string | undefined;
  /** Id of somebody who had it at some time. */
  readonly takenBy?: string | undefined;
  /** Opened within [from, to), unix ms. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly text?: string | undefined;
  readonly page?: number | undefined;
}

export const incidentsPageSize = 50;

/** As far as a clock of JavaScript goes. */
const latestTime = 8_640_000_000_000_000;

export const parseIncidentsSearch = (search: Readonly<Record<string, unknown>>): IncidentsSearch => ({
  tab: choiceParam(search["tab"], incidentTabs),
  severity: choicesParam(search["severity"], severities),
  service: textParam(search["service"], 63),
  host: textParam(search["host"], 64),
  takenBy: textParam(search["takenBy"], 64),
  from: integerParam(search["from"], 0, latestTime),
  to: integerParam(search["to"], 0, latestTime),
  text: textParam(search["text"]),
  page: integerParam(search["page"], 2, 20_000),
});

/** Whether the list is narrowed down beyond its tab. */
export const isFiltered = ({ severity, service, host, takenBy, from, to, text }: IncidentsSearch): boolean =>
  [severity, service, host, takenBy, from, to, text].some((one) => one !== undefined);

const statesOf: Readonly<Record<Exclude<IncidentTab, "mine" | "all">, readonly IncidentState[]>> = {
  open: ["open"],
  taken: ["taken"],
  resolved: ["resolved"],
};

/** The contract's query for what the address says. */
export function incidentsQuery({ tab, severity, page, ...rest }: IncidentsSearch) {
  const states = tab === undefined ? ["open" as const, "taken" as const] : tab === "mine" || tab === "all" ? undefined : [...statesOf[tab]];
  const present = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return {
    ...present,
    ...(states ? { state: states } : {}),
    ...(severity ? { severity: [...severity] } : {}),
    ...(tab === "mine" ? { mine: true } : {}),
    limit: incidentsPageSize,
    offset: ((page ?? 1) - 1) * incidentsPageSize,
  };
}
