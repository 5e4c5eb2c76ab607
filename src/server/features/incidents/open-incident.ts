import { invalidInput } from "#base/errors";
import { newId } from "#base/ids";
import { demand } from "#features/identity";
import { actorId, scopeOf, type Actor } from "#http";
import type { ActVia, Severity } from "#wire/alerting";
import { repeated } from "#store";
import { existingServiceIds } from "./services.ts";
import { factsNow, mostOfText } from "./act.ts";
import { insertIncidents, takeNumbers } from "./incident-rows.ts";
import type { IncidentsContext } from "./context.ts";
import type { IncidentFacts } from "./model.ts";
import { newIncident, tellOpened } from "./stages.ts";
import { Work } from "./work.ts";

export interface OpenIncident {
  /** 1 to 200 characters. */
  readonly title: string;
  readonly severity: Severity;
  readonly description?: string | undefined;
  /** Names of services whose escalation policy holds. */
  readonly services?: readonly string[] | undefined;
  readonly via: ActVia;
}

/** Somebody opens an incident that no alert told of. It does not end by itself. @throws "forbidden", "invalid-input" */
export function openIncident(incidents: IncidentsContext, actor: Actor, input: OpenIncident): Promise<IncidentFacts> {
  return repeated(incidents.db).tx(scopeOf(actor), async (tx) => {
    const at = incidents.clock.now();
    demand(actor, "incident.act", `organisation:${actor.organisationId}`, at);
    const title = input.title.trim();
    const description = input.description ?? "";
    if (title === "" || title.length > 200) throw invalidInput([{ field: "title", problem: "must be 1 to 200 characters" }]);
    if (description.length > mostOfText)
      throw invalidInput([{ field: "description", problem: `must be at most ${mostOfText} characters` }]);
    const service_ids = await existingServiceIds(tx, input.services ?? []);
    const work = new Work({ tx, at, by: actorId(actor), via: input.via });
    const opened = newIncident({ id: newId(), title, severity: input.severity }, await takeNumbers(tx, 1), work);
    await insertIncidents(tx, [{ ...opened, description, is_manual: true, service_ids }]);
    tellOpened(work, opened, "person"); // which records it
    await work.finish(incidents.listeners);
    return factsNow(tx, opened.id);
  });
}
