import type { UnixMs } from "#base/duration";
import { dayLength, localDay, minuteLength, parseTimeOfDay, wallClock, weekdayOf, type WallClock } from "#base/wall-time";
import { severities, type Medium, type Severity } from "#wire/alerting";
import type { NotificationRules } from "#wire/notify";

/** What somebody's rules say to one message at one moment. */
export type Reach =
  | { readonly kind: "now" }
  /** Quiet hours: it goes out at that moment. */
  | { readonly kind: "held"; readonly until: UnixMs }
  /** This medium is not for messages that are no worse. */
  | { readonly kind: "off" };

export interface Told {
  readonly severity: Severity;
  readonly medium: Medium;
  readonly isUrgent: boolean;
}

/** @param zone the time zone of the person's profile, for rules without one */
export function reach(rules: NotificationRules, zone: string, { severity, medium, isUrgent }: Told, at: UnixMs): Reach {
  if (isUrgent) return { kind: "now" };
  const least = rules.media[medium] ?? "information";
  if (least === "never" || severities.indexOf(severity) < severities.indexOf(least)) return { kind: "off" };
  const until = quietUntil(rules, zone, at);
  return until === undefined ? { kind: "now" } : { kind: "held", until };
}

/** More quiet days in a row than a week has are quiet for ever; then the longest wait is a week. */
const mostNights = 8;

/** The end of the quiet hours that `at` lies in; undefined outside them. */
export function quietUntil(rules: NotificationRules, zone: string, at: UnixMs): UnixMs | undefined {
  const { isOn, from, until, weekdays } = rules.quiet;
  const begins = parseTimeOfDay(from);
  const ends = parseTimeOfDay(until);
  if (!isOn || begins === undefined || ends === undefined || weekdays.length === 0) return undefined;
  const clock = wallClock(rules.timeZone ?? zone);
  const night = { begins, ends, weekdays };
  let end = endOfNight(clock, night, at);
  for (let nights = 1; end !== undefined && nights < mostNights; nights++) {
    const next = endOfNight(clock, night, end);
    if (next === undefined) break;
    end = next;
  }
  return end;
}

interface Night {
  /** Minutes after midnight. */
  readonly begins: number;
  readonly ends: number;
  readonly weekdays: readonly number[];
}

/** A night that began today or yesterday may hold `at`. On the clock on the wall, so that seven o'clock stays seven o'clock when clocks are changed. */
function endOfNight(clock: WallClock, { begins, ends, weekdays }: Night, at: UnixMs): UnixMs | undefined {
  const today = localDay(clock.toLocal(at));
  for (const day of [today - 1, today]) {
    if (!weekdays.includes(weekdayOf(day))) continue;
    const begin = clock.toInstant(day * dayLength + begins * minuteLength);
    const end = clock.toInstant((ends <= begins ? day + 1 : day) * dayLength + ends * minuteLength);
    if (begin <= at && at < end) return end;
  }
  return undefined;
}
