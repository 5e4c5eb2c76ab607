import type { Downtime, NewDowntime, Recurrence, WeekdayName } from "#wire/downtimes";
import { weekdayNames } from "#wire/downtimes";
import { unixMs, type UnixMs } from "#base/duration";
import type { Format } from "#kit/format";
import type { messages } from "./messages.ts";

export type Texts = (typeof messages)["en"];

const dayOf = (name: WeekdayName): number => weekdayNames.indexOf(name);

/** "Every 2 weeks on Mon, Thu, until Dec 31, 2027" */
export function repeatText(recurrence: Recurrence | undefined, m: Texts, format: Format): string {
  if (!recurrence) return m.once;
  const n = String(recurrence.interval);
  const days = (recurrence.weekdays ?? [])
    .map(dayOf)
    .toSorted((a, b) => ((a + 6) % 7) - ((b + 6) % 7))
    .map((day) => format.weekday(day))
    .join(m.dayJoint);
  const every = {
    hourly: () => m.everyHour({ n }),
    daily: () => m.everyDay({ n }),
    weekly: () => m.everyWeek({ n, days }),
    monthly: () => m.everyMonth({ n }),
    yearly: () => m.everyYear({ n }),
  }[recurrence.type]();
  return recurrence.until === undefined ? every : `${every}, ${m.untilDay({ day: format.date(unixMs(recurrence.until * 1000)) })}`;
}

const mostNamed = 3;

function listed(names: readonly string[], m: Texts, format: Format): string {
  const shown = names.slice(0, mostNamed).join(", ");
  return names.length <= mostNamed ? shown : m.andMore({ names: shown, count: format.count(names.length - mostNamed) });
}

/** What a downtime covers, line by line. */
export function scopeLines(
  downtime: Pick<Downtime, "names"> & Omit<NewDowntime, "name" | "start" | "duration">,
  m: Texts,
  format: Format,
): string[] {
  const nameOf = (id: string): string => downtime.names[id] ?? id;
  const line = (kind: string, names: readonly string[] | undefined): string[] =>
    names === undefined || names.length === 0 ? [] : [m.listed({ kind, names: listed(names.map(nameOf), m, format) })];
  const included = [
    ...line(m.services, downtime.serviceScopes),
    ...line(m.roles, downtime.roleScopes),
    ...line(m.hosts, downtime.hostScopes),
    ...line(m.monitors, downtime.monitorScopes),
  ];
  return [
    ...(included.length === 0 ? [m.everything] : included),
    ...line(m.exceptServices, downtime.serviceExcludeScopes),
    ...line(m.exceptRoles, downtime.roleExcludeScopes),
    ...line(m.exceptMonitors, downtime.monitorExcludeScopes),
  ];
}

/** When it holds now or next. */
export function windowText({ window, state }: Downtime, m: Texts, format: Format): string {
  if (!window) return m.neverAgain;
  const [from, to] = [unixMs(window.from), unixMs(window.to)];
  if (state === "active") return m.untilThen({ time: format.dateTime(to) });
  return rangeText({ from, to }, m, format);
}

/** "Nov 22, 2026, 18:37 – 19:37"; with the day of its end when that is another one. */
export function rangeText({ from, to }: { readonly from: UnixMs; readonly to: UnixMs }, m: Texts, format: Format): string {
  const end = format.date(from) === format.date(to) ? format.time(to) : format.dateTime(to);
  return m.fromTo({ from: format.dateTime(from), to: end });
}
