import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Deps, type Tx } from "#store";
import type { GraphDefinition } from "#wire/metrics";

/**
 * Writes definitions of custom graphs, replacing those of the same name. What an agent sends again at each start is recorded only when it is new.
 * @throws "forbidden"
 */
export function defineGraphs(deps: Deps, actor: Actor, definitions: readonly GraphDefinition[]): Promise<void> {
  return deps.db.tx(scopeOf(actor), async (tx) => {
    const at = deps.clock.now();
    const object = `organisation:${actor.organisationId}`;
    demand(actor, "metrics.post", object, at);
    // In one order, so that two agents that start at the same moment do not wait for each other in a circle.
    const byName = [...new Map(definitions.map((one) => [one.name, one])).values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const changed: string[] = [];
    for (const definition of byName) if (await upsert(tx, definition, at)) changed.push(definition.name);
    if (changed.length === 0) return;
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "graph-definition.changed",
      object,
      outcome: "done",
      detail: {},
      texts: { names: changed.join(", ") },
    });
    await publish(tx, "graphs");
  });
}

async function upsert(tx: Tx, definition: GraphDefinition, at: number): Promise<boolean> {
  const said = { display_name: definition.displayName ?? "", unit: definition.unit, metrics: JSON.stringify(definition.metrics) };
  const row = await tx
    .insertInto("metrics_graph_definition")
    .values({ name: definition.name, ...said, updated_at: at })
    .onConflict((on) =>
      on
        .columns(["organisation_id", "name"])
        .doUpdateSet({ ...said, updated_at: at })
        .where((either) =>
          either.or([
            either("metrics_graph_definition.display_name", "!=", said.display_name),
            either("metrics_graph_definition.unit", "!=", said.unit),
            either("metrics_graph_definition.metrics", "!=", said.metrics),
          ]),
        ),
    )
    .returning("name")
    .executeTakeFirst();
  return row !== undefined;
}
