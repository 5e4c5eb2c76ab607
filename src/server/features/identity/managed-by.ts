import type { Actor } from "#http";
import type { Tx } from "#store";
import { atLeast } from "./model.ts";
import { readMemberships } from "./store.ts";

/** The organisations whose settings the actor may change: for a person all of which they are a manager or owner, else the actor's own. */
export async function managedBy(tx: Tx, actor: Actor): Promise<ReadonlySet<string>> {
  if (actor.kind !== "person") return new Set([actor.organisationId]);
  const memberships = await readMemberships(tx, actor.personId);
  return new Set(memberships.filter(({ role }) => atLeast(role, "manager")).map(({ organisationId }) => organisationId));
}
