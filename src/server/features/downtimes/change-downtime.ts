import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import { organisationClock, ruleOfRow } from "./compiled.ts";
import { demandScopes } from "./demand-scopes.ts";
import { downtimesTopic, type Downtimes } from "./downtimes.ts";
import { holdsAt, nextEnd } from "./model.ts";
import type { DowntimeInput } from "./parse.ts";
import { columnsOf, lockDowntime, scopesIn, type DowntimeRow, type Sight } from "./rows.ts";

/**
 * Replaces everything of a downtime. The same again is no change; other times undo an end by hand.
 * @throws "forbidden", "not-found", "invalid-input" for a scope that does not exist
 */
export function changeDowntime(downtimes: Downtimes, actor: Actor, id: string, input: DowntimeInput, sight?: Sight): Promise<DowntimeRow> {
  return downtimes.db.tx(scopeOf(actor), async (tx) => {
    const at = downtimes.clock.now();
    demand(actor, "downtime.change", `downtime:${id}`, at);
    const before = await lockDowntime(tx, id, sight);
    await demandScopes(downtimes, tx, input, scopesIn(before));
    const columns = columnsOf(input);
    const fields = changedFields(before, columns);
    if (fields.length === 0) return before;
    const cut_at = fields.some((field) => timeFields.has(field)) ? null : before.cut_at;
    const clock = await organisationClock(tx);
    const next_end_at = nextEnd(ruleOfRow({ ...before, ...columns, cut_at }), clock, at) ?? null;
    const row = await tx
      .updateTable("downtimes_downtime")
      .set({ ...columns, cut_at, next_end_at })
      .where("id", "=", id)
      .returningAll()
      .executeTakeFirstOrThrow();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "downtime.changed",
      object: `downtime:${id}`,
      outcome: "done",
      detail: { fields },
      texts: { name: input.name },
    });
    await publish(tx, downtimesTopic);
    // Whatever it covered before may be open to alerts now: its times or its scopes are other ones.
    if (holdsAt(ruleOfRow(before), clock, at)) await downtimes.tellEnded(tx, at, id);
    return row;
  });
}

type Columns = ReturnType<typeof columnsOf>;

const timeFields = new Set(["start", "duration", "recurrence"]);

function changedFields(before: Columns, after: Columns): string[] {
  const fields: string[] = [];
  if (before.name !== after.name) fields.push("name");
  if (before.memo !== after.memo) fields.push("memo");
  if (before.start_at !== after.start_at) fields.push("start");
  if (before.duration_minutes !== after.duration_minutes) fields.push("duration");
  if (before.recurrence !== after.recurrence) fields.push("recurrence");
  if (before.scopes !== after.scopes) fields.push("scopes");
  return fields;
}
