import { sql } from "kysely";
import type { Tx } from "#store";
import { tellResolved, type Stages } from "./stages.ts";
import { resolved } from "./states.ts";
import type { Why } from "./tables.ts";
import type { Work } from "./work.ts";

export interface Moved {
  readonly from: string;
  readonly into: string;
  readonly at: number;
  readonly why: Why;
  /** All when absent. */
  readonly alertIds?: readonly string[];
}

/** Moves present alerts from one incident to another. Returns how many. */
export async function moveAlerts(tx: Tx, { from, into, at, why, alertIds }: Moved): Promise<number> {
  const { rows } = await sql<{ alert_id: string }>`update incidents_membership set left_at = ${at}
    where incident_id = ${from} and left_at is null and (${alertIds === undefined} or alert_id = any (${alertIds ?? []})) returning alert_id`.execute(
    tx,
  );
  if (rows.length === 0) return 0;
  await sql`insert into incidents_membership (alert_id, incident_id, why, joined_at)
    select moved, ${into}, ${why}, ${at}::bigint from unnest(${rows.map((row) => row.alert_id)}::text[]) moved`.execute(tx);
  return rows.length;
}

/** Lets one incident take over the alerts of another, which ends by that. Both are locked. */
export async function mergeStages(work: Work, stages: Stages, from: string, into: string): Promise<void> {
  const [source, target] = [stages.get(from), stages.get(into)];
  if (!source || !target || source.row.state === "resolved") return;
  const count = await moveAlerts(work.tx, { from, into, at: work.at, why: "merged" });
  tellResolved(work, source.row, "merged", into);
  source.row = { ...resolved(source.row, work.at, work.by), merged_into: into };
  work.record({ verb: "incident.merged", object: `incident:${into}`, detail: { other: from, via: work.via } });
  work.note(into, { kind: "merged", detail: { other: from, number: source.row.number, count } });
}
