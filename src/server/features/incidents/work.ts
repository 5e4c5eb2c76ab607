import { sql } from "kysely";
import type { UnixMs } from "#base/duration";
import { recordAll, type Entry } from "#features/ledger";
import { publish, type Tx } from "#store";
import type { ActVia, AlertStatus } from "#wire/alerting";
import { factsOfAlert, type PlacedAlert } from "./alert-rows.ts";
import { incidentFacts } from "./incident-rows.ts";
import type { AlertChange, AlertTrigger, IncidentChange, IncidentEffect } from "./model.ts";

/** Who is told of changes, inside the transaction that makes them. */
export interface IncidentsListener {
  alertsChanged?(tx: Tx, at: UnixMs, changes: readonly AlertChange[]): Promise<void>;
  incidentsChanged?(tx: Tx, at: UnixMs, changes: readonly IncidentChange[]): Promise<void>;
}

/** One line of a timeline. Names and what people wrote go into `text`, the rest is ids, numbers and short codes. */
export interface TimelineLine {
  readonly kind: string;
  readonly personId?: string | undefined;
  readonly text?: string | undefined;
  readonly detail?: Readonly<Record<string, unknown>>;
}

interface People {
  readonly personId?: string | undefined;
  readonly fromPersonId?: string | undefined;
}

interface ToldAlert {
  readonly row: PlacedAlert;
  readonly effect: AlertChange["effect"];
  readonly from: AlertStatus;
  readonly trigger: AlertTrigger;
  readonly by?: string | undefined;
}

/** Above this, screens are told only that incidents changed, not which. */
const mostTopics = 100;

/** What one act or one batch of reports does: collected while the tables are written, then recorded, told and announced together. */
export class Work {
  readonly tx: Tx;
  readonly at: UnixMs;
  /** The ledger's name of who does it. */
  readonly by: string;
  readonly via: ActVia;
  readonly #alerts: ToldAlert[] = [];
  readonly #incidents: { readonly id: string; readonly effect: IncidentEffect; readonly people: People }[] = [];
  readonly #lines: { readonly incidentId: string; readonly line: TimelineLine }[] = [];
  readonly #entries: Entry[] = [];
  readonly #noted = new Set<string>();

  constructor({ tx, at, by, via }: Pick<Work, "tx" | "at" | "by" | "via">) {
    this.tx = tx;
    this.at = at;
    this.by = by;
    this.via = via;
  }

  alertChanged(told: ToldAlert): void {
    this.#alerts.push(told);
  }

  incidentChanged(id: string, effect: IncidentEffect, people: People = {}): void {
    this.#incidents.push({ id, effect, people });
  }

  /** Adds a line to an incident's timeline. */
  note(incidentId: string, line: TimelineLine): void {
    this.#lines.push({ incidentId, line });
    this.#noted.add(incidentId);
  }

  /** Adds an entry to the ledger. */
  record(entry: Omit<Entry, "at" | "actor" | "outcome">): void {
    this.#entries.push({ at: this.at, actor: this.by, outcome: "done", ...entry });
  }

  /** Writes down what was collected, tells the listeners, and announces it to screens. */
  async finish(listeners: readonly IncidentsListener[]): Promise<void> {
    const { tx, at } = this;
    await insertLines(
      tx,
      this.#lines.map(({ incidentId, line }) => ({ incidentId, at, by: this.by, via: this.via, ...line })),
    );
    await recordAll(tx, this.#entries);
    const alerts = this.#alerts.map(({ row, by, ...told }): AlertChange => {
      return { ...told, alert: factsOfAlert(row), wasCritical: row.was_critical, by };
    });
    const incidents = await this.#incidentChanges();
    await insertResponderChanges(tx, at, incidents);
    for (const listener of listeners) {
      if (alerts.length > 0) await listener.alertsChanged?.(tx, at, alerts);
      if (incidents.length > 0) await listener.incidentsChanged?.(tx, at, incidents);
    }
    if (alerts.length > 0) await publish(tx, "alerts");
    await announce(tx, [...new Set([...this.#noted, ...this.#incidents.map((one) => one.id)])]);
  }

  async #incidentChanges(): Promise<IncidentChange[]> {
    const facts = await incidentFacts(this.tx, [...new Set(this.#incidents.map((one) => one.id))]);
    return this.#incidents.flatMap(({ id, effect, people }) => {
      const incident = facts.get(id);
      if (!incident) return [];
      return { incident, effect, by: this.by, via: this.via, personId: people.personId, fromPersonId: people.fromPersonId };
    });
  }
}

/** Writes down each time somebody got or lost an incident. */
async function insertResponderChanges(tx: Tx, at: UnixMs, changes: readonly IncidentChange[]): Promise<void> {
  const rows = changes.flatMap(({ incident, effect, by, via, personId, fromPersonId }) => {
    const to = effect === "taken" || effect === "passed" || effect === "reopened" ? (personId ?? null) : null;
    const from = fromPersonId ?? null;
    return from === to ? [] : { incident_id: incident.id, n: incident.version, from_id: from, to_id: to, by, via, at };
  });
  if (rows.length === 0) return;
  await sql`insert into incidents_responder_change (incident_id, n, from_id, to_id, by, via, at)
    select incident_id, n, from_id, to_id, by, via, at
    from jsonb_populate_recordset(null::incidents_responder_change, ${JSON.stringify(rows)}::jsonb)`.execute(tx);
}

/** Tells screens that these incidents are stale. */
export async function announce(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await publish(tx, "incidents");
  if (ids.length <= mostTopics) for (const id of ids) await publish(tx, `incident:${id}`);
}

export interface WrittenLine extends TimelineLine {
  readonly incidentId: string;
  readonly at: UnixMs;
  readonly by: string;
  readonly via: ActVia;
}

/** Writes lines of timelines in one statement, in their order. */
export async function insertLines(tx: Tx, lines: readonly WrittenLine[]): Promise<void> {
  if (lines.length === 0) return;
  const rows = lines.map((line) => ({
    incident_id: line.incidentId,
    at: line.at,
    kind: line.kind,
    by: line.by,
    via: line.via,
    person_id: line.personId ?? null,
    text: line.text ?? "",
    detail: JSON.stringify(line.detail ?? {}),
  }));
  await sql`insert into incidents_timeline (incident_id, at, kind, by, via, person_id, text, detail)
    select incident_id, at, kind, by, via, person_id, text, detail
    from jsonb_populate_recordset(null::incidents_timeline, ${JSON.stringify(rows)}::jsonb)`.execute(tx);
}
