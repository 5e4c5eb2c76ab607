import { unixSeconds } from "#base/duration";
import type { Outcome } from "./api.ts";
import type { OtherHosts } from "./other-hosts.ts";
import type { Minute, Spool, SpoolEntry } from "./spool.ts";

// A post stays below the server's limits (10,000 points, 1 MB) whatever a minute holds, unless one minute alone exceeds them.
const pointsInPost = 4000;

/** A post and the minutes that are in it, or why the server could not be asked for the hosts in it. */
export type PostBody =
  | { readonly body: string; readonly batch: readonly SpoolEntry[] }
  | { readonly outcome: Exclude<Outcome, { kind: "ok" | "refused" }> };

/** The JSON body for as many of `wanted` as fit into one post. Points of hosts that the server does not know are left out. */
export async function postBody(wanted: readonly SpoolEntry[], hostId: string, spool: Spool, hosts: OtherHosts): Promise<PostBody> {
  const batch: SpoolEntry[] = [];
  const points: string[] = [];
  for (const entry of wanted) {
    const minute = await spool.read(entry);
    if (!minute) continue;
    const added = await pointsOf(minute, hostId, hosts);
    if ("outcome" in added) return added;
    if (batch.length > 0 && points.length + added.points.length > pointsInPost) break;
    batch.push(entry);
    points.push(...added.points);
  }
  return { body: `[${points.join(",")}]`, batch };
}

async function pointsOf(
  { time, values, extra = [] }: Minute,
  hostId: string,
  hosts: OtherHosts,
): Promise<{ readonly points: readonly string[] } | Exclude<PostBody, { body: string }>> {
  const points = Object.entries(values).map(([name, value]) => JSON.stringify({ hostId, name, time: unixSeconds(time), value }));
  for (const { name, time: at, value, host, service } of extra) {
    if (service !== undefined) continue; // goes another way
    const resolved = host === undefined ? { id: hostId } : await hosts.resolve(host);
    if ("outcome" in resolved) return resolved;
    if (resolved.id !== undefined) points.push(JSON.stringify({ hostId: resolved.id, name, time: at, value }));
  }
  return { points };
}
