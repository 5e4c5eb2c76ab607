import { parseRange, type RangeSearch } from "#kit/range";
import { choiceParam, textParam } from "#kit/search";
import type { GraphTarget } from "#wire/sharing";

/** What the address of one graph's page remembers: `host`, or `service` with or without `role`, and which graph. */
export interface GraphSearch extends RangeSearch {
  readonly host?: string | undefined;
  readonly service?: string | undefined;
  readonly role?: string | undefined;
  readonly graph?: string | undefined;
  readonly show?: "all" | undefined;
  /** Hosts on top of each other or beside each other; as the graph is by itself when absent. */
  readonly stacked?: "yes" | "no" | undefined;
}

export const parseGraphSearch = (search: Readonly<Record<string, unknown>>): GraphSearch => ({
  ...parseRange(search),
  host: textParam(search["host"], 64),
  service: textParam(search["service"], 63),
  role: textParam(search["role"], 63),
  graph: textParam(search["graph"], 255),
  show: choiceParam(search["show"], ["all"]),
  stacked: choiceParam(search["stacked"], ["yes", "no"]),
});

/** The graph that an address means; undefined when it names none. */
export function targetOfSearch({ host, service, role, graph, show, stacked }: GraphSearch): GraphTarget | undefined {
  if (graph === undefined) return undefined;
  if (host !== undefined) return { kind: "host", host, graph };
  if (service === undefined) return undefined;
  if (role === undefined) return { kind: "service", service, graph };
  const isStacked = stacked === undefined ? {} : { isStacked: stacked === "yes" };
  return { kind: "role", service, role, graph, ...isStacked, ...(show === undefined ? {} : { show }) };
}

/** What an address must say to mean this graph. */
export function searchOfTarget(target: GraphTarget): GraphSearch {
  const { graph } = target;
  switch (target.kind) {
    case "host":
      return { host: target.host, graph };
    case "service":
      return { service: target.service, graph };
    case "role": {
      const { service, role, isStacked, show } = target;
      const stacked = isStacked === undefined ? {} : { stacked: isStacked ? ("yes" as const) : ("no" as const) };
      return { service, role, graph, ...stacked, ...(show === "all" ? { show } : {}) };
    }
  }
}
