import { fieldsOf, optional, Problems, type Fields } from "#base/fields";
import { downtimeLimits as limits, recurrenceTypes, weekdayNames, type NewDowntime, type Recurrence } from "#wire/downtimes";

/** Times in unix seconds fit into 32 bits; a repetition beyond that would not be drawn either. */
const mostSeconds = 4_294_967_295;

/** The kinds of scopes that Mackerel knows too. */
export const mackerelScopes = [
  "serviceScopes",
  "serviceExcludeScopes",
  "roleScopes",
  "roleExcludeScopes",
  "monitorScopes",
  "monitorExcludeScopes",
] as const;
export const scopeKeys = [...mackerelScopes, "hostScopes"] as const;
export type ScopeKey = (typeof scopeKeys)[number];

/** What a downtime covers, spelled as whoever wrote it did; a kind that was not given is absent. */
export type Scopes = { readonly [K in ScopeKey]?: readonly string[] };

export interface DowntimeInput extends Scopes {
  readonly name: string;
  readonly memo?: string;
  readonly start: number;
  readonly duration: number;
  readonly recurrence?: Recurrence;
}

/**
 * A downtime out of a JSON value of anybody's. What Mackerel's clients leave out stays out; null counts as left out.
 * @param keys the kinds of scopes to read: a key that this interface does not know is ignored, as Mackerel ignores it
 * @throws HinobanError "bad-request" for what is no object, "invalid-input" with every wrong field
 */
export function downtimeOf(body: unknown, keys: readonly ScopeKey[] = scopeKeys): DowntimeInput {
  const problems = new Problems();
  const fields = fieldsOf(body, problems);
  const name = fields.needed("name", { least: 1, most: limits.name });
  const memo = fields.text("memo", { most: limits.memo });
  const start = fields.neededInteger("start", 0, mostSeconds);
  const duration = fields.neededInteger("duration", 1, limits.minutes);
  const recurrence = recurrenceOf(fields);
  const scopes = scopesOf(fields, keys);
  problems.throwIfAny();
  return { name, ...optional("memo", memo), start, duration, ...optional("recurrence", recurrence), ...scopes };
}

/** When a downtime would hold. @throws "bad-request", "invalid-input" */
export function timesOf(body: unknown): Pick<NewDowntime, "start" | "duration" | "recurrence"> {
  const problems = new Problems();
  const fields = fieldsOf(body, problems);
  const start = fields.neededInteger("start", 0, mostSeconds);
  const duration = fields.neededInteger("duration", 1, limits.minutes);
  const recurrence = recurrenceOf(fields);
  problems.throwIfAny();
  return { start, duration, ...optional("recurrence", recurrence) };
}

/** The scopes of a body, in the order of the keys. */
export function scopesOf(fields: Fields, keys: readonly ScopeKey[]): Scopes {
  const found = keys.map((key) => [key, fields.texts(key, limits.scopes, { least: 1, most: 140 })] as const);
  return Object.fromEntries(found.filter(([, list]) => list !== undefined));
}

/** An interval that is left out, or is zero as Go's clients leave it, is one. */
function recurrenceOf(body: Fields): Recurrence | undefined {
  const fields = body.object("recurrence");
  if (!fields) return undefined;
  const type = fields.choice("type", recurrenceTypes) ?? "daily";
  const interval = fields.neededInteger("interval", 1, limits.interval);
  const until = fields.integer("until", 0, mostSeconds);
  const given = fields.texts("weekdays", 7, { most: 9 });
  const weekdays = given?.flatMap((text) => weekdayNames.find((name) => name === text) ?? []);
  if (given && weekdays && weekdays.length < given.length)
    fields.problem("weekdays", `must be names of days as in ${weekdayNames[0]}, ${weekdayNames[1]}`);
  if (weekdays && weekdays.length > 0 && type !== "weekly") fields.problem("weekdays", "may only be given with the type weekly");
  return { type, interval, ...optional("weekdays", weekdays), ...optional("until", until) };
}
