import { namesOf } from "#features/identity";
import type { Tx } from "#store";
import type { Static } from "typebox";
import type { TimelineEntry } from "#wire/incidents";
import { present } from "./read-alerts.ts";

export interface TimelinePage {
  readonly incidentId: string;
  /** Only what is older than this entry. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** What happened to an incident, newest first, with the names of those who did it. */
export async function pageOfTimeline(
  tx: Tx,
  { incidentId, before, limit }: TimelinePage,
): Promise<{ entries: Static<typeof TimelineEntry>[]; hasMore: boolean }> {
  const lines = tx.selectFrom("incidents_timeline").selectAll().where("incident_id", "=", incidentId);
  const rows = await (before === undefined ? lines : lines.where("seq", "<", before))
    .orderBy("seq", "desc")
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const names = await namesOf(tx, [
    ...new Set(page.flatMap((row) => [row.by, ...(row.person_id === null ? [] : [`person:${row.person_id}`])])),
  ]);
  const entries = page.map((row) => ({
    id: String(row.seq),
    at: row.at,
    kind: row.kind,
    by: row.by,
    via: row.via,
    text: row.text,
    detail: JSON.parse(row.detail) as Record<string, unknown>, // written by insertLines alone
    ...present({
      byName: names[row.by],
      person: row.person_id === null ? undefined : { id: row.person_id, name: names[`person:${row.person_id}`] ?? row.person_id },
    }),
  }));
  return { entries, hasMore: rows.length > limit };
}
