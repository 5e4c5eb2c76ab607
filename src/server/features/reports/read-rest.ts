import { sql } from "kysely";
import { days } from "#base/duration";
import type { Tx } from "#store";
import { countedNouns } from "./counted-nouns.ts";
import { grouped } from "./figures/grouped.ts";
import type { Cause, Change, ChannelFigures, MediumFigures, Range } from "./model.ts";

/** Messages are forgotten after half a year. */
export const messagesKeptFor = days(180);
const mostCauses = 20;

export interface Person {
  readonly name: string;
  readonly timeZone: string;
}

/** Everybody who belongs or belonged to the organisation, by id. */
export async function readPeople(tx: Tx): Promise<Map<string, Person>> {
  const { rows } = await sql<{ id: string; name: string; zone: string }>`select p.id, p.name, p.time_zone as zone
    from identity_person p join identity_membership m on m.person_id = p.id where m.organisation_id = hinoban_organisation()`.execute(tx);
  return new Map(rows.map(({ id, name, zone }) => [id, { name, timeZone: zone }]));
}

/** Names of all services, also of deleted ones, by id. */
export async function readServiceNames(tx: Tx): Promise<Map<string, string>> {
  const { rows } = await sql<{ id: string; name: string }>`select id, name from inventory_service`.execute(tx);
  return new Map(rows.map(({ id, name }) => [id, name]));
}

interface CauseRow {
  readonly kind: Cause["kind"];
  readonly id: string;
  readonly name: string;
  readonly alerts: number;
  readonly incidents: number;
  readonly open_for: number;
  readonly median: number;
}

const causeOf = ({ open_for: openFor, median, ...row }: CauseRow): Cause => ({
  ...row,
  openFor,
  median: Math.round(median),
});

/** How often an alert was opened within the range, whoever was told of it. Muted ones do not count. */
export async function countAlerts(tx: Tx, { from, to }: Range): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from incidents_alert
    where organisation_id = hinoban_organisation() and opened_at >= ${from} and opened_at < ${to} and not is_muted`.execute(tx);
  return rows[0]?.count ?? 0;
}

/** What opened most alerts: rules, checks, sources; and hosts. Lengths reach to `seenAt` for what is still open. */
export async function readCauses(tx: Tx, { from, to }: Range, seenAt: number): Promise<{ causes: Cause[]; hosts: Cause[] }> {
  const figures = sql`count(*) as alerts, count(distinct m.incident_id) as incidents, sum(coalesce(a.closed_at, ${seenAt}) - a.opened_at)::float8 as open_for,
    percentile_cont(0.5) within group (order by coalesce(a.closed_at, ${seenAt}) - a.opened_at) as median`;
  const opened = sql`incidents_alert a left join incidents_membership m on m.alert_id = a.id and m.left_at is null
    where a.organisation_id = hinoban_organisation() and a.opened_at >= ${from} and a.opened_at < ${to} and not a.is_muted`;
  const rules =
    await sql<CauseRow>`select f.kind, f.id, coalesce(s.name, f.name) as name, f.alerts, f.incidents, f.open_for, f.median from (
      select a.origin_kind as kind, a.origin_id as id, max(a.name) as name, ${figures} from ${opened} group by 1, 2 order by alerts desc, open_for desc, 2 limit ${mostCauses}) f
    left join sources_source s on f.kind = 'source' and s.id = f.id order by f.alerts desc, f.open_for desc, coalesce(s.name, f.name) collate "C", f.id`.execute(
      tx,
    );
  const hosts =
    await sql<CauseRow>`select 'host' as kind, f.id, coalesce(nullif(h.display_name, ''), h.name, f.id) as name, f.alerts, f.incidents, f.open_for, f.median from (
      select a.host_id as id, ${figures} from ${opened} and a.host_id is not null group by 1 order by alerts desc, open_for desc, 1 limit ${mostCauses}) f
    left join inventory_host h on h.id = f.id order by f.alerts desc, f.open_for desc, coalesce(nullif(h.display_name, ''), h.name, f.id) collate "C", f.id`.execute(
      tx,
    );
  return { causes: rules.rows.map(causeOf), hosts: hosts.rows.map(causeOf) };
}

interface MessageRow {
  readonly channel_id: string | null;
  readonly medium: MediumFigures["medium"] | null;
  readonly state: string;
  readonly count: number;
}

/** Messages that left or should have: to persons by medium, to channels. Tests and edits of posts do not count. */
export async function readMessages(tx: Tx, { from, to }: Range): Promise<{ media: MediumFigures[]; channels: ChannelFigures[] }> {
  const { rows } = await sql<MessageRow>`select channel_id, medium, state, count(*) as count from notify_delivery
    where organisation_id = hinoban_organisation() and kind = 'post' and created_at >= ${from} and created_at < ${to} group by 1, 2, 3`.execute(
    tx,
  );
  const known = await sql<{ id: string; name: string; suspended: boolean }>`select id, name, suspended_at is not null as suspended
    from notify_channel order by name collate "C", id`.execute(tx);
  const ofChannel = grouped(rows, (row) => row.channel_id);
  const channels = known.rows.flatMap(({ id, name, suspended }) => {
    const { sent, failed } = countsOf(ofChannel.get(id) ?? []);
    return sent + failed > 0 || suspended ? [{ id, name, sent, failed, isSuspended: suspended }] : [];
  });
  const media = [...grouped(rows, (row) => (row.channel_id === null ? (row.medium ?? "mail") : "channel"))];
  return { media: media.map(([medium, of]) => ({ medium, ...countsOf(of) })).toSorted((a, b) => (a.medium < b.medium ? -1 : 1)), channels };
}

function countsOf(rows: readonly MessageRow[]): Omit<MediumFigures, "medium"> {
  const of = (...states: readonly string[]): number =>
    rows.reduce((sum, { state, count }) => (states.includes(state) ? sum + count : sum), 0);
  return {
    sent: of("sent"),
    failed: of("failed", "unknown"),
    cancelled: of("cancelled"),
    waiting: of("pending", "held", "claimed", "retrying", "calling"),
  };
}

/** What people and keys changed, by the record: what was deployed and set up differently. */
export async function readChanges(tx: Tx, { from, to }: Range): Promise<Change[]> {
  const { rows } = await sql<{ verb: string; count: number }>`select verb, count(*) as count from ledger_entry
    where organisation_id = hinoban_organisation() and wall >= ${from} and wall < ${to} and outcome = 'done'
      and (actor like 'person:%' or actor like 'key:%') and split_part(verb, '.', 1) = any (${[...countedNouns]})
    group by verb order by count desc, verb`.execute(tx);
  return [...grouped(rows, ({ verb }) => verb.split(".", 1)[0] ?? "")]
    .map(([noun, verbs]) => ({ noun, verbs, count: verbs.reduce((sum, { count }) => sum + count, 0) }))
    .toSorted((a, b) => b.count - a.count || (a.noun < b.noun ? -1 : 1));
}
