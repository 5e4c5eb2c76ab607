import { HinobanError } from "#base/errors";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import { organisationClock, ruleOfRow } from "./compiled.ts";
import { downtimesTopic, type Downtimes } from "./downtimes.ts";
import { holdsAt, nextEnd } from "./model.ts";
import { lockDowntime, type DowntimeRow } from "./rows.ts";

/**
 * Ends what holds now of a downtime; one that repeats holds again at its next start.
 * @throws "forbidden", "not-found", "conflict" when it does not hold now
 */
export function endDowntime(downtimes: Downtimes, actor: Actor, id: string): Promise<DowntimeRow> {
  return downtimes.db.tx(scopeOf(actor), async (tx) => {
    const at = downtimes.clock.now();
    demand(actor, "downtime.change", `downtime:${id}`, at);
    const before = await lockDowntime(tx, id);
    const clock = await organisationClock(tx);
    if (!holdsAt(ruleOfRow(before), clock, at)) throw new HinobanError("conflict", "The downtime does not hold now.", { id });
    const next_end_at = nextEnd(ruleOfRow({ ...before, cut_at: at }), clock, at) ?? null;
    const row = await tx
      .updateTable("downtimes_downtime")
      .set({ cut_at: at, next_end_at })
      .where("id", "=", id)
      .returningAll()
      .executeTakeFirstOrThrow();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "downtime.ended",
      object: `downtime:${id}`,
      outcome: "done",
      detail: {},
      texts: { name: before.name },
    });
    await publish(tx, downtimesTopic);
    await downtimes.tellEnded(tx, at, id);
    return row;
  });
}
