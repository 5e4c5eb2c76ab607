import { sql } from "kysely";
import { minutes, type UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { localDay, minuteLength, dayLength, wallClock } from "#base/wall-time";
import type { Duty } from "#features/duty";
import { findOrganisation, standingOf } from "#features/identity";
import type { Notify } from "#features/notify";
import type { Tx } from "#store";
import { media, type Medium } from "#wire/alerting";
import type { StepTarget } from "#wire/escalation";
import { contactKindOf } from "#wire/notify-people";
import type { Ladder, World } from "./model.ts";

/** What a world is made for. */
export interface Ask {
  readonly ladders: readonly Pick<Ladder, "steps" | "calendarId">[];
  readonly at: UnixMs;
  /** Whose alerts are counted; undefined: one alert, as in a dry run. */
  readonly incidentId?: string | undefined;
}

/** Looks up everything that the next decision may depend on: who is on duty, in teams, an owner, still a member; calendars; alerts. */
export async function loadWorld(tx: Tx, duty: Duty, { ladders, at, incidentId }: Ask): Promise<World> {
  const steps = ladders.flatMap((ladder) => ladder.steps);
  const targets = [...new Map(steps.flatMap((step) => step.targets).map((target) => [JSON.stringify(target), target])).values()];
  const persons = new Map<string, readonly string[]>();
  for (const target of [...targets, { kind: "owners" } as const])
    persons.set(JSON.stringify(target), await personsOf(tx, duty, target, at));
  const standings = await standingOf(tx, [...new Set([...persons.values()].flat())]);
  const channels = await existingChannels(
    tx,
    targets.flatMap((target) => (target.kind === "channel" ? [target.channelId] : [])),
  );
  const calendarIds = new Set([
    ...ladders.flatMap(({ calendarId }) => (calendarId === undefined ? [] : [calendarId])),
    ...steps.flatMap(({ when }) => (when?.calendar ? [when.calendar.calendarId] : [])),
  ]);
  const calendars = new Map<string, CalendarNow>();
  for (const id of calendarIds) calendars.set(id, await calendarNow(tx, duty, id, at));
  const spans = new Set(steps.flatMap(({ when }) => (when?.many ? [when.many.minutes] : [])));
  const counts = new Map<number, number>();
  for (const span of spans) counts.set(span, incidentId === undefined ? 1 : await alertsSince(tx, incidentId, at - minutes(span)));
  const zone = (await findOrganisation(tx))?.timeZone ?? "UTC";
  const local = wallClock(zone).toLocal(at);
  return {
    at,
    personsOf: (target) => persons.get(JSON.stringify(target)) ?? [],
    isMember: (personId) => standings.get(personId)?.state === "active",
    hasChannel: (channelId) => channels.has(channelId),
    // A calendar that was deleted holds nothing back.
    isWorking: (calendarId) => calendars.get(calendarId)?.isWorking ?? true,
    nextWorkingAt: (calendarId) => calendars.get(calendarId)?.nextAt,
    minuteOfDay: Math.floor((local - localDay(local) * dayLength) / minuteLength),
    alertsWithin: (span) => counts.get(span) ?? 0,
  };
}

interface CalendarNow {
  readonly isWorking: boolean;
  readonly nextAt: UnixMs | undefined;
}

async function calendarNow(tx: Tx, duty: Duty, id: string, at: UnixMs): Promise<CalendarNow> {
  return unlessGone({ isWorking: true, nextAt: undefined }, async () => {
    const isWorking = await duty.isWorkingTime(tx, id, at);
    return { isWorking, nextAt: isWorking ? undefined : await duty.nextWorkingTime(tx, id, at) };
  });
}

/** What was deleted since the policy was written is no reason to stop. */
async function unlessGone<T>(otherwise: T, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof HinobanError && error.code === "not-found") return otherwise;
    throw error;
  }
}

/** Ids of the persons that a target means at this moment; none for what was deleted. */
export function personsOf(tx: Tx, duty: Duty, target: StepTarget, at: UnixMs): Promise<readonly string[]> {
  return unlessGone([], async () => {
    switch (target.kind) {
      case "person":
        return [target.personId];
      case "schedule":
        return target.who === "now" ? duty.onDuty(tx, target.scheduleId, at) : duty.nextOnDuty(tx, target.scheduleId, at);
      case "team":
        return duty.membersOf(tx, target.teamId);
      case "lead": {
        const lead = await duty.leadOf(tx, target.teamId);
        return lead === undefined ? [] : [lead];
      }
      case "owners":
        return ownersOf(tx);
      case "channel":
        return [];
    }
  });
}

/** Active owners of the organisation, those who were there first before the others. */
export async function ownersOf(tx: Tx): Promise<string[]> {
  const rows = await tx
    .selectFrom("identity_membership as m")
    .innerJoin("identity_person as p", "p.id", "m.person_id")
    .select("p.id")
    .where("m.organisation_id", "=", sql<string>`hinoban_organisation()`)
    .where("m.role", "=", "owner")
    .where("m.removed_at", "is", null)
    .where("p.state", "=", "active")
    .orderBy("m.joined_at")
    .orderBy("p.id")
    .execute();
  return rows.map(({ id }) => id);
}

export async function existingChannels(tx: Tx, ids: readonly string[]): Promise<Set<string>> {
  return new Set((await channelStates(tx, ids)).keys());
}

export interface ChannelState {
  readonly name: string;
  readonly isSuspended: boolean;
}

/** Channels by id, without those that were deleted. */
export async function channelStates(tx: Tx, ids: readonly string[]): Promise<Map<string, ChannelState>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.selectFrom("notify_channel").select(["id", "name", "suspended_at"]).where("id", "in", ids).execute();
  return new Map(rows.map((row) => [row.id, { name: row.name, isSuspended: row.suspended_at !== null }]));
}

/** Index incidents_membership_by_incident. */
async function alertsSince(tx: Tx, incidentId: string, since: number): Promise<number> {
  const { total } = await tx
    .selectFrom("incidents_membership")
    .select((count) => count.fn.countAll<number>().as("total"))
    .where("incident_id", "=", incidentId)
    .where("left_at", "is", null)
    .where("joined_at", ">=", since)
    .executeTakeFirstOrThrow();
  return total;
}

/** By which media somebody can be told at all. Everybody has the address they sign in with. */
export async function mediaOfPerson(tx: Tx, personId: string, notify: Pick<Notify, "drivers">): Promise<ReadonlySet<Medium>> {
  const rows = await tx
    .selectFrom("notify_contact")
    .select("kind")
    .where("person_id", "=", personId)
    .where("invalid_since", "is", null)
    .execute();
  const ways = new Set<Medium>(["mail"]);
  const kinds = new Set(rows.map(({ kind }) => kind));
  const carried = new Set<Medium>(["phone", "sms", "push"]);
  for (const medium of media) {
    if (kinds.has(contactKindOf(medium)) && (!carried.has(medium) || notify.drivers.has(medium))) ways.add(medium);
  }
  return ways;
}
