import type { UnixMs } from "#base/duration";
import { demand } from "#features/identity";
import { scopeOf, type Actor } from "#http";
import type { Deps, Tx } from "#store";

/** Runs a change of readings or recordings in a transaction of its own, once the permission is there. @throws "forbidden" */
export function changing<T>(deps: Deps, actor: Actor, work: (tx: Tx, at: UnixMs) => Promise<T>): Promise<T> {
  return deps.db.tx(scopeOf(actor), async (tx) => {
    const at = deps.clock.now();
    demand(actor, "speech.change", `organisation:${actor.organisationId}`, at);
    return work(tx, at);
  });
}
