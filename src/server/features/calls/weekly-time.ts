import type { UnixMs } from "#base/duration";
import { dayLength, minuteLength, wallClock } from "#base/wall-time";

export interface WeeklyTime {
  /** 0 is Sunday. */
  readonly weekday: number;
  /** 10:00 */
  readonly time: string;
}

/** The 1st of January 1970 was a Thursday. */
const firstWeekday = 4;

/** When the clock of a zone next shows that time of that day of the week, after an instant. */
export function nextWeekly(after: UnixMs, { weekday, time }: WeeklyTime, timeZone: string): UnixMs {
  const clock = wallClock(timeZone);
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  const today = Math.floor(clock.toLocal(after) / dayLength);
  const first = today + ((weekday - (today + firstWeekday) + 14) % 7);
  const at = (day: number): UnixMs => clock.toInstant(day * dayLength + (hours * 60 + minutes) * minuteLength);
  const next = at(first);
  return next > after ? next : at(first + 7);
}
