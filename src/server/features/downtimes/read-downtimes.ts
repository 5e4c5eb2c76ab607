import { optional } from "#base/fields";
import { addTime, days, unixMs, type UnixMs } from "#base/duration";
import { namesOf as inventoryNames, parseRoleName, placesOfHosts } from "#features/inventory";
import type { Tx } from "#store";
import type { WallClock } from "#base/wall-time";
import type { Downtime, DowntimeState } from "#wire/downtimes";
import { knownNames, organisationClock, ruleOfRow, scopeOfNames } from "./compiled.ts";
import type { Downtimes } from "./downtimes.ts";
import { holdsAt, isInScope, startAfter, windowsIn, type Rule, type Window } from "./model.ts";
import { inputOf, noDowntime, scopesIn, type DowntimeRow } from "./rows.ts";

export interface DowntimeQuery {
  readonly text?: string;
  readonly state?: DowntimeState;
  readonly host?: string;
  readonly service?: string;
  readonly offset: number;
  readonly limit: number;
}

interface Placed {
  readonly row: DowntimeRow;
  readonly state: DowntimeState;
  readonly window: Window | undefined;
}

/** One page: what holds now first, by its end; then what comes, by its beginning; then what is over, the newest first. */
export async function pageOfDowntimes(
  downtimes: Downtimes,
  tx: Tx,
  at: UnixMs,
  query: DowntimeQuery,
): Promise<{ downtimes: Downtime[]; total: number }> {
  const clock = await organisationClock(tx);
  const rows = await matching(tx, await tx.selectFrom("downtimes_downtime").selectAll().execute(), query);
  const placed = rows.map((row) => placedAt(row, clock, at)).filter(({ state }) => query.state === undefined || state === query.state);
  const page = placed.toSorted(inOrder).slice(query.offset, query.offset + query.limit);
  return { downtimes: await present(downtimes, tx, page), total: placed.length };
}

/** @throws "not-found" */
export async function readDowntime(downtimes: Downtimes, tx: Tx, at: UnixMs, id: string): Promise<Downtime> {
  const row = await tx.selectFrom("downtimes_downtime").selectAll().where("id", "=", id).executeTakeFirst();
  const [found] = row ? await present(downtimes, tx, [placedAt(row, await organisationClock(tx), at)]) : [];
  if (!found) throw noDowntime(id);
  return found;
}

/** All that Mackerel's interface sees, oldest first, as they were written. */
export async function mackerelDowntimes(tx: Tx): Promise<DowntimeRow[]> {
  return tx.selectFrom("downtimes_downtime").selectAll().where("names_hosts", "=", false).orderBy("created_at").orderBy("id").execute();
}

/** Further ahead nobody looks at a preview; and a yearly downtime on a leap day still shows some. */
const previewed = days(30 * 366);
const mostPreviewed = 10;

/** The next stretches of a rule. */
export function previewOf(rule: Rule, clock: WallClock, at: UnixMs): Window[] {
  return windowsIn(rule, clock, { from: at, to: addTime(unixMs(Math.max(at, rule.startAt)), previewed) }, mostPreviewed);
}

function placedAt(row: DowntimeRow, clock: WallClock, at: UnixMs): Placed {
  const rule = ruleOfRow(row);
  if (!holdsAt(rule, clock, at) && startAfter(rule, clock, at) === undefined) return { row, state: "over", window: undefined };
  const [window] = windowsIn(rule, clock, { from: at, to: addTime(unixMs(Math.max(at, rule.startAt)), previewed) }, 1);
  return { row, state: window && window.from <= at ? "active" : "planned", window };
}

const ranks: Readonly<Record<DowntimeState, number>> = { active: 0, planned: 1, over: 2 };

/** What orders downtimes of the same state: the smaller comes first. */
const placeOf = ({ row, state, window }: Placed): number => {
  if (state === "over") return -row.start_at;
  return (state === "active" ? window?.to : window?.from) ?? 0;
};

const inOrder = (a: Placed, b: Placed): number =>
  ranks[a.state] - ranks[b.state] || placeOf(a) - placeOf(b) || (a.row.name < b.row.name ? -1 : 1);

async function matching(tx: Tx, rows: readonly DowntimeRow[], { text, host, service }: DowntimeQuery): Promise<readonly DowntimeRow[]> {
  const words = (text ?? "").normalize("NFKC").toLowerCase().split(/\s+/u).filter(Boolean);
  const found = rows.filter((row) => {
    const all = `${row.name}\n${row.memo ?? ""}\n${row.scopes}`.normalize("NFKC").toLowerCase();
    return words.every((word) => all.includes(word)) && (service === undefined || namesService(row, service));
  });
  return host === undefined ? found : coveringHost(tx, found, host);
}

function namesService(row: DowntimeRow, service: string): boolean {
  const { serviceScopes = [], roleScopes = [] } = scopesIn(row);
  return serviceScopes.includes(service) || roleScopes.some((text) => parseRoleName(text)?.service === service);
}

async function coveringHost(tx: Tx, rows: readonly DowntimeRow[], hostId: string): Promise<DowntimeRow[]> {
  const host = (await placesOfHosts(tx, [hostId])).get(hostId);
  if (!host) return [];
  const scopes = rows.map((row) => ({ ...scopesIn(row), monitorScopes: [], monitorExcludeScopes: [] }));
  const known = await knownNames(tx, scopes);
  const thing = { hostId, serviceIds: host.serviceIds, roleIds: host.roleIds };
  return rows.filter((_, index) => isInScope(scopeOfNames(scopes[index] ?? {}, known), thing));
}

async function present(downtimes: Downtimes, tx: Tx, page: readonly Placed[]): Promise<Downtime[]> {
  const scopes = page.map(({ row }) => scopesIn(row));
  const monitorIds = scopes.flatMap((of) => [...(of.monitorScopes ?? []), ...(of.monitorExcludeScopes ?? [])]);
  const hostIds = scopes.flatMap((of) => of.hostScopes ?? []);
  const monitors = await downtimes.monitorNames(tx, [...new Set(monitorIds)]);
  const hosts = await inventoryNames(
    tx,
    [...new Set(hostIds)].map((id) => `host:${id}`),
  );
  return page.map(({ row, state, window }, index) => {
    const { hostScopes = [], monitorScopes = [], monitorExcludeScopes = [] } = scopes[index] ?? {};
    const names: Record<string, string> = {};
    for (const id of [...monitorScopes, ...monitorExcludeScopes]) names[id] = monitors?.get(id) ?? id;
    for (const id of hostScopes) names[id] = hosts[`host:${id}`] ?? id;
    return { id: row.id, ...mutable(inputOf(row)), names, state, ...optional("window", window), createdAt: row.created_at };
  });
}

/** The same object; the wire's types are not readonly. */
const mutable = (input: ReturnType<typeof inputOf>): Omit<Downtime, "id" | "names" | "state" | "window" | "createdAt"> =>
  input as Omit<Downtime, "id" | "names" | "state" | "window" | "createdAt">; // only readonly lists differ
