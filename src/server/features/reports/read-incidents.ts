import { sql } from "kysely";
import { optional } from "#base/fields";
import type { Tx } from "#store";
import type { ActVia, IncidentState, Severity } from "#wire/alerting";
import { grouped } from "./figures/grouped.ts";
import type { Held, IncidentFact } from "./figures/incident-tally.ts";
import type { Named, Range } from "./model.ts";

/** Incidents that are in memory at a time. */
const batch = 1000;

interface IncidentRow {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly severity: Severity;
  readonly state: IncidentState;
  readonly opened_at: number;
  readonly resolved_at: number | null;
  readonly service_ids: readonly string[];
}

interface ChangeRow {
  readonly incident_id: string;
  readonly to_id: string | null;
  readonly via: ActVia;
  readonly at: number;
}

interface ToldRow {
  readonly incident_id: string;
  readonly policy_id: string | null;
  readonly policy_name: string;
  readonly ladder: number;
  readonly step: number;
  readonly person_id: string;
  readonly told_at: number;
}

interface Context {
  /** Names of services, also of deleted ones. */
  readonly services: ReadonlyMap<string, string>;
  readonly people: ReadonlyMap<string, { readonly name: string }>;
  /** Whoever has an incident that is still open has it until then. */
  readonly seenAt: number;
}

/** All incidents that were opened within the range, but those that others took over; a batch at a time, by number. */
export async function* incidentFacts(tx: Tx, range: Range, context: Context): AsyncGenerator<IncidentFact[]> {
  for (let after = 0; ;) {
    const { rows } = await sql<IncidentRow>`select id, number, title, severity, state, opened_at, resolved_at, service_ids
      from incidents_incident
      where organisation_id = hinoban_organisation() and number > ${after} and merged_into is null
        and opened_at >= ${range.from} and opened_at < ${range.to}
      order by number limit ${batch}`.execute(tx);
    if (rows.length > 0) yield await withDetails(tx, rows, context);
    const last = rows.at(-1);
    if (!last || rows.length < batch) return;
    after = last.number;
  }
}

async function withDetails(tx: Tx, rows: readonly IncidentRow[], context: Context): Promise<IncidentFact[]> {
  const ids = rows.map(({ id }) => id);
  const changes = grouped(await changesOf(tx, ids), (row) => row.incident_id);
  const told = grouped(await toldOf(tx, ids), (row) => row.incident_id);
  const services = grouped(await servicesOf(tx, ids), (row) => row.incident_id);
  const declined = grouped(await declinedOf(tx, ids), (row) => row.incident_id);
  return rows.map((row) => {
    const serviceIds = new Set([...row.service_ids, ...(services.get(row.id) ?? []).map(({ service_id: id }) => id)]);
    const named = [...serviceIds].flatMap((id): Named[] => {
      const name = context.services.get(id);
      return name === undefined ? [] : [{ id, name }];
    });
    return factOf(row, named, context, {
      changes: changes.get(row.id) ?? [],
      told: told.get(row.id) ?? [],
      declinedBy: (declined.get(row.id) ?? []).map(({ person_id: id }) => id),
    });
  });
}

interface Details {
  readonly changes: readonly ChangeRow[];
  readonly told: readonly ToldRow[];
  readonly declinedBy: readonly string[];
}

function factOf(
  row: IncidentRow,
  services: readonly Named[],
  { people, seenAt }: Context,
  { changes, told, declinedBy }: Details,
): IncidentFact {
  const resolvedAt = row.state === "resolved" ? (row.resolved_at ?? undefined) : undefined;
  const first = changes.find((change) => change.to_id !== null);
  const takerId = first?.to_id ?? undefined;
  const before = told.filter(({ told_at: at }) => first === undefined || at <= first.at);
  return {
    line: {
      id: row.id,
      number: row.number,
      title: row.title,
      severity: row.severity,
      openedAt: row.opened_at,
      services: services.map(({ name }) => name).toSorted(),
      ...optional("resolvedAt", resolvedAt),
      ...optional("takenAt", first?.at),
      ...optional("takenBy", takerId === undefined ? undefined : people.get(takerId)?.name),
      ...optional("takenVia", first?.via),
    },
    takerId,
    services,
    held: heldBy(changes, resolvedAt ?? seenAt),
    declinedBy,
    told: [...new Set(before.map(({ person_id: id }) => id))],
    steps: stepsOf(before),
  };
}

const heldBy = (changes: readonly ChangeRow[], end: number): Held[] =>
  changes.flatMap(({ to_id: personId, at }, index) =>
    personId === null ? [] : [{ personId, at, until: Math.min(changes[index + 1]?.at ?? end, end) }],
  );

/** Steps of the policy with which the incident began: those that follow have names of their own, which the run does not keep. */
function stepsOf(told: readonly ToldRow[]): IncidentFact["steps"] {
  const first = told.filter(({ ladder, policy_id: id }) => ladder === 0 && id !== null);
  return [...grouped(first, ({ policy_id: id, step }) => `${id ?? ""} ${step}`).values()].flatMap((rows) => {
    const [row] = rows;
    if (!row) return [];
    return [{ policyId: row.policy_id ?? "", policyName: row.policy_name, step: row.step, personIds: rows.map(({ person_id: id }) => id) }];
  });
}

async function changesOf(tx: Tx, ids: readonly string[]): Promise<readonly ChangeRow[]> {
  const { rows } = await sql<ChangeRow>`select incident_id, to_id, via, at from incidents_responder_change
    where incident_id = any (${ids}) order by incident_id, n`.execute(tx);
  return rows;
}

async function declinedOf(
  tx: Tx,
  ids: readonly string[],
): Promise<readonly { readonly incident_id: string; readonly person_id: string }[]> {
  const { rows } = await sql<{ incident_id: string; person_id: string }>`select incident_id, person_id from incidents_timeline
    where incident_id = any (${ids}) and kind = 'declined' and person_id is not null`.execute(tx);
  return rows;
}

async function toldOf(tx: Tx, ids: readonly string[]): Promise<readonly ToldRow[]> {
  const { rows } =
    await sql<ToldRow>`select a.incident_id, r.policy_id, r.policy_name, a.ladder, a.step, a.person_id, min(a.created_at) as told_at
    from escalation_attempt a join escalation_run r on r.id = a.run_id
    where a.organisation_id = hinoban_organisation() and a.incident_id = any (${ids}) and a.person_id is not null and a.state <> 'skipped'
    group by 1, 2, 3, 4, 5, 6 order by told_at, min(a.pos)`.execute(tx);
  return rows;
}

/** Services of its alerts: those that the alert names, and those of the roles that its host had when it was opened. */
async function servicesOf(
  tx: Tx,
  ids: readonly string[],
): Promise<readonly { readonly incident_id: string; readonly service_id: string }[]> {
  const { rows } = await sql<{ incident_id: string; service_id: string }>`with present as (
      select distinct m.incident_id, a.service_id, a.host_id, a.opened_at from incidents_membership m join incidents_alert a on a.id = m.alert_id
      where m.left_at is null and m.incident_id = any (${ids}))
    select incident_id, service_id from present where service_id is not null
    union
    select p.incident_id, r.service_id from present p
      join inventory_membership h on h.host_id = p.host_id and h.from_at <= p.opened_at and (h.to_at is null or h.to_at > p.opened_at)
      join inventory_role r on r.id = h.role_id`.execute(tx);
  return rows;
}
