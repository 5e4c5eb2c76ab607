import { invalidInput } from "#base/errors";
import { wallClock, dayLength, localDay, type LocalMs, type WallClock } from "#base/wall-time";
import type { Span } from "#base/spans";
import { unixMs, type UnixMs } from "#base/duration";
import { childrenOf, parameterOf, parseCalendars, propertiesOf, readLocalText, textOfProperty, type JCal, type JProperty } from "./jcal.ts";
import { readRule, RuleProblem } from "./read-rule.ts";
import { BudgetSpent, occurrences, type Budget } from "./recurrence.ts";
import { FileZones } from "./zones.ts";

/** One time in which an event of a file takes place. */
export interface Occurrence extends Span {
  readonly summary: string;
  /** Whom the event names: names and addresses of attendees. */
  readonly attendees: readonly string[];
}

export interface ReadOptions {
  /** For times without a zone, and for days. */
  readonly timeZone: string;
  /** Only what touches it is read. */
  readonly window: Span;
  /** Most times that one file may hold. */
  readonly most: number;
}

/** Most events of one file, and days that their rules may look at. */
const mostEvents = 5000;
const mostDays = 2_000_000;

/**
 * Reads the times of a calendar file: repeated events (RRULE, RDATE, EXDATE, single ones that were moved), zones, whole days.
 * @throws HinobanError "invalid-input" that names the event
 */
export function readOccurrences(text: string, options: ReadOptions): Occurrence[] {
  const calendars = parseCalendars(text);
  const budget: Budget = { days: mostDays };
  const events = calendars.flatMap((calendar) => childrenOf(calendar, "vevent"));
  if (events.length > mostEvents)
    throw invalidInput([{ field: "text", problem: `has ${events.length} events; ${mostEvents} are allowed` }]);
  const zones = namedProblems("the description of a time zone", () => new FileZones(calendars, options.window, budget));
  const reader = new EventReader(zones, options, budget);
  const found: Occurrence[] = [];
  for (const [master, moved] of byUid(events)) {
    for (const occurrence of reader.read(master, moved)) {
      found.push(occurrence);
      if (found.length > options.most) {
        throw problemOf(nameOf(master), `with it the file holds more than ${options.most} times; shorten it`);
      }
    }
  }
  return found.sort((a, b) => a.from - b.from);
}

/** Events with those that replace single ones of their times. */
function byUid(events: readonly JCal[]): [JCal, readonly JCal[]][] {
  const isMoved = (event: JCal): boolean => propertiesOf(event, "recurrence-id").length > 0;
  const moved = new Map<string, JCal[]>();
  for (const event of events.filter(isMoved)) {
    const uid = textOfProperty(event, "uid") ?? "";
    moved.set(uid, [...(moved.get(uid) ?? []), event]);
  }
  const masters = events.filter((event) => !isMoved(event));
  const known = new Set(masters.map((event) => textOfProperty(event, "uid") ?? ""));
  const strays = [...moved].filter(([uid]) => !known.has(uid)).flatMap(([, list]) => list);
  return [
    ...masters.map((event): [JCal, readonly JCal[]] => [event, moved.get(textOfProperty(event, "uid") ?? "") ?? []]),
    ...strays.map((event): [JCal, readonly JCal[]] => [event, []]),
  ];
}

/** When an event is, on its own clock. */
interface Times {
  readonly clock: WallClock;
  readonly start: LocalMs;
  readonly length: number;
  readonly isAllDay: boolean;
}

const isCancelled = (event: JCal): boolean => textOfProperty(event, "status")?.toUpperCase() === "CANCELLED";

class EventReader {
  readonly #zones: FileZones;
  readonly #options: ReadOptions;
  readonly #budget: Budget;

  constructor(zones: FileZones, options: ReadOptions, budget: Budget) {
    this.#zones = zones;
    this.#options = options;
    this.#budget = budget;
  }

