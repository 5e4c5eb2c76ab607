import { zonedClock, type ZonedClock } from "#base/chart/zone";
import { findOrganisation, namesOf } from "#features/identity";
import type { AlertFacts } from "#features/incidents";
import { placesOfHosts, placesOfServices, type PlacedHost, type PlacedService } from "#features/inventory";
import type { Tx } from "#store";
import type { Language } from "#wire/shapes";
import type { BodyContext, BodyHost, BodyService, BodyUser } from "./mackerel-body.ts";

/** The organisation that messages are about. */
export interface OrganisationFacts extends BodyContext {
  readonly id: string;
}

/** Everything that messages about some alerts name. */
export interface Facts {
  readonly organisation: OrganisationFacts;
  readonly hosts: ReadonlyMap<string, PlacedHost>;
  readonly services: ReadonlyMap<string, PlacedService>;
  /** By the ids of persons. */
  readonly people: ReadonlyMap<string, string>;
  /** The clock of a reader. Made once: that takes a millisecond, and a storm has thousands of messages. */
  readonly clockOf: (language: Language, timeZone: string) => ZonedClock;
}

export async function organisationFacts(tx: Tx, publicUrl: string): Promise<OrganisationFacts> {
  const organisation = await findOrganisation(tx);
  return { id: organisation?.id ?? "", orgName: organisation?.name ?? "", publicUrl };
}

/** Looks up in few statements what the alerts name. */
export async function factsAbout(
  tx: Tx,
  publicUrl: string,
  alerts: readonly Pick<AlertFacts, "hostId" | "serviceId">[],
  personIds: readonly string[] = [],
): Promise<Facts> {
  const some = (ids: readonly (string | undefined)[]): string[] => [...new Set(ids.filter((id) => id !== undefined))];
  return {
    organisation: await organisationFacts(tx, publicUrl),
    hosts: await placesOfHosts(tx, some(alerts.map(({ hostId }) => hostId))),
    services: await placesOfServices(tx, some(alerts.map(({ serviceId }) => serviceId))),
    people: await peopleNamed(tx, personIds),
    clockOf: keptClocks(),
  };
}

function keptClocks(): Facts["clockOf"] {
  const kept = new Map<string, ZonedClock>();
  return (language, timeZone) => {
    const key = `${language} ${timeZone}`;
    const clock = kept.get(key) ?? zonedClock(language, timeZone);
    kept.set(key, clock);
    return clock;
  };
}

export async function peopleNamed(tx: Tx, personIds: readonly string[]): Promise<Map<string, string>> {
  if (personIds.length === 0) return new Map();
  const names = await namesOf(
    tx,
    [...new Set(personIds)].map((id) => `person:${id}`),
  );
  return new Map(Object.entries(names).map(([id, name]) => [id.slice("person:".length), name]));
}

export const bodyHost = (host: PlacedHost): BodyHost => ({
  id: host.id,
  name: host.name,
  status: host.status,
  memo: host.memo,
  isRetired: host.isRetired,
  roles: host.roles,
});

export const bodyService = (service: PlacedService, orgId: string): BodyService => ({
  id: service.id,
  name: service.name,
  memo: service.memo,
  orgId,
  roles: service.roles.map(({ role }) => role),
});

/** The person as payloads name them; undefined for nobody and for those whose name is forgotten. */
export function userOf({ people }: Pick<Facts, "people">, personId: string | undefined): BodyUser | undefined {
  const screenName = personId === undefined ? undefined : people.get(personId);
  return personId === undefined || screenName === undefined ? undefined : { id: personId, screenName };
}

/** Ids of the services that an alert belongs to. */
export function servicesOf({ hosts }: Facts, { hostId, serviceId }: Pick<AlertFacts, "hostId" | "serviceId">): string[] {
  const ofHost = hostId === undefined ? [] : (hosts.get(hostId)?.serviceIds ?? []);
  return [...new Set([...ofHost, ...(serviceId === undefined ? [] : [serviceId])])];
}
