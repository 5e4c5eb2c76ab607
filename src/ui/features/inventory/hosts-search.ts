import { hostStatuses, type HostStatus } from "#wire/inventory";
import { choiceParam, choicesParam, integerParam, textParam } from "#kit/search";

/** What the address of the host list remembers. */
export interface HostsSearch {
  readonly status?: readonly HostStatus[] | undefined;
  readonly service?: string | undefined;
  readonly role?: string | undefined;
  readonly text?: string | undefined;
  readonly retired?: "only" | undefined;
  readonly connectivity?: "silent" | undefined;
  readonly sort?: "createdAt" | "lastSeen" | undefined;
  readonly order?: "desc" | undefined;
  readonly page?: number | undefined;
}

export const hostsPageSize = 50;

export function parseHostsSearch(search: Readonly<Record<string, unknown>>): HostsSearch {
  const service = textParam(search["service"], 63);
  return {
    status: choicesParam(search["status"], hostStatuses),
    service,
    role: service === undefined ? undefined : textParam(search["role"], 63),
    text: textParam(search["text"]),
    retired: choiceParam(search["retired"], ["only"]),
    connectivity: choiceParam(search["connectivity"], ["silent"]),
    sort: choiceParam(search["sort"], ["createdAt", "lastSeen"]),
    order: choiceParam(search["order"], ["desc"]),
    page: integerParam(search["page"], 2, 20_000),
  };
}

/** Whether the list is narrowed down at all, so that an empty one says "nothing matches" and not "there are no hosts". */
export const isFiltered = ({ status, service, text, retired, connectivity }: HostsSearch): boolean =>
  [status, service, text, retired, connectivity].some((one) => one !== undefined);

/** The query of the contract for what the address says; absent keys stay absent. */
export function hostsQuery({ page, retired, status, ...rest }: HostsSearch) {
  const given = { ...rest, retired, status: status === undefined ? undefined : [...status] };
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...present, limit: hostsPageSize, offset: ((page ?? 1) - 1) * hostsPageSize };
}
