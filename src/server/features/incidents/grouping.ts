import { HinobanError } from "#base/errors";
import { severities, type Severity } from "#wire/alerting";
import type { GroupingSettings } from "#wire/alerts";
import type { AlertOrigin } from "./model.ts";
import type { Why } from "./tables.ts";

/** An open alert that has no incident yet. */
export interface Joiner {
  readonly alertId: string;
  readonly origin: AlertOrigin;
  readonly group: string | undefined;
  readonly hostId: string | undefined;
  /** Roles of its host. */
  readonly roleIds: readonly string[];
  /** Its own service and those of its host's roles. */
  readonly serviceIds: readonly string[];
  readonly severity: Severity;
  readonly meansDown: boolean;
  /** The incident in which it was when it closed a moment ago. */
  readonly returnsTo: string | undefined;
}

/** An incident that others may join. */
export interface Live {
  readonly id: string;
  /** Nobody has it. */
  readonly isOpen: boolean;
  readonly hostIds: readonly string[];
  readonly roleIds: readonly string[];
  readonly serviceIds: readonly string[];
  /** See {@link groupOf}. */
  readonly groups: readonly string[];
  /** The hosts of its open alerts. */
  readonly openHostIds: readonly string[];
  /** One of its open alerts has no host. */
  readonly hasHostless: boolean;
}

/** Which host depends on which, over any number of steps, the nearest first. */
export interface Topology {
  readonly isEmpty: boolean;
  readonly upstream: (hostId: string) => readonly string[];
  readonly downstream: (hostId: string) => readonly string[];
}

export interface GroupingInput {
  readonly joiners: readonly Joiner[];
  /** Those that may be joined, the oldest first. */
  readonly live: readonly Live[];
  /** Hosts that are known to be down, with the incident that says so. */
  readonly down: ReadonlyMap<string, string>;
  readonly topology: Topology;
  readonly settings: GroupingSettings;
  readonly newId: () => string;
}

export interface Placement {
  readonly joiner: Joiner;
  readonly incidentId: string;
  readonly why: Why;
  /** The host that is down and makes this alert a mere consequence. */
  readonly inhibitedBy: string | undefined;
}

export interface Grouped {
  /** In the order in which the alerts joined. */
  readonly placements: readonly Placement[];
  /** Incidents that are taken over, by the incident that does so: their hosts depend on one that was now found to be down. */
  readonly absorbed: ReadonlyMap<string, string>;
}

/** What an origin groups by itself. */
export const groupOf = (origin: AlertOrigin, name: string): string => `${origin.kind} ${origin.id} ${name}`;

/**
 * Decides which incident each alert joins. Pure; in this order: consequences of a host that is down join quietly; what comes back goes
 * where it was; then the origin's own group, the same host, a host that it depends on or that depends on it, a role in common, a service
 * in common; else an incident of its own. Racks will come between role and service: a place is one more kind of key in {@link Index}.
 */
export function group(input: GroupingInput): Grouped {
  const { joiners, live, topology, settings } = input;
  const index = new Index(settings);
  for (const one of live) index.addLive(one);
  const down = hostsDownAmong(input);
  const caused = joiners.map((joiner) => ({ joiner, cause: causeOf(joiner, down, topology) }));
  const placements: Placement[] = [];
  const absorbed = new Map<string, string>();
  for (const joiner of caused.flatMap((one) => (one.cause === undefined ? one.joiner : [])).sort(mostTellingFirst)) {
    const found = index.find(joiner, topology) ?? { incidentId: input.newId(), why: "first" as const };
    index.add(joiner, found.incidentId);
    placements.push({ joiner, ...found, inhibitedBy: undefined });
    const { hostId } = joiner;
    if (hostId === undefined || !down.has(hostId)) continue;
    if (down.get(hostId) === undefined) down.set(hostId, found.incidentId);
    if (joiner.meansDown) absorb(absorbed, consequencesOf(hostId, live, topology), finalOf(found.incidentId, absorbed));
  }
  for (const { joiner, cause } of caused) {
    if (cause === undefined) continue;
    const incidentId = down.get(cause);
    if (incidentId === undefined) throw new HinobanError("internal", `The incident of the host ${cause} was not settled.`, { cause });
    placements.push({ joiner, incidentId, why: "dependency", inhibitedBy: cause });
  }
  return { placements, absorbed };
}

/** The hosts that are down, with their incident as far as they have one already. */
function hostsDownAmong({ joiners, down, settings }: GroupingInput): Map<string, string | undefined> {
  if (!settings.byDependency) return new Map();
  const all = new Map<string, string | undefined>(down);
  for (const { meansDown, hostId } of joiners) if (meansDown && hostId !== undefined && !all.has(hostId)) all.set(hostId, undefined);
  return all;
}

const causeOf = ({ hostId }: Joiner, down: ReadonlyMap<string, string | undefined>, topology: Topology): string | undefined =>
  hostId === undefined ? undefined : rootCause(hostId, down, topology);

function absorb(absorbed: Map<string, string>, ids: readonly string[], into: string): void {
  for (const id of ids) if (id !== into && !absorbed.has(id)) absorbed.set(id, into);
}

