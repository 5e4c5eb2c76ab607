import { HinobanError } from "#base/errors";
import type { Actor } from "#http";
import { actOn, demandUnresolved, noteText, type ActOn } from "./act.ts";
import type { IncidentsContext } from "./context.ts";
import type { IncidentFacts } from "./model.ts";
import { demandResponder, nameOf } from "./people.ts";
import { handed } from "./states.ts";

export interface PassIncident extends ActOn {
  readonly to: string;
  /** Only if this person still has it. */
  readonly from?: string | undefined;
  readonly note?: string | undefined;
}

/**
 * Gives an incident to somebody, who has it from now on; also one that nobody has. To whom has it already: changes nothing.
 * @throws "forbidden", "not-found", "invalid-input" for somebody who may not have it, "conflict" when it is over or `from` no longer has it
 */
export function passIncident(incidents: IncidentsContext, actor: Actor, { to, from, note, ...on }: PassIncident): Promise<IncidentFacts> {
  return actOn(incidents, actor, on, async (work, row) => {
    demandUnresolved(row);
    await demandResponder(work.tx, to, "to");
    if (from !== undefined && row.responder_id !== from) {
      const now = row.responder_id === null ? "Nobody" : await nameOf(work.tx, row.responder_id);
      throw new HinobanError("conflict", `${now} has this incident now.`, { id: row.id, responderId: row.responder_id });
    }
    if (row.responder_id === to) return row;
    const fromId = row.responder_id ?? undefined;
    const detail = { to, via: on.via, ...(fromId === undefined ? {} : { from: fromId }) };
    work.record({ verb: "incident.passed", object: `incident:${row.id}`, detail, texts: noteText(note) });
    work.note(row.id, { kind: "passed", personId: to, text: note, detail: fromId === undefined ? {} : { from: fromId } });
    work.incidentChanged(row.id, "passed", { personId: to, fromPersonId: fromId });
    return handed(row, to, work.at, on.via);
  });
}
