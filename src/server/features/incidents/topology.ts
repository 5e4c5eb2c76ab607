import type { Tx } from "#store";
import type { Topology } from "./grouping.ts";

/** One host needs another one. */
export interface Edge {
  readonly hostId: string;
  readonly dependsOnId: string;
}

/** Pure: the hosts that can be reached over the edges, the nearest first. A circle, should there be one, is walked once. */
export function topologyOf(edges: readonly Edge[]): Topology {
  const up = new Map<string, string[]>();
  const down = new Map<string, string[]>();
  const add = (map: Map<string, string[]>, from: string, to: string): void => {
    const list = map.get(from);
    if (list) list.push(to);
    else map.set(from, [to]);
  };
  for (const { hostId, dependsOnId } of edges) {
    add(up, hostId, dependsOnId);
    add(down, dependsOnId, hostId);
  }
  const walked = new Map<string, readonly string[]>();
  const walk = (map: ReadonlyMap<string, readonly string[]>, prefix: string) => (hostId: string) => {
    const known = walked.get(prefix + hostId);
    if (known) return known;
    const found = new Set<string>([hostId]);
    for (const id of found) for (const next of map.get(id) ?? []) found.add(next);
    found.delete(hostId);
    const list = [...found];
    walked.set(prefix + hostId, list);
    return list;
  };
  return { isEmpty: edges.length === 0, upstream: walk(up, "up "), downstream: walk(down, "down ") };
}

/** All edges of the organisation: some ten thousand at most. */
export async function readTopology(tx: Tx): Promise<Topology> {
  const rows = await tx
    .selectFrom("incidents_dependency")
    .select(["host_id as hostId", "depends_on_id as dependsOnId"])
    .orderBy("host_id")
    .orderBy("depends_on_id")
    .execute();
  return topologyOf(rows);
}
