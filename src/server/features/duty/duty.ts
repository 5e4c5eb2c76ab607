import type { Clock } from "#base/clock";
import type { OutgoingHttp } from "#ports/outgoing-http/port";
import type { Db, Deps, Tx } from "#store";
import { findOrganisation, standingOf, type Standing } from "#features/identity";
import { addTime, days, unixMs, type UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { wallClock } from "#base/wall-time";
import { holdingSpans, holds, type Holidays } from "./calendar/model.ts";
import { onCall, outlook, type Outlook } from "./model.ts";
import { findTeam, memberIds } from "./teams.ts";
import { allSchedules, findSchedule, knownSchedules, readCalendars, type Known } from "./store.ts";

/** Somebody came on duty, or went off, or both. */
export interface HandOver {
  readonly scheduleId: string;
  readonly scheduleName: string;
  readonly timeZone: string;
  readonly at: UnixMs;
  /** Ids of persons, in order. */
  readonly from: readonly string[];
  /** Empty: nobody is on duty now. */
  readonly to: readonly string[];
  /** Until when those are on duty, as it looks now. */
  readonly until: UnixMs | undefined;
  readonly next: readonly string[];
  readonly tellsPeople: boolean;
  readonly channelId: string | undefined;
  readonly teamId: string | undefined;
  /** Names this hand-over once and for all: a notification's key. */
  readonly key: string;
}

/** In the next days nobody will be on duty for a while. */
export interface GapAhead {
  readonly scheduleId: string;
  readonly scheduleName: string;
  readonly timeZone: string;
  readonly at: UnixMs;
  readonly from: UnixMs;
  /** The end of the gap, or of what was looked at. */
  readonly to: UnixMs;
  readonly channelId: string | undefined;
  readonly teamId: string | undefined;
  readonly key: string;
}

/** Told inside the transaction that notes it: what a listener writes commits with it, once. */
export interface DutyListener {
  handedOver?(tx: Tx, at: UnixMs, change: HandOver): Promise<void>;
  gapAhead?(tx: Tx, at: UnixMs, gap: GapAhead): Promise<void>;
}

/** Who is on duty on one schedule, and who follows. */
export interface OnDutyNow extends Outlook {
  readonly scheduleId: string;
  readonly scheduleName: string;
  readonly timeZone: string;
  readonly teamId: string | undefined;
}

export interface DutyDeps extends Deps {
  readonly holidays: Holidays;
  /** Reads calendars under addresses that people typed; without it only files are read. */
  readonly http?: OutgoingHttp;
}

/** What features that know how to reach people hand down: duty may not ask them. */
export interface DutyExtension {
  /** Those of the persons who can be reached by some way that was verified. */
  reachable(tx: Tx, personIds: readonly string[]): Promise<ReadonlySet<string>>;
}

/** Teams, schedules and calendars of all organisations. */
export class Duty implements Deps {
  readonly db: Db;
  readonly clock: Clock;
  readonly holidays: Holidays;
  readonly http: OutgoingHttp | undefined;
  readonly #listeners: DutyListener[] = [];
  #extension: DutyExtension | undefined;

  constructor(deps: DutyDeps) {
    this.db = deps.db;
    this.clock = deps.clock;
    this.holidays = deps.holidays;
    this.http = deps.http;
  }

  /** To be called before the start. */
  listen(listener: DutyListener): void {
    this.#listeners.push(listener);
  }

  /** To be called once, before the start. */
  extend(extension: DutyExtension): void {
    this.#extension = extension;
  }

  /** Those who can be reached; undefined when nobody can say. */
  async reachable(tx: Tx, personIds: readonly string[]): Promise<ReadonlySet<string> | undefined> {
    return this.#extension?.reachable(tx, personIds);
  }

  standingsOf(tx: Tx, personIds: readonly string[]): Promise<ReadonlyMap<string, Standing>> {
    return standingOf(tx, personIds);
  }

  get listeners(): readonly DutyListener[] {
    return this.#listeners;
  }

  /** Ids of the persons on duty, in order; empty: nobody. @throws "not-found" */
  async onDuty(tx: Tx, scheduleId: string, at: UnixMs): Promise<readonly string[]> {
    return onCall((await this.known(tx, scheduleId, at)).roster, at);
  }

  /** Ids of the persons who follow those on duty; empty: nobody, or no change within a year. @throws "not-found" */
  async nextOnDuty(tx: Tx, scheduleId: string, at: UnixMs): Promise<readonly string[]> {
    return outlook((await this.known(tx, scheduleId, at)).roster, at).next;
  }

  /** Ids of a team's active members, in their order. @throws "not-found" */
  async membersOf(tx: Tx, teamId: string): Promise<readonly string[]> {
    await findTeam(tx, teamId);
    const ids = await memberIds(tx, teamId);
    const standings = await standingOf(tx, ids);
    return ids.filter((id) => standings.get(id)?.state === "active");
  }

  /** Id of a team's lead; undefined when there is none, or the lead is no longer active. @throws "not-found" */
  async leadOf(tx: Tx, teamId: string): Promise<string | undefined> {
    const { lead_id: leadId } = await findTeam(tx, teamId);
    if (leadId === null) return undefined;
    return (await standingOf(tx, [leadId])).get(leadId)?.state === "active" ? leadId : undefined;
  }

  /**
   * Whether an instant is working time.
   * @param timeZone IANA zone whose clock decides; the organisation's when absent
   * @throws "not-found"
   */
  async isWorkingTime(tx: Tx, calendarId: string, at: UnixMs, timeZone?: string): Promise<boolean> {
    const calendar = (await readCalendars(tx, this.holidays)).get(calendarId);
    if (!calendar) throw new HinobanError("not-found", `There is no calendar ${calendarId}.`, { id: calendarId });
    const zone = timeZone ?? (await findOrganisation(tx))?.timeZone ?? "UTC";
    return holds(calendar, "working-time", wallClock(zone), at);
  }

  /**
   * When the next working time begins, after an instant; undefined: not within four weeks.
   * @param timeZone IANA zone whose clock decides; the organisation's when absent
   * @throws "not-found"
   */
  async nextWorkingTime(tx: Tx, calendarId: string, at: UnixMs, timeZone?: string): Promise<UnixMs | undefined> {
    const calendar = (await readCalendars(tx, this.holidays)).get(calendarId);
    if (!calendar) throw new HinobanError("not-found", `There is no calendar ${calendarId}.`, { id: calendarId });
    const zone = timeZone ?? (await findOrganisation(tx))?.timeZone ?? "UTC";
    const spans = holdingSpans(calendar, "working-time", wallClock(zone), { from: at, to: addTime(at, days(28)) });
    const next = spans.find(({ from }) => from > at);
    return next && unixMs(next.from);
  }

  /** Every schedule with who is on duty at `at` (now, when absent), by name. */
  async nowOnDuty(tx: Tx, at: UnixMs = this.clock.now()): Promise<OnDutyNow[]> {
    const known = await knownSchedules(tx, await allSchedules(tx), this.holidays, at);
    return known.map(({ row, roster }) => ({
      scheduleId: row.id,
      scheduleName: row.name,
      timeZone: row.time_zone,
      teamId: row.team_id ?? undefined,
      ...outlook(roster, at),
    }));
  }

  /** A schedule made ready for questions about times around `at`. @throws "not-found" */
  async known(tx: Tx, scheduleId: string, at: UnixMs): Promise<Known> {
    const [known] = await knownSchedules(tx, [await findSchedule(tx, scheduleId)], this.holidays, at);
    if (!known) throw new HinobanError("not-found", `There is no schedule ${scheduleId}.`, { id: scheduleId });
    return known;
  }
}

export const openDuty = (deps: DutyDeps): Duty => new Duty(deps);
