import { HinobanError } from "#base/errors";
import type { Tx } from "#store";
import type { IncidentState } from "#wire/alerting";
import type { EscalationRun } from "#wire/escalation";
import type { EscalationContext } from "./context.ts";
import { presentedRun } from "./present.ts";

const mostRuns = 50;
const mostAttempts = 1000;

/** The runs of an incident, by its id or number, newest first, with everybody who was told. @throws "not-found" */
export async function runsOf(
  { incidents }: EscalationContext,
  tx: Tx,
  idOrNumber: string,
): Promise<{ readonly state: IncidentState; readonly runs: EscalationRun[] }> {
  const incident = await incidents.factsOf(tx, (await idOf(tx, idOrNumber)) ?? idOrNumber);
  if (!incident) throw new HinobanError("not-found", `There is no incident ${idOrNumber}.`, { id: idOrNumber });
  const rows = await tx
    .selectFrom("escalation_run")
    .selectAll()
    .where("incident_id", "=", incident.id)
    .orderBy("started_at", "desc")
    .orderBy("id")
    .limit(mostRuns)
    .execute();
  const attempts = await tx
    .selectFrom("escalation_attempt")
    .selectAll()
    .where("incident_id", "=", incident.id)
    .orderBy("created_at", "desc")
    .orderBy("act", "desc")
    .orderBy("n", "desc")
    .limit(mostAttempts)
    .execute();
  attempts.reverse();
  return {
    state: incident.state,
    runs: rows.map((row) =>
      presentedRun(
        row,
        attempts.filter((one) => one.run_id === row.id),
      ),
    ),
  };
}

async function idOf(tx: Tx, text: string): Promise<string | undefined> {
  if (!/^[0-9]{1,9}$/u.test(text)) return undefined;
  const row = await tx.selectFrom("incidents_incident").select("id").where("number", "=", Number(text)).executeTakeFirst();
  return row?.id;
}
