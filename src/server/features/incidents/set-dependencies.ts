import { HinobanError, invalidInput } from "#base/errors";
import { demand } from "#features/identity";
import { demandHost, existingHosts } from "#features/inventory";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Deps, type Tx, repeated } from "#store";
import type { Dependency } from "#wire/alerts";
import { dependenciesOf } from "./read-dependencies.ts";
import { lockGrouping } from "./grouping-lock.ts";
import { readTopology } from "./topology.ts";

export interface SetDependencies {
  readonly hostId: string;
  readonly dependsOn: readonly string[];
}

/**
 * Says on which hosts a host depends; replaces what was said before.
 * @throws "forbidden", "not-found", "invalid-input" for hosts that do not exist, "conflict" for a circle
 */
export function setDependencies(deps: Deps, actor: Actor, { hostId, dependsOn }: SetDependencies): Promise<Dependency[]> {
  return repeated(deps.db).tx(scopeOf(actor), async (tx) => {
    const at = deps.clock.now();
    demand(actor, "host.change", `host:${hostId}`, at);
    await demandHost(tx, hostId);
    await lockGrouping(tx); // two that are set at once must not close a circle together
    await demandNoCircle(tx, hostId, dependsOn);
    const before = await tx.selectFrom("incidents_dependency").select("depends_on_id").where("host_id", "=", hostId).execute();
    const old = new Set(before.map((row) => row.depends_on_id));
    const added = dependsOn.filter((id) => !old.has(id));
    const removed = [...old].filter((id) => !dependsOn.includes(id));
    if (added.length === 0 && removed.length === 0) return dependenciesOf(tx, hostId);
    if (removed.length > 0)
      await tx.deleteFrom("incidents_dependency").where("host_id", "=", hostId).where("depends_on_id", "in", removed).execute();
    if (added.length > 0)
      await tx
        .insertInto("incidents_dependency")
        .values(added.map((id) => ({ host_id: hostId, depends_on_id: id, created_at: at })))
        .execute();
    const detail = { added, removed };
    await record(tx, { at, actor: actorId(actor), verb: "host.dependencies-changed", object: `host:${hostId}`, outcome: "done", detail });
    await publish(tx, "dependencies");
    return dependenciesOf(tx, hostId);
  });
}

async function demandNoCircle(tx: Tx, hostId: string, dependsOn: readonly string[]): Promise<void> {
  if (dependsOn.length === 0) return;
  const known = await existingHosts(tx, dependsOn);
  const missing = dependsOn.filter((id) => !known.has(id));
  if (missing.length > 0) throw invalidInput(missing.map((id) => ({ field: "dependsOn", problem: `there is no host ${id}` })));
  if (dependsOn.includes(hostId)) throw invalidInput([{ field: "dependsOn", problem: "a host cannot depend on itself" }]);
  const { upstream } = await readTopology(tx);
  const back = dependsOn.find((id) => upstream(id).includes(hostId));
  if (back === undefined) return;
  throw new HinobanError("conflict", `The host ${back} depends on this one already; hosts cannot depend on each other in a circle.`, {
    hostId,
    dependsOn: back,
  });
}
