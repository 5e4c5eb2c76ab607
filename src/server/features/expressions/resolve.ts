import { HinobanError } from "#base/errors";
import { findRole, findService, membersOfRole, namesOf, type MemberRecord } from "#features/inventory";
import { serviceSource } from "#features/metrics";
import type { Tx } from "#store";
import { leavesOf, type Leaf, type Node } from "./model.ts";

/** Where a leaf's values come from: the source and its name for people, or the hosts of a role. */
export type Origin =
  | { readonly kind: "source"; readonly source: string; readonly label: string }
  | { readonly kind: "members"; readonly members: readonly MemberRecord[] };

/** An expression whose hosts, services and roles were found. */
export interface Plan {
  readonly node: Node;
  readonly originOf: ReadonlyMap<Leaf, Origin>;
}

/**
 * Finds what an expression names.
 * @param from begin of what will be read, in unix seconds: who had left a role before it need not be asked
 * @throws "not-found" for a host, service or role that does not exist here
 */
export async function resolveExpression(tx: Tx, node: Node, from: number): Promise<Plan> {
  const originOf = new Map<Leaf, Origin>();
  for (const leaf of leavesOf(node)) originOf.set(leaf, await originOfLeaf(tx, leaf, from));
  return { node, originOf };
}

async function originOfLeaf(tx: Tx, leaf: Leaf, from: number): Promise<Origin> {
  switch (leaf.kind) {
    case "host": {
      const label = (await namesOf(tx, [`host:${leaf.hostId}`]))[`host:${leaf.hostId}`];
      if (label === undefined) throw new HinobanError("not-found", `There is no host ${leaf.hostId}.`, { id: leaf.hostId });
      return { kind: "source", source: leaf.hostId, label };
    }
    case "service":
      return { kind: "source", source: serviceSource((await findService(tx, leaf.service)).id), label: leaf.service };
    case "role": {
      const members = await membersOfRole(tx, (await findRole(tx, leaf)).id, {});
      const present = members.filter((member) => member.retired_at === null && member.during.some(({ to }) => to === null));
      // Those who belong now, with all that they ever posted.
      return { kind: "members", members: present.map((member) => ({ ...member, during: [{ from: 0, to: null }] })) };
    }
    case "roleSlots":
      return { kind: "members", members: await membersOfRole(tx, (await findRole(tx, leaf)).id, { from: from * 1000 }) };
  }
}