  read(event: JCal, moved: readonly JCal[]): Occurrence[] {
    if (isCancelled(event)) return [];
    const name = nameOf(event);
    return namedProblems(name, () => {
      const times = this.#timesOf(event, name);
      const gone = new Set([
        ...propertiesOf(event, "exdate").flatMap((property) => this.#instantsOf(property, times, name)),
        ...moved.flatMap((one) => this.#movedFrom(one, times)),
      ]);
      const own = this.#startsOf(event, times, name)
        .filter((start) => !gone.has(times.clock.toInstant(start)) && !gone.has(dayKey(start)))
        .map((start) => this.#occurrence(event, times, start));
      const others = moved
        .filter((one) => !isCancelled(one))
        .map((one) => {
          const theirs = this.#timesOf(one, nameOf(one));
          return this.#occurrence(one, theirs, theirs.start);
        });
      const { window } = this.#options;
      return [...own, ...others].filter((one) => one.to > window.from && one.from < window.to && one.to > one.from);
    });
  }

  #occurrence(event: JCal, { clock, length }: Times, start: LocalMs): Occurrence {
    return {
      from: clock.toInstant(start),
      to: clock.toInstant(start + length),
      summary: (textOfProperty(event, "summary") ?? "").trim(),
      attendees: propertiesOf(event, "attendee").flatMap((property) => [
        ...textsOf(parameterOf(property, "cn")),
        ...textsOf(typeof property[3] === "string" ? property[3].replace(/^mailto:/iu, "") : undefined),
      ]),
    };
  }

  #timesOf(event: JCal, name: string): Times {
    const [property] = propertiesOf(event, "dtstart");
    if (!property) throw problemOf(name, "it has no beginning (DTSTART)");
    const clock = this.#clockOf(property, name);
    const start = this.#localOf(property, name);
    const isAllDay = property[2] === "date";
    return { clock, start, length: this.#lengthOf(event, { clock, start, isAllDay }, name), isAllDay };
  }

  #lengthOf(event: JCal, { clock, start, isAllDay }: Omit<Times, "length">, name: string): number {
    const [end] = propertiesOf(event, "dtend");
    if (end) {
      const local =
        end[2] === "date" ? this.#localOf(end, name) : clock.toLocal(this.#clockOf(end, name).toInstant(this.#localOf(end, name)));
      if (local < start) throw problemOf(name, "it ends before it begins");
      return local === start && isAllDay ? dayLength : local - start;
    }
    const duration = textOfProperty(event, "duration");
    if (duration === undefined) return isAllDay ? dayLength : 0;
    const length = durationOf(duration);
    if (length === undefined) throw problemOf(name, `its length ${duration} cannot be read`);
    return length;
  }

  #startsOf(event: JCal, times: Times, name: string): LocalMs[] {
    const { clock, start, length } = times;
    const { window } = this.#options;
    const starts = new Set([start]);
    const local = { from: clock.toLocal(unixMs(window.from)) - length - dayLength, to: clock.toLocal(unixMs(window.to)) + dayLength };
    for (const property of propertiesOf(event, "rrule")) {
      const rule = readRule(property[3], start - localDay(start) * dayLength, (text) => this.#untilOf(text, times, name));
      if (rule.count !== undefined && start < 0) throw problemOf(name, "it is counted from before 1970");
      for (const one of occurrences(start, rule, local, this.#budget)) starts.add(one);
    }
    for (const property of propertiesOf(event, "rdate")) {
      for (const value of property.slice(3))
        starts.add(clock.toLocal(this.#instantOf(property, Array.isArray(value) ? value[0] : value, name)));
    }
    return [...starts];
  }

  /** A time in UTC is brought to the event's clock; a day counts until its end. */
  #untilOf(text: string, { clock }: Times, name: string): LocalMs {
    const local = readLocalText(text);
    if (local === undefined) throw problemOf(name, `it repeats until ${text}, which is no time`);
    if (text.endsWith("Z")) return clock.toLocal(wallClock("UTC").toInstant(local));
    return text.includes("T") ? local : local + dayLength - 1;
  }

  #movedFrom(event: JCal, times: Times): (UnixMs | string)[] {
    const name = nameOf(event);
    return propertiesOf(event, "recurrence-id").flatMap((property) => {
      if (parameterOf(property, "range") !== undefined)
        throw problemOf(name, "it moves all later times at once (RANGE), which is not read");
      return this.#instantsOf(property, times, name);
    });
  }

  /** The instants of a property's values; a day of an event with times stands for all that begins on it. */
  #instantsOf(property: JProperty, times: Times, name: string): (UnixMs | string)[] {
    return property.slice(3).map((value) => {
      if (property[2] === "date" && !times.isAllDay) return typeof value === "string" ? value : "";
      return this.#instantOf(property, value, name);
    });
  }

  #instantOf(property: JProperty, value: unknown, name: string): UnixMs {
    const local = typeof value === "string" ? readLocalText(value) : undefined;
    if (typeof value !== "string" || local === undefined) throw problemOf(name, `its ${property[0].toUpperCase()} is no time`);
    return (value.endsWith("Z") ? wallClock("UTC") : this.#clockOf(property, name)).toInstant(local);
  }

  #localOf(property: JProperty, name: string): LocalMs {
    const value = property[3];
    const local = typeof value === "string" ? readLocalText(value) : undefined;
    if (local === undefined) throw problemOf(name, `its ${property[0].toUpperCase()} is no time`);
    return local;
  }

  #clockOf(property: JProperty, name: string): WallClock {
    const tzid = parameterOf(property, "tzid");
    if (property[2] === "date") return wallClock(this.#options.timeZone);
    if (typeof property[3] === "string" && property[3].endsWith("Z")) return wallClock("UTC");
    if (tzid === undefined) return wallClock(this.#options.timeZone);
    const clock = this.#zones.find(tzid);
    if (!clock) throw problemOf(name, `it names the time zone ${tzid}, which nobody knows and the file does not describe`);
    return clock;
  }
}

const textsOf = (text: string | undefined): string[] => (text === undefined || text.trim() === "" ? [] : [text.trim()]);

const dayKey = (start: LocalMs): string => new Date(start).toISOString().slice(0, 10);

/** "P1DT2H30M", "P1W" in milliseconds on the clock on the wall. */
function durationOf(text: string): number | undefined {
  const match = /^\+?P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?$/u.exec(text);
  if (!match) return undefined;
  const [weeks, days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  const whole = ((weeks ?? 0) * 7 + (days ?? 0)) * dayLength;
  return whole + (((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000;
}

/** How a problem names an event: by what people see of it. */
function nameOf(event: JCal): string {
  const summary = textOfProperty(event, "summary")?.trim().slice(0, 100);
  const uid = textOfProperty(event, "uid")?.slice(0, 100);
  const start = textOfProperty(event, "dtstart") ?? "";
  return `the event ${[summary ? `“${summary}”` : undefined, start || undefined, uid ? `(${uid})` : undefined].filter(Boolean).join(" ")}`;
}

const problemOf = (name: string, problem: string): Error => invalidInput([{ field: "text", problem: `${name}: ${problem}` }]);

function namedProblems<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RuleProblem) throw problemOf(name, error.message);
    if (error instanceof BudgetSpent) throw problemOf(name, "it repeats over too many days");
    if (error instanceof RangeError) throw problemOf(name, "its times are out of range");
    throw error;
  }
}
