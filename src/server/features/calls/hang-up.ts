import { HinobanError } from "#base/errors";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import type { LinesContext } from "./lines-context.ts";

/** Hangs up, or takes back a call that waits. @throws "forbidden", "not-found", "conflict" for one that is over */
export function hangUp({ db, clock, engine }: LinesContext, actor: Actor, id: string): Promise<void> {
  return db.tx(scopeOf(actor), async (tx) => {
    const at = clock.now();
    demand(actor, "call.make", `call:${id}`, at);
    const row = await tx.selectFrom("calls_call").select("state").where("id", "=", id).executeTakeFirst();
    if (!row) throw new HinobanError("not-found", `There is no call ${id}.`, { id });
    if (!(await engine.hangUp(tx, at, id))) throw new HinobanError("conflict", "The call is over already.", { id });
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "call.hung-up",
      object: `call:${id}`,
      outcome: "done",
      detail: { state: row.state },
    });
  });
}
