import { sql } from "kysely";
import type { Tx } from "#store";
import type { IncidentState, Severity } from "#wire/alerting";

/** An incident as a message or a page about it tells of it. */
export interface SeenIncident {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly severity: Severity;
  readonly state: IncidentState;
  readonly openedAt: number;
  readonly responderId: string | undefined;
  readonly responderName: string | undefined;
  readonly takenAt: number | undefined;
}

const seen = (tx: Tx) =>
  tx
    .selectFrom("incidents_incident as i")
    .leftJoin("identity_person as p", "p.id", "i.responder_id")
    .select(["i.id", "i.number", "i.title", "i.severity", "i.state", "i.opened_at", "i.responder_id", "i.taken_at", "p.name"]);

type Row = Awaited<ReturnType<ReturnType<typeof seen>["executeTakeFirstOrThrow"]>>;

const toSeen = (row: Row): SeenIncident => ({
  id: row.id,
  number: row.number,
  title: row.title,
  severity: row.severity,
  state: row.state,
  openedAt: row.opened_at,
  responderId: row.responder_id ?? undefined,
  responderName: row.name ?? undefined,
  takenAt: row.taken_at ?? undefined,
});

/** By primary key, or by its number within the transaction's organisation. */
export async function seeIncident(tx: Tx, by: { readonly id: string } | { readonly number: number }): Promise<SeenIncident | undefined> {
  const query =
    "id" in by
      ? seen(tx).where("i.id", "=", by.id)
      : seen(tx)
          .where("i.organisation_id", "=", sql<string>`hinoban_organisation()`)
          .where("i.number", "=", by.number);
  const row = await query.executeTakeFirst();
  return row && toSeen(row);
}

/** Those that are not over, those that nobody has first, then the newest. Index incidents_incident_live. */
export async function liveIncidents(tx: Tx, most: number): Promise<{ incidents: SeenIncident[]; total: number }> {
  const live = seen(tx)
    .where("i.organisation_id", "=", sql<string>`hinoban_organisation()`)
    .where("i.state", "<>", "resolved");
  const rows = await live
    .select(sql<number>`count(*) over ()`.as("total"))
    .orderBy("i.state")
    .orderBy("i.number", "desc")
    .limit(most)
    .execute();
  return { incidents: rows.map(toSeen), total: rows[0]?.total ?? 0 };
}
