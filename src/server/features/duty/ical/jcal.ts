import ICAL from "ical.js";
import { invalidInput, messageOf } from "#base/errors";
import { parseDay, dayLength, type LocalMs } from "#base/wall-time";

/** A component as ical.js reads it (RFC 7265): name, properties, components. */
export type JCal = readonly [name: string, properties: readonly JProperty[], children: readonly JCal[]];
/** Name, parameters, type, values. */
export type JProperty = readonly [name: string, parameters: Readonly<Record<string, unknown>>, type: string, ...values: unknown[]];

/** Reads the calendars of a file. @throws HinobanError "invalid-input" that says what is wrong */
export function parseCalendars(text: string): readonly JCal[] {
  let read: unknown;
  try {
    // Some programs end lines in other ways, and files may begin with a byte order mark.
    read = ICAL.parse(text.replace(/^\uFEFF/u, "").trim());
  } catch (error) {
    throw notACalendar(messageOf(error).slice(0, 200));
  }
  const calendars = isComponent(read) ? [read] : Array.isArray(read) ? read.filter(isComponent) : [];
  const found = calendars.filter((calendar) => calendar[0] === "vcalendar");
  if (found.length === 0) throw notACalendar("it has no VCALENDAR");
  return found;
}

const notACalendar = (problem: string): Error => invalidInput([{ field: "text", problem: `is no iCalendar file: ${problem}` }]);

function isComponent(value: unknown): value is JCal {
  return Array.isArray(value) && typeof value[0] === "string" && Array.isArray(value[1]) && Array.isArray(value[2]);
}

export const childrenOf = (component: JCal, name: string): readonly JCal[] => component[2].filter((child) => child[0] === name);

export const propertiesOf = (component: JCal, name: string): readonly JProperty[] =>
  component[1].filter((property) => property[0] === name);

/** The first value of the first property of that name, when it is a text. */
export function textOfProperty(component: JCal, name: string): string | undefined {
  const value = propertiesOf(component, name)[0]?.[3];
  return typeof value === "string" ? value : undefined;
}

export function parameterOf(property: JProperty, name: string): string | undefined {
  const value = property[1][name];
  return typeof value === "string" ? value : undefined;
}

/** "2026-11-22T09:00:00" (a Z at its end is not looked at) and "2026-11-22" on the clock on the wall. */
export function readLocalText(text: string): LocalMs | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}):(\d{2}):(\d{2})Z?)?$/u.exec(text);
  const day = match ? parseDay(match[1] ?? "") : undefined;
  if (!match || day === undefined) return undefined;
  const [hour, minute, second] = [Number(match[2] ?? 0), Number(match[3] ?? 0), Math.min(59, Number(match[4] ?? 0))];
  return hour > 23 || minute > 59 ? undefined : day * dayLength + ((hour * 60 + minute) * 60 + second) * 1000;
}
