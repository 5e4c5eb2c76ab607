import { HinobanError } from "#base/errors";
import { demand } from "#features/identity";
import { scopeOf, type Actor } from "#http";
import { actsAs, concerned, factsNow, type ActOn } from "./act.ts";
import { noIncident } from "./incident-rows.ts";
import type { IncidentsContext } from "./context.ts";
import type { IncidentFacts } from "./model.ts";
import { nameOf } from "./people.ts";
import { repeated, type Tx } from "#store";
import { Work } from "./work.ts";

/** A person takes for nobody but themselves: see passIncident. */
export type TakeIncident = ActOn;

/**
 * Somebody takes an incident that nobody has. Of two who try at the same moment one wins: the condition is in the statement. Who has it
 * already and asks again changes nothing.
 * @throws "forbidden", "not-found", "invalid-input" for a person who may not have it,
 *   "conflict" with {responderId, responderName, takenAt} when somebody was faster, with {resolvedAt} when it is over
 */
export function takeIncident(
  incidents: IncidentsContext,
  actor: Actor,
  { incidentId, via, personId }: TakeIncident,
): Promise<IncidentFacts> {
  return repeated(incidents.db).tx(scopeOf(actor), async (tx) => {
    const at = incidents.clock.now();
    const object = `incident:${incidentId}`;
    demand(actor, "incident.act", object, at);
    if (actor.kind === "person" && personId !== undefined && personId !== actor.personId)
      throw new HinobanError("invalid-input", "person: you can take an incident for yourself only; to give it to somebody, pass it on.", {
        field: "person",
      });
    const taker = await concerned(tx, actor, personId);
    const won = await tx
      .updateTable("incidents_incident")
      .set((of) => ({
        state: "taken",
        responder_id: taker,
        taken_at: at,
        taken_via: via,
        snoozed_until: null,
        version: of("version", "+", 1),
      }))
      .where("id", "=", incidentId)
      .where("state", "=", "open")
      .returning("id")
      .executeTakeFirst();
    if (!won) {
      await demandOwn(tx, incidentId, taker);
      return factsNow(tx, incidentId);
    }
    const work = new Work({ tx, at, by: actsAs(actor, taker), via });
    work.record({ verb: "incident.taken", object, detail: { person: taker, via } });
    work.note(incidentId, { kind: "taken", personId: taker });
    work.incidentChanged(incidentId, "taken", { personId: taker });
    await work.finish(incidents.listeners);
    return factsNow(tx, incidentId);
  });
}

/** Nothing was taken: says why, unless the taker has it already. */
async function demandOwn(tx: Tx, id: string, taker: string): Promise<void> {
  const row = await tx.selectFrom("incidents_incident").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row) throw noIncident(id);
  if (row.responder_id === taker) return;
  if (row.responder_id === null || row.taken_at === null)
    throw new HinobanError("conflict", "This incident is resolved already.", {
      id,
      resolvedAt: row.resolved_at,
      mergedInto: row.merged_into,
    });
  const responderName = await nameOf(tx, row.responder_id);
  throw new HinobanError("conflict", `${responderName} has this incident already.`, {
    id,
    responderId: row.responder_id,
    responderName,
    takenAt: row.taken_at,
  });
}
