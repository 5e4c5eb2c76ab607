import { HinobanError } from "#base/errors";
import type { Tx } from "#store";
import { dayKind } from "./calendar/model.ts";
import type { Duty } from "./duty.ts";
import { readCalendars } from "./store.ts";

/** Says of local days, counted from 1970-01-01, whether a calendar has them worked. @throws "not-found" */
export async function workingDays(duty: Pick<Duty, "holidays">, tx: Tx, calendarId: string): Promise<(day: number) => boolean> {
  const calendar = (await readCalendars(tx, duty.holidays)).get(calendarId);
  if (!calendar) throw new HinobanError("not-found", `There is no calendar ${calendarId}.`, { id: calendarId });
  return (day) => dayKind(calendar, day).isWorking;
}
