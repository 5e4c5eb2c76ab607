import { alertStatuses, type AlertStatus } from "#wire/alerting";
import { choiceParam, choicesParam, integerParam, textParam } from "#kit/search";

/** What the address of the list of alerts remembers. */
export interface AlertsSearch {
  /** Open ones when absent. */
  readonly state?: "closed" | "all" | undefined;
  readonly status?: readonly AlertStatus[] | undefined;
  readonly host?: string | undefined;
  readonly service?: string | undefined;
  readonly incident?: string | undefined;
  /** Id of the monitor, check or source. */
  readonly origin?: string | undefined;
  /** Opened within [from, to), unix ms. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly text?: string | undefined;
  readonly page?: number | undefined;
}

export const alertsPageSize = 50;

/** As far as a clock of JavaScript goes. */
const latestTime = 8_640_000_000_000_000;

export const parseAlertsSearch = (search: Readonly<Record<string, unknown>>): AlertsSearch => ({
  state: choiceParam(search["state"], ["closed", "all"]),
  status: choicesParam(search["status"], alertStatuses),
  host: textParam(search["host"], 64),
  service: textParam(search["service"], 63),
  incident: textParam(search["incident"], 64),
  origin: textParam(search["origin"], 64),
  from: integerParam(search["from"], 0, latestTime),
  to: integerParam(search["to"], 0, latestTime),
  text: textParam(search["text"]),
  page: integerParam(search["page"], 2, 20_000),
});

/** Whether the list is narrowed down beyond open and closed. */
export const isFiltered = ({ status, host, service, incident, origin, from, to, text }: AlertsSearch): boolean =>
  [status, host, service, incident, origin, from, to, text].some((one) => one !== undefined);

/** The contract's query for what the address says. */
export function alertsQuery({ page, status, ...rest }: AlertsSearch) {
  const present = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return { ...present, ...(status ? { status: [...status] } : {}), limit: alertsPageSize, offset: ((page ?? 1) - 1) * alertsPageSize };
}
