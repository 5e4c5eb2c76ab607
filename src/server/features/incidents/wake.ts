import { sql } from "kysely";
import { addTime, seconds, unixMs, type UnixMs } from "#base/duration";
import { installationScope, type Looked, type Tx, repeated } from "#store";
import { lockIncident, standingsOf, updateIncidents, type IncidentRow } from "./incident-rows.ts";
import type { IncidentsContext } from "./context.ts";
import { alerting } from "./touched.ts";
import { tellResolved } from "./stages.ts";
import { resolved } from "./states.ts";
import { Work } from "./work.ts";

const mostAtOnce = 200;
/** One incident that cannot be woken keeps no other asleep, and is tried again this much later. */
const triesAgain = seconds(10);

/** Wakes what was snoozed until now and ends what flapped and has been quiet, in all organisations. Any number of servers may do so. */
export async function wakeDue(incidents: IncidentsContext, onError: (error: unknown) => void): Promise<Looked> {
  const { db, clock } = incidents;
  const at = clock.now();
  const due = await db.tx(installationScope, (tx) =>
    sql<{ organisation_id: string; incident_id: string }>`select * from incidents_due(${at}, ${mostAtOnce})`.execute(tx),
  );
  let hasFailed = false;
  for (const { organisation_id: organisationId, incident_id: id } of due.rows) {
    try {
      await repeated(db).tx({ organisationId }, (tx) => wakeOne(incidents, tx, at, id));
    } catch (error) {
      hasFailed = true;
      onError(error);
    }
  }
  const { rows } = await db.tx(installationScope, (tx) => sql<{ next: number | null }>`select incidents_next_due() as next`.execute(tx));
  const next = rows[0]?.next ?? null;
  if (next === null) return { nextAt: undefined };
  const soonest = hasFailed ? addTime(at, triesAgain) : at;
  return { nextAt: unixMs(Math.max(next, soonest)) };
}

/** Somebody else may have been faster, or may have changed it since: the locked row decides. */
async function wakeOne(incidents: IncidentsContext, tx: Tx, at: UnixMs, id: string): Promise<void> {
  const row = await lockIncident(tx, id);
  const work = new Work({ tx, at, by: alerting, via: "system" });
  let now: IncidentRow = row;
  if (now.snoozed_until !== null && now.snoozed_until <= at) {
    now = { ...now, snoozed_until: null };
    tellWoken(work, id);
  }
  if (now.settles_at !== null && now.settles_at <= at) {
    const isQuiet = ((await standingsOf(tx, [id])).get(id)?.open ?? 0) === 0;
    if (isQuiet) tellResolved(work, now, "quiet");
    now = isQuiet ? resolved(now, at, alerting) : { ...now, settles_at: null };
  }
  if (now === row) return;
  await updateIncidents(tx, [now]);
  await work.finish(incidents.listeners);
}

/** Collects what there is to tell about a snooze that is over. */
export function tellWoken(work: Work, id: string): void {
  work.record({ verb: "incident.woken", object: `incident:${id}`, detail: { via: work.via } });
  work.note(id, { kind: "woken" });
  work.incidentChanged(id, "woken");
}
