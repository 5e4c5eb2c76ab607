import type { UnixMs } from "#base/duration";
import { demand } from "#features/identity";
import { scopeOf, type Actor } from "#http";
import type { Deps, Tx } from "#store";
import type { Permission } from "#wire/permissions";
import type { HostListeners } from "./host-changes.ts";

/** One act inside its transaction: who does it, and when. */
export interface Act {
  readonly tx: Tx;
  readonly actor: Actor;
  readonly at: UnixMs;
  /** Who else is told of it, inside the transaction. */
  readonly listeners?: HostListeners | undefined;
}

/** What acts are handed: the inventory, or a database alone, of which nobody else is told. */
export type ActDeps = Deps & { readonly listeners?: HostListeners };

/**
 * Runs an act in a transaction of its own, once the permission is there.
 * @param object the ledger's id of what is acted upon.
 * @throws "forbidden"
 */
export function acting<T>(deps: ActDeps, actor: Actor, permission: Permission, object: string, work: (act: Act) => Promise<T>): Promise<T> {
  return deps.db.tx(scopeOf(actor), async (tx) => {
    const at = deps.clock.now();
    demand(actor, permission, object, at);
    return work({ tx, actor, at, listeners: deps.listeners });
  });
}

/** Who the acts of a whole organisation are about. */
export const organisationOf = (actor: Actor): string => `organisation:${actor.organisationId}`;
