import { fromSeconds, unixMs, unixSeconds } from "#base/duration";
import { wallClock, type WallClock } from "#base/wall-time";
import { findOrganisation } from "#features/identity";
import { existingRoles, parseRoleName, roleText, servicesNamed } from "#features/inventory";
import type { Tx } from "#store";
import { weekdayNames, type Recurrence } from "#wire/downtimes";
import type { Repeat, Rule, Scope } from "./model.ts";
import type { Scopes } from "./parse.ts";
import { recurrenceIn, scopesIn, type DowntimeRow } from "./rows.ts";

/** A downtime in the form in which it is asked: names resolved, times worked out. */
export interface Compiled {
  readonly id: string;
  readonly name: string;
  readonly rule: Rule;
  readonly scope: Scope;
}

/** All downtimes of an organisation, and the clock by which their days are meant. */
export interface CompiledAll {
  readonly clock: WallClock;
  readonly downtimes: readonly Compiled[];
}

const repeatOf = ({ type, interval, weekdays, until }: Recurrence): Repeat => ({
  type,
  interval,
  weekdays: (weekdays ?? []).map((name) => weekdayNames.indexOf(name)),
  untilAt: until === undefined ? undefined : fromSeconds(unixSeconds(until)),
});

/** When a downtime holds. Start in unix seconds, duration in minutes. */
export function ruleOf(
  times: { readonly start: number; readonly duration: number; readonly recurrence?: Recurrence | undefined },
  cutAt?: number | null,
): Rule {
  return {
    startAt: fromSeconds(unixSeconds(times.start)),
    durationMinutes: times.duration,
    repeat: times.recurrence && repeatOf(times.recurrence),
    cutAt: cutAt === undefined || cutAt === null ? undefined : unixMs(cutAt),
  };
}

export const ruleOfRow = (row: DowntimeRow): Rule =>
  ruleOf({ start: row.start_at / 1000, duration: row.duration_minutes, recurrence: recurrenceIn(row) }, row.cut_at);

/** The clock by which the days of the transaction's organisation are meant. */
export async function organisationClock(tx: Tx): Promise<WallClock> {
  const zone = (await findOrganisation(tx))?.timeZone ?? "UTC";
  try {
    return wallClock(zone);
  } catch {
    return wallClock("UTC"); // a zone that this machine's data lost
  }
}

/** All downtimes of the transaction's organisation. */
export async function compileAll(tx: Tx): Promise<CompiledAll> {
  const rows = await tx.selectFrom("downtimes_downtime").selectAll().orderBy("created_at").orderBy("id").execute();
  const known = await knownNames(
    tx,
    rows.map((row) => scopesIn(row)),
  );
  const downtimes = rows.map((row) => ({ id: row.id, name: row.name, rule: ruleOfRow(row), scope: scopeOfNames(scopesIn(row), known) }));
  return { clock: await organisationClock(tx), downtimes };
}

/** Ids of services and of roles by their names; roles as `service:role`. */
export interface KnownNames {
  readonly services: ReadonlyMap<string, string>;
  readonly roles: ReadonlyMap<string, string>;
}

const rolesIn = (texts: readonly string[]): string[] =>
  texts.flatMap((text) => {
    const name = parseRoleName(text);
    return name ? [roleText(name)] : [];
  });

/** The ids behind all names in the scopes; what was deleted since is absent. */
export async function knownNames(tx: Tx, scopes: readonly Scopes[]): Promise<KnownNames> {
  const services = scopes.flatMap((of) => [...(of.serviceScopes ?? []), ...(of.serviceExcludeScopes ?? [])]);
  const roles = scopes
    .flatMap((of) => [...(of.roleScopes ?? []), ...(of.roleExcludeScopes ?? [])])
    .flatMap((text) => parseRoleName(text) ?? []);
  const found = await existingRoles(tx, roles);
  return { services: await servicesNamed(tx, services), roles: new Map(found.map((role) => [roleText(role), role.id])) };
}

const idsOf = (names: readonly string[], known: ReadonlyMap<string, string>): Set<string> =>
  new Set(names.flatMap((name) => known.get(name) ?? []));

/** An empty list limits nothing, as an absent one; a name that is known no more matches nothing. */
export function scopeOfNames(of: Scopes, known: KnownNames): Scope {
  const given = <T>(list: readonly string[] | undefined, read: (list: readonly string[]) => T): T | undefined =>
    list === undefined || list.length === 0 ? undefined : read(list);
  return {
    services: given(of.serviceScopes, (list) => idsOf(list, known.services)),
    roles: given(of.roleScopes, (list) => idsOf(rolesIn(list), known.roles)),
    monitors: given(of.monitorScopes, (list) => new Set(list)),
    hosts: given(of.hostScopes, (list) => new Set(list)),
    notServices: idsOf(of.serviceExcludeScopes ?? [], known.services),
    notRoles: idsOf(rolesIn(of.roleExcludeScopes ?? []), known.roles),
    notMonitors: new Set(of.monitorExcludeScopes ?? []),
  };
}
