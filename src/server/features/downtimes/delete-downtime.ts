import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import { organisationClock, ruleOfRow } from "./compiled.ts";
import { downtimesTopic, type Downtimes } from "./downtimes.ts";
import { holdsAt } from "./model.ts";
import { lockDowntime, type DowntimeRow, type Sight } from "./rows.ts";

/** Returns its last state. @throws "forbidden", "not-found" */
export function deleteDowntime(downtimes: Downtimes, actor: Actor, id: string, sight?: Sight): Promise<DowntimeRow> {
  return downtimes.db.tx(scopeOf(actor), async (tx) => {
    const at = downtimes.clock.now();
    demand(actor, "downtime.change", `downtime:${id}`, at);
    const row = await lockDowntime(tx, id, sight);
    await tx.deleteFrom("downtimes_downtime").where("id", "=", id).execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "downtime.deleted",
      object: `downtime:${id}`,
      outcome: "done",
      detail: {},
      texts: { name: row.name },
    });
    await publish(tx, downtimesTopic);
    if (holdsAt(ruleOfRow(row), await organisationClock(tx), at)) await downtimes.tellEnded(tx, at, id);
    return row;
  });
}
