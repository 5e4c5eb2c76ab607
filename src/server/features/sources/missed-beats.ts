import { sql } from "kysely";
import { seconds, unixMs } from "#base/duration";
import { installationScope, type BackOff, type Looked, repeated } from "#store";
import type { SourcesContext } from "./context.ts";
import { beatOf } from "./store.ts";
import { reportMissed } from "./take-beat.ts";

const mostAtOnce = 1000;

interface DueRow {
  readonly id: string;
  readonly organisation_id: string;
  readonly due_at: number;
}

/** Tells of heartbeats that stayed away. Any number of servers may look: the row is locked and asked again. One that fails holds up no other. */
export async function lookForMissed(sources: SourcesContext, failing: BackOff): Promise<Looked> {
  const now = sources.clock.now();
  const rows = await sources.db.tx(
    installationScope,
    async (tx) => (await sql<DueRow>`select * from hinoban_due_heartbeats(${mostAtOnce})`.execute(tx)).rows,
  );
  for (const row of rows.filter((one) => one.due_at <= now && !failing.isPaused(one.id)))
    await failing.attempt(row.id, () => lookAt(sources, row));
  const next = rows.find((row) => row.due_at > now);
  return { nextAt: next === undefined ? undefined : unixMs(next.due_at) };
}

async function lookAt(sources: SourcesContext, { id, organisation_id: organisationId }: DueRow): Promise<void> {
  await repeated(sources.db).tx({ organisationId }, async (tx) => {
    const at = sources.clock.now();
    const source = await tx.selectFrom("sources_source").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
    if (!source || source.due_at === null || source.due_at > at || source.last_at === null) return;
    const beat = beatOf(source);
    if (!beat) return;
    if (source.muted_until !== null && source.muted_until > at) {
      await sql`update sources_source set due_at = ${source.muted_until} where id = ${id}`.execute(tx);
      return;
    }
    // While no server listened it may well have come.
    const heard = sources.heardSince(seconds(beat.intervalSeconds + beat.graceSeconds), at);
    if (source.last_at >= heard) {
      await sql`update sources_source set due_at = ${at + (source.last_at - heard) + 1} where id = ${id}`.execute(tx);
      return;
    }
    await reportMissed(sources, tx, at, source);
  });
}