/** Where what joins this incident ends up. */
export function finalOf(id: string, absorbed: ReadonlyMap<string, string>): string {
  let at = id;
  for (let next = absorbed.get(at); next !== undefined; next = absorbed.get(at)) at = next;
  return at;
}

/** The host whose outage explains this one's alerts: down itself, and not because of another. */
export function rootCause(hostId: string, down: ReadonlyMap<string, unknown>, { upstream }: Topology): string | undefined {
  return upstream(hostId).find((one) => down.has(one) && !upstream(one).some((further) => down.has(further)));
}

/** Incidents that nobody has and that tell of nothing but hosts which depend on this one. */
function consequencesOf(hostId: string, live: readonly Live[], { downstream }: Topology): string[] {
  const below = new Set(downstream(hostId));
  if (below.size === 0) return [];
  const isExplained = (one: Live): boolean =>
    one.isOpen && !one.hasHostless && one.openHostIds.length > 0 && one.openHostIds.every((host) => below.has(host));
  return live.filter(isExplained).map((one) => one.id);
}

/** What tells most opens the incident and so names it: hosts that are down, then the worst. */
function mostTellingFirst(a: Joiner, b: Joiner): number {
  if (a.meansDown !== b.meansDown) return a.meansDown ? -1 : 1;
  return severities.indexOf(b.severity) - severities.indexOf(a.severity);
}

type Found = Pick<Placement, "incidentId" | "why">;

/** Incidents by what makes an alert theirs. The first to come, the oldest, keeps its place. */
class Index {
  readonly #settings: GroupingSettings;
  readonly #byKey = new Map<string, string>();
  /** Place of each incident by age. */
  readonly #ages = new Map<string, number>();

  constructor(settings: GroupingSettings) {
    this.#settings = settings;
  }

  addLive(one: Live): void {
    for (const id of one.hostIds) this.#put(`host ${id}`, one.id);
    for (const id of one.roleIds) this.#put(`role ${id}`, one.id);
    for (const id of one.serviceIds) this.#put(`service ${id}`, one.id);
    for (const key of one.groups) this.#put(`group ${key}`, one.id);
  }

  add(joiner: Joiner, incidentId: string): void {
    if (joiner.origin.kind === "system") return;
    if (joiner.group !== undefined) this.#put(`group ${groupOf(joiner.origin, joiner.group)}`, incidentId);
    if (joiner.hostId !== undefined) this.#put(`host ${joiner.hostId}`, incidentId);
    for (const id of joiner.roleIds) this.#put(`role ${id}`, incidentId);
    for (const id of joiner.serviceIds) this.#put(`service ${id}`, incidentId);
  }

  /** What Hinoban says about itself is never grouped: each is a cause of its own. */
  find(joiner: Joiner, topology: Topology): Found | undefined {
    if (joiner.returnsTo !== undefined) return { incidentId: joiner.returnsTo, why: "again" };
    if (joiner.origin.kind === "system" || this.#settings.windowMinutes === 0) return undefined;
    return (
      this.#byGroup(joiner) ??
      this.#byHost(joiner) ??
      this.#byDependency(joiner, topology) ??
      this.#byRole(joiner) ??
      this.#byService(joiner)
    );
  }

  #byGroup({ origin, group: name }: Joiner): Found | undefined {
    return name === undefined ? undefined : this.#first([`group ${groupOf(origin, name)}`], "source");
  }

  #byHost({ hostId }: Joiner): Found | undefined {
    return this.#settings.byHost && hostId !== undefined ? this.#first([`host ${hostId}`], "host") : undefined;
  }

  #byDependency({ hostId }: Joiner, { upstream, downstream }: Topology): Found | undefined {
    if (!this.#settings.byDependency || hostId === undefined) return undefined;
    return this.#first(
      [...upstream(hostId), ...downstream(hostId)].map((id) => `host ${id}`),
      "dependency",
    );
  }

  #byRole({ roleIds }: Joiner): Found | undefined {
    if (!this.#settings.byRole) return undefined;
    return this.#first(
      roleIds.map((id) => `role ${id}`),
      "role",
    );
  }

  #byService({ serviceIds }: Joiner): Found | undefined {
    if (!this.#settings.byService) return undefined;
    return this.#first(
      serviceIds.map((id) => `service ${id}`),
      "service",
    );
  }

  /** Of several the oldest. */
  #first(keys: readonly string[], why: Why): Found | undefined {
    const found = keys.flatMap((key) => this.#byKey.get(key) ?? []);
    const [oldest] = found.sort((a, b) => this.#ageOf(a) - this.#ageOf(b));
    return oldest === undefined ? undefined : { incidentId: oldest, why };
  }

  #ageOf(incidentId: string): number {
    return this.#ages.get(incidentId) ?? this.#ages.size;
  }

  #put(key: string, incidentId: string): void {
    if (!this.#ages.has(incidentId)) this.#ages.set(incidentId, this.#ages.size);
    if (!this.#byKey.has(key)) this.#byKey.set(key, incidentId);
  }
}
