import { HinobanError } from "#base/errors";
import { newId } from "#base/ids";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import { organisationClock, ruleOf } from "./compiled.ts";
import { demandScopes } from "./demand-scopes.ts";
import { downtimesTopic, type Downtimes } from "./downtimes.ts";
import { nextEnd } from "./model.ts";
import type { DowntimeInput } from "./parse.ts";
import { columnsOf, type DowntimeRow } from "./rows.ts";

/** All of an organisation's downtimes are looked at whenever a monitor judges. */
const mostDowntimes = 5000;

/** @throws "forbidden", "invalid-input" for a scope that does not exist, "conflict" when there are too many */
export function createDowntime(downtimes: Downtimes, actor: Actor, input: DowntimeInput): Promise<DowntimeRow> {
  return downtimes.db.tx(scopeOf(actor), async (tx) => {
    const at = downtimes.clock.now();
    demand(actor, "downtime.change", `organisation:${actor.organisationId}`, at);
    await demandScopes(downtimes, tx, input);
    const { count } = await tx
      .selectFrom("downtimes_downtime")
      .select((of) => of.fn.countAll<number>().as("count"))
      .executeTakeFirstOrThrow();
    if (count >= mostDowntimes)
      throw new HinobanError("conflict", `There are ${mostDowntimes} downtimes already. Delete some that are over.`, { count });
    const row = await tx
      .insertInto("downtimes_downtime")
      .values({
        id: newId(),
        ...columnsOf(input),
        cut_at: null,
        next_end_at: nextEnd(ruleOf(input), await organisationClock(tx), at) ?? null,
        created_at: at,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "downtime.created",
      object: `downtime:${row.id}`,
      outcome: "done",
      detail: { fromAt: input.start * 1000, minutes: input.duration, repeats: input.recurrence?.type ?? "never" },
      texts: { name: input.name },
    });
    await publish(tx, downtimesTopic);
    return row;
  });
}
