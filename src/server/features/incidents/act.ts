import { HinobanError } from "#base/errors";
import { demand } from "#features/identity";
import { actorId, scopeOf, type Actor } from "#http";
import { repeated, type Tx } from "#store";
import type { ActVia } from "#wire/alerting";
import { incidentFacts, lockIncident, noIncident, updateIncidents, type IncidentRow } from "./incident-rows.ts";
import type { IncidentsContext } from "./context.ts";
import type { IncidentFacts } from "./model.ts";
import { demandResponder } from "./people.ts";
import { Work } from "./work.ts";

/** Which incident is acted on, and how it came about. */
export interface ActOn {
  readonly incidentId: string;
  readonly via: ActVia;
  /** Who acts, when an API key or a feature of ours asks on behalf of a person. */
  readonly personId?: string | undefined;
}

/** The longest note and comment, in characters. */
export const mostOfText = 10_000;

/**
 * The ledger's name of who acts. Who proved to a feature of ours who they are (a link in their mail, a button in their chat, a key on
 * their phone) acts as that person; an API key stays an API key.
 */
export const actsAs = (actor: Actor, personId: string | undefined): string =>
  actor.kind === "system" && personId !== undefined ? `person:${personId}` : actorId(actor);

/** Whom an act is about: the person who acts, or the one that a key or a feature of ours names. @throws "invalid-input" */
export async function concerned(tx: Tx, actor: Actor, personId: string | undefined, field = "person"): Promise<string> {
  const id = personId ?? (actor.kind === "person" ? actor.personId : undefined);
  if (id === undefined) throw new HinobanError("invalid-input", `${field}: say who it is; an API key is nobody.`, { field });
  if (actor.kind === "person" && id === actor.personId) return id; // their right to act was asked for already
  await demandResponder(tx, id, field);
  return id;
}

/**
 * Runs an act on one incident in a transaction of its own: asks for the permission, locks the row, writes what `change` returns, and
 * records, tells and announces what it collected. `change` returns the row it was given when there is nothing to do.
 * @throws "forbidden", "not-found", and what `change` throws
 */
export function actOn(
  incidents: IncidentsContext,
  actor: Actor,
  { incidentId, via, personId }: ActOn,
  change: (work: Work, row: IncidentRow) => Promise<IncidentRow> | IncidentRow,
): Promise<IncidentFacts> {
  return repeated(incidents.db).tx(scopeOf(actor), async (tx) => {
    const at = incidents.clock.now();
    demand(actor, "incident.act", `incident:${incidentId}`, at);
    const row = await lockIncident(tx, incidentId);
    if (personId !== undefined) await concerned(tx, actor, personId);
    const work = new Work({ tx, at, by: actsAs(actor, personId), via });
    const now = await change(work, row);
    if (now !== row) await updateIncidents(tx, [now]);
    await work.finish(incidents.listeners);
    return factsNow(tx, incidentId);
  });
}

/** @throws "not-found" */
export async function factsNow(tx: Tx, id: string): Promise<IncidentFacts> {
  const facts = (await incidentFacts(tx, [id])).get(id);
  if (!facts) throw noIncident(id);
  return facts;
}

/** @throws "conflict" for an incident that is over */
export function demandUnresolved(row: IncidentRow): void {
  if (row.state !== "resolved") return;
  throw new HinobanError("conflict", "This incident is resolved. Reopen it first.", {
    id: row.id,
    resolvedAt: row.resolved_at,
    resolvedBy: row.resolved_by,
    mergedInto: row.merged_into,
  });
}

/** The `texts` of a ledger entry for a note. */
export const noteText = (note: string | undefined): { readonly note?: string } => (note === undefined || note === "" ? {} : { note });
