import { toSeconds, unixMs, type UnixMs } from "#base/duration";
import { weekdayNames, type Downtime, type NewDowntime, type Recurrence, type RecurrenceType } from "#wire/downtimes";
import type { Format } from "#kit/format";

export const units = ["minutes", "hours", "days"] as const;
export type Unit = (typeof units)[number];

const minutesIn: Readonly<Record<Unit, number>> = { minutes: 1, hours: 60, days: 1440 };

/** The fields of the form. Times are texts of datetime-local inputs. */
export interface DowntimeValues {
  readonly name: string;
  readonly memo: string;
  readonly start: string;
  readonly length: number | string;
  readonly unit: Unit;
  readonly repeat: RecurrenceType | "once";
  readonly interval: number | string;
  readonly weekdays: readonly number[];
  readonly until: string;
  readonly serviceScopes: readonly string[];
  readonly roleScopes: readonly string[];
  readonly monitorScopes: readonly string[];
  readonly hostScopes: readonly string[];
  readonly serviceExcludeScopes: readonly string[];
  readonly roleExcludeScopes: readonly string[];
  readonly monitorExcludeScopes: readonly string[];
}

export const scopeFields = [
  "serviceScopes",
  "roleScopes",
  "monitorScopes",
  "hostScopes",
  "serviceExcludeScopes",
  "roleExcludeScopes",
  "monitorExcludeScopes",
] as const;
export type ScopeField = (typeof scopeFields)[number];

const lengthOf = (minutes: number): { length: number; unit: Unit } => {
  const unit = minutes % 1440 === 0 ? "days" : minutes % 60 === 0 ? "hours" : "minutes";
  return { length: minutes / minutesIn[unit], unit };
};

const noScopes: Pick<DowntimeValues, ScopeField> = {
  serviceScopes: [],
  roleScopes: [],
  monitorScopes: [],
  hostScopes: [],
  serviceExcludeScopes: [],
  roleExcludeScopes: [],
  monitorExcludeScopes: [],
};

const scopesOf = (of: Partial<Pick<DowntimeValues, ScopeField>>): Pick<DowntimeValues, ScopeField> => ({
  ...noScopes,
  ...Object.fromEntries(scopeFields.flatMap((key) => (of[key] === undefined ? [] : [[key, of[key]]]))),
});

/** The values of a downtime; of a new one, an hour that begins now. */
export function valuesOf(downtime: Partial<Downtime> = {}, now: UnixMs, format: Format): DowntimeValues {
  const { name = "", memo = "", start, duration = 60, recurrence } = downtime;
  const { type = "once", interval = 1, weekdays = [], until } = recurrence ?? {};
  return {
    name,
    memo,
    start: format.localInput(start === undefined ? now : unixMs(start * 1000)),
    ...lengthOf(duration),
    repeat: type,
    interval,
    weekdays: weekdays.map((day) => weekdayNames.indexOf(day)),
    until: until === undefined ? "" : format.localInput(unixMs(until * 1000)),
    ...scopesOf(downtime),
  };
}

export type Times = Pick<NewDowntime, "start" | "duration" | "recurrence">;

/** When it would hold; undefined while something about that is missing or wrong. @param before its seconds are kept when the minute is the same */
export function timesOf(values: DowntimeValues, format: Format, before?: number): Times | undefined {
  const start = format.parseLocalInput(values.start);
  const duration = Number(values.length) * minutesIn[values.unit];
  if (start === undefined || !Number.isInteger(duration) || duration < 1) return undefined;
  const isUnmoved = before !== undefined && values.start === format.localInput(unixMs(before * 1000));
  const times = { start: isUnmoved ? before : toSeconds(start), duration };
  if (values.repeat === "once") return times;
  const recurrence = recurrenceOf(values, values.repeat, format);
  return recurrence && { ...times, recurrence };
}

function recurrenceOf({ interval, weekdays, until }: DowntimeValues, type: RecurrenceType, format: Format): Recurrence | undefined {
  const every = Number(interval);
  const end = until === "" ? undefined : format.parseLocalInput(until);
  if (!Number.isInteger(every) || every < 1 || (until !== "" && end === undefined)) return undefined;
  const days = type === "weekly" ? weekdays.flatMap((day) => weekdayNames[day] ?? []) : [];
  return {
    type,
    interval: every,
    ...(days.length === 0 ? {} : { weekdays: days }),
    ...(end === undefined ? {} : { until: toSeconds(end) }),
  };
}

/** What is sent; undefined while the times are wrong. Lists that are empty are left out. */
export function downtimeOf(values: DowntimeValues, format: Format, before?: number): NewDowntime | undefined {
  const times = timesOf(values, format, before);
  if (!times) return undefined;
  const scopes = Object.fromEntries(scopeFields.flatMap((key) => (values[key].length === 0 ? [] : [[key, [...values[key]]]])));
  return { name: values.name.trim(), ...(values.memo === "" ? {} : { memo: values.memo }), ...times, ...scopes };
}
