import { unixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { demand } from "#features/identity";
import { scopeOf, serve, type Actor, type Served } from "#http";
import type { ActVia } from "#wire/alerting";
import * as wire from "#wire/incidents";
import { commentIncident } from "./comment-incident.ts";
import { declineIncident } from "./decline-incident.ts";
import type { IncidentsContext } from "./context.ts";
import { mergeIncident } from "./merge-incidents.ts";
import type { IncidentFacts } from "./model.ts";
import { openIncident } from "./open-incident.ts";
import { passIncident } from "./pass-incident.ts";
import { countLive, pageOfIncidents, readIncident, resolveId } from "./read-incidents.ts";
import { pageOfTimeline } from "./read-timeline.ts";
import { releaseIncident } from "./release-incident.ts";
import { renameIncident } from "./rename-incident.ts";
import { reopenIncident } from "./reopen-incident.ts";
import { resolveIncident } from "./resolve-incident.ts";
import { registerAlerts } from "./routes-alerts.ts";
import { snoozeIncident } from "./snooze-incident.ts";
import { splitIncident } from "./split-incident.ts";
import { takeIncident } from "./take-incident.ts";
import { wakeIncident } from "./wake-incident.ts";

const defaultLimit = 50;

/** Serves the own interface of alerts and incidents. */
export function registerIncidents(served: Served, incidents: IncidentsContext): void {
  registerReading(served, incidents);
  registerActs(served, incidents);
  registerTidying(served, incidents);
  registerAlerts(served, incidents);
}

/** The answer to an act: the incident as it is now. */
const shown = (incidents: IncidentsContext, actor: Actor, { id }: IncidentFacts): Promise<wire.Incident> =>
  incidents.db.tx(scopeOf(actor), (tx) => readIncident(tx, id, true));

const viaOf = ({ via }: { readonly via?: "console" | "api" }): ActVia => via ?? "api";

function registerReading(served: Served, incidents: IncidentsContext): void {
  const { db, clock } = incidents;
  const mayAct = (actor: Actor, id: string): boolean => {
    try {
      demand(actor, "incident.act", `incident:${id}`, clock.now());
      return true;
    } catch (error) {
      if (error instanceof HinobanError && error.code === "forbidden") return false;
      throw error;
    }
  };
  serve(served, wire.listIncidents, ({ actor, query }) =>
    db.tx(scopeOf(actor), async (tx) => {
      const own = actor.kind === "person" ? actor.personId : undefined;
      if (query.mine === true && own === undefined)
        throw new HinobanError("invalid-input", "mine: an API key has no incidents; say responder instead.", { field: "mine" });
      const filter = {
        states: query.state ?? [],
        severities: query.severity ?? [],
        responderId: query.mine === true ? own : query.responder,
        service: query.service,
        hostId: query.host,
        takenById: query.takenBy,
        from: query.from,
        to: query.to,
        text: query.text,
      };
      const page = await pageOfIncidents(tx, filter, { offset: query.offset ?? 0, limit: query.limit ?? defaultLimit });
      return { ...page, counts: await countLive(tx, own) };
    }),
  );
  serve(served, wire.getIncident, ({ actor, params }) =>
    db.tx(scopeOf(actor), async (tx) => readIncident(tx, await resolveId(tx, params.id), mayAct(actor, params.id))),
  );
  serve(served, wire.getTimeline, ({ actor, params, query }) =>
    db.tx(scopeOf(actor), async (tx) => {
      const before = query.before === undefined ? undefined : Number(query.before);
      if (before !== undefined && !Number.isSafeInteger(before))
        throw new HinobanError("invalid-input", "before: must be the id of an entry.", { field: "before" });
      return pageOfTimeline(tx, { incidentId: await resolveId(tx, params.id), before, limit: query.limit ?? defaultLimit });
    }),
  );
}

function registerActs(served: Served, incidents: IncidentsContext): void {
  serve(served, wire.takeIncident, async ({ actor, params, body }) => {
    const facts = await takeIncident(incidents, actor, { incidentId: params.id, via: viaOf(body), personId: body.person });
    return shown(incidents, actor, facts);
  });
  serve(served, wire.passIncident, async ({ actor, params, body }) => {
    const { to, from, note } = body;
    return shown(incidents, actor, await passIncident(incidents, actor, { incidentId: params.id, via: viaOf(body), to, from, note }));
  });
  serve(served, wire.declineIncident, async ({ actor, params, body }) => {
    const input = { incidentId: params.id, via: viaOf(body), personId: body.person, note: body.note };
    return shown(incidents, actor, await declineIncident(incidents, actor, input));
  });
  serve(served, wire.releaseIncident, async ({ actor, params, body }) => {
    return shown(incidents, actor, await releaseIncident(incidents, actor, { incidentId: params.id, via: viaOf(body), note: body.note }));
  });
  serve(served, wire.snoozeIncident, async ({ actor, params, body }) => {
    const input = { incidentId: params.id, via: viaOf(body), until: unixMs(body.until), note: body.note };
    return shown(incidents, actor, await snoozeIncident(incidents, actor, input));
  });
  serve(served, wire.wakeIncident, async ({ actor, params, body }) => {
    return shown(incidents, actor, await wakeIncident(incidents, actor, { incidentId: params.id, via: viaOf(body) }));
  });
  serve(served, wire.resolveIncident, async ({ actor, params, body }) => {
    return shown(incidents, actor, await resolveIncident(incidents, actor, { incidentId: params.id, via: viaOf(body), note: body.note }));
  });
  serve(served, wire.reopenIncident, async ({ actor, params, body }) => {
    return shown(incidents, actor, await reopenIncident(incidents, actor, { incidentId: params.id, via: viaOf(body), note: body.note }));
  });
  serve(served, wire.commentIncident, async ({ actor, params, body }) => {
    return shown(incidents, actor, await commentIncident(incidents, actor, { incidentId: params.id, via: viaOf(body), text: body.text }));
  });
}

function registerTidying(served: Served, incidents: IncidentsContext): void {
  serve(served, wire.openIncident, async ({ actor, body }) => {
    const { via: _via, ...input } = body;
    return shown(incidents, actor, await openIncident(incidents, actor, { ...input, via: viaOf(body) }));
  });
  serve(served, wire.splitIncident, async ({ actor, params, body }) => {
    const split = await splitIncident(incidents, actor, { incidentId: params.id, via: viaOf(body), alertIds: body.alerts });
    return { incident: await shown(incidents, actor, split.incident), original: await shown(incidents, actor, split.original) };
  });
  serve(served, wire.mergeIncident, async ({ actor, params, body }) => {
    return shown(incidents, actor, await mergeIncident(incidents, actor, { incidentId: params.id, via: viaOf(body), otherId: body.other }));
  });
  serve(served, wire.renameIncident, async ({ actor, params, body }) => {
    const { title, description } = body;
    return shown(incidents, actor, await renameIncident(incidents, actor, { incidentId: params.id, via: viaOf(body), title, description }));
  });
}
