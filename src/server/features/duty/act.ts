import type { UnixMs } from "#base/duration";
import { HinobanError, invalidInput } from "#base/errors";
import { demand, standingOf, type Standing } from "#features/identity";
import { scopeOf, type Actor } from "#http";
import { publish, type Deps, type Tx } from "#store";

/** The topic under which every change of duty is announced: screens read again, and the job looks for hand-overs. */
export const dutyTopic = "duty";

/** One act inside its transaction: who does it, and when. */
export interface Act {
  readonly tx: Tx;
  readonly actor: Actor;
  readonly at: UnixMs;
}

/**
 * Runs a change of duty in a transaction of its own, once the permission is there, and announces it.
 * @param object the ledger's id of what is acted upon
 * @throws "forbidden"
 */
export function acting<T>(deps: Deps, actor: Actor, object: string, work: (act: Act) => Promise<T>): Promise<T> {
  return deps.db.tx(scopeOf(actor), async (tx) => {
    const at = deps.clock.now();
    demand(actor, "duty.change", object, at);
    const result = await work({ tx, actor, at });
    await publish(tx, dutyTopic);
    return result;
  });
}

/** Who the acts of a whole organisation are about. */
export const organisationOf = (actor: Actor): string => `organisation:${actor.organisationId}`;

/**
 * Makes sure that every id is a member of the organisation. Who was named before may stay although they are gone: they show as a hole.
 * @throws "invalid-input"
 */
export async function demandPeople(
  tx: Tx,
  ids: readonly string[],
  field: string,
  before: readonly string[] = [],
): Promise<ReadonlyMap<string, Standing>> {
  const standings = await standingOf(tx, [...new Set(ids)]);
  const named = new Set(before);
  for (const id of ids) {
    const standing = standings.get(id);
    if (!standing) throw invalidInput([{ field, problem: `there is no person ${id} in this organisation` }]);
    if (standing.state === "left" && !named.has(id)) throw invalidInput([{ field, problem: `${standing.name} has left the organisation` }]);
  }
  return standings;
}

/** Whether a database error says that something with this key is already there. */
const isUniqueViolation = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "23505";

/** Runs a change that a unique name may refuse. @throws "conflict" with the sentence */
export async function uniquely<T>(change: Promise<T>, sentence: string): Promise<T> {
  try {
    return await change;
  } catch (error) {
    if (isUniqueViolation(error)) throw new HinobanError("conflict", sentence, {}, { cause: error });
    throw error;
  }
}
