import { optional } from "#base/fields";
import type { UnixMs } from "#base/duration";
import { isTimeZone, wallClock, type WallClock } from "#base/wall-time";
import { reportedCalls } from "#features/calls";
import { findOrganisation } from "#features/identity";
import { HinobanError } from "#base/errors";
import type { Tx } from "#store";
import { CallTally, type PersonCalls } from "./figures/call-tally.ts";
import { IncidentTally, type PersonTally } from "./figures/incident-tally.ts";
import { dayOf, daysOf, elapsed, periodBefore, periodRange } from "./figures/period.ts";
import { spreadOf } from "./figures/spread.ts";
import { suggest } from "./figures/suggest.ts";
import type { PersonFigures, Range, ReportModel, ServiceAvailability, Totals } from "./model.ts";
import { readAvailability } from "./read-availability.ts";
import { incidentFacts } from "./read-incidents.ts";
import {
  countAlerts,
  messagesKeptFor,
  readCauses,
  readChanges,
  readMessages,
  readPeople,
  readServiceNames,
  type Person,
} from "./read-rest.ts";

/** What is counted in one period, before it is compared with another. */
interface Counted {
  readonly incidents: IncidentTally;
  readonly calls: CallTally;
  readonly totals: Totals;
  readonly changes: ReportModel["changes"];
}

interface Asked {
  readonly period: string;
  readonly clock: WallClock;
  readonly now: UnixMs;
  readonly people: ReadonlyMap<string, Person>;
  readonly services: ReadonlyMap<string, string>;
}

/**
 * The report of a month or year of the transaction's organisation, as far as it is over. Reads rows in batches: what it holds grows with
 * the number of incidents by a few bytes each.
 * @throws "invalid-input" for a period that has not begun, or lies before the organisation
 */
export async function readModel(tx: Tx, period: string, now: UnixMs): Promise<ReportModel> {
  const organisation = await findOrganisation(tx);
  if (!organisation) throw new HinobanError("not-found", "The organisation does not exist.");
  const zone = isTimeZone(organisation.timeZone) ? organisation.timeZone : "UTC";
  const clock = wallClock(zone);
  const range = demandBegun(period, clock, now);
  const before = periodBefore(period);
  const [people, services] = [await readPeople(tx), await readServiceNames(tx)];
  const asked = { period, clock, now, people, services };
  const seen = elapsed(range, now);
  const counted = await count(tx, asked);
  const past = await count(tx, { ...asked, period: before });
  const pastRange = periodRange(before, clock);
  const { causes, hosts } = await readCauses(tx, seen, Math.min(now, range.to));
  const hadAnything = past.totals.incidents + past.totals.changes + past.totals.alerts > 0;
  const facts = {
    version: 1 as const,
    organisation: { name: organisation.name, displayName: organisation.displayName },
    period,
    timeZone: zone,
    range: { from: range.from, to: range.to },
    isComplete: range.to <= now,
    madeAt: now,
    totals: counted.totals,
    ...optional("before", hadAnything ? past.totals : undefined),
    services: compared(await readAvailability(tx, seen), await readAvailability(tx, pastRange)),
    ...counted.incidents.result(),
    days: daysOf(period).map((day) => ({
      ...day,
      ...counted.incidents.day(day.date),
      nightCalls: counted.calls.nightCallsOn(day.date),
    })),
    ...(await readMessages(tx, seen)),
    mediaArePartial: seen.from < now - messagesKeptFor,
    calls: counted.calls.result(),
    people: peopleOf(counted, people),
    causes,
    hosts,
    changes: counted.changes,
  };
  return { ...facts, suggestions: suggest({ ...facts, steps: counted.incidents.steps }) };
}

function demandBegun(period: string, clock: WallClock, now: UnixMs): { readonly from: UnixMs; readonly to: UnixMs } {
  const range = periodRange(period, clock);
  if (range.from < now && range.to > 0) return range;
  throw new HinobanError("invalid-input", `period: ${period} has not begun yet. Choose a month that has.`, {
    fields: [{ field: "period", problem: "has not begun yet; choose a month that has" }],
  });
}

async function count(tx: Tx, { period, clock, now, people, services }: Asked): Promise<Counted> {
  const range: Range = elapsed(periodRange(period, clock), now);
  const day = (at: number): string => dayOf(at, period, clock);
  const incidents = new IncidentTally(day);
  for await (const facts of incidentFacts(tx, range, { people, services, seenAt: now })) for (const fact of facts) incidents.add(fact);
  const calls = new CallTally((personId) => clockOf(personId, people, clock), day);
  for await (const batch of reportedCalls(tx, range)) for (const call of batch) calls.add(call);
  const changes = await readChanges(tx, range);
  const { bySeverity, times } = incidents.result();
  const all = times.find(({ severity }) => severity === "all");
  const { rang, nightCalls } = calls.result();
  return {
    incidents,
    calls,
    changes,
    totals: {
      incidents: incidents.total,
      severe: bySeverity.critical + bySeverity.error,
      alerts: await countAlerts(tx, range),
      ...optional("takeMedian", all?.take?.median),
      ...optional("resolveMedian", all?.resolve?.median),
      neverTaken: all?.neverTaken ?? 0,
      callsRang: rang,
      nightCalls,
      changes: changes.reduce((sum, change) => sum + change.count, 0),
    },
  };
}

function clockOf(personId: string | undefined, people: ReadonlyMap<string, Person>, otherwise: WallClock): WallClock {
  const zone = personId === undefined ? undefined : people.get(personId)?.timeZone;
  return zone !== undefined && isTimeZone(zone) ? wallClock(zone) : otherwise;
}

const compared = (now: readonly ServiceAvailability[], before: readonly ServiceAvailability[]): ServiceAvailability[] => {
  const shares = new Map(before.map(({ id, share }) => [id, share]));
  return now.map((service) => ({ ...service, ...optional("shareBefore", shares.get(service.id)) }));
};

/** Everybody who took something, could not, or was called: who took most first. */
function peopleOf({ incidents, calls }: Counted, people: ReadonlyMap<string, Person>): PersonFigures[] {
  const ids = new Set([...incidents.people.keys(), ...calls.people.keys()]);
  return [...ids]
    .map((id) => {
      const { takes, ...acts } = incidents.people.get(id) ?? noActs;
      const { nights, ...called } = calls.people.get(id) ?? noCalls;
      const name = people.get(id)?.name ?? id;
      return { id, name, ...acts, ...optional("takeMedian", spreadOf(takes)?.median), ...called, nights: nights.size };
    })
    .toSorted((a, b) => b.taken - a.taken || b.rang - a.rang || (a.name < b.name ? -1 : 1));
}

const noActs: PersonTally = { taken: 0, takenByPhone: 0, held: 0, declined: 0, takes: [] };
const noCalls: PersonCalls = { requested: 0, rang: 0, answered: 0, nightCalls: 0, nights: new Set() };
