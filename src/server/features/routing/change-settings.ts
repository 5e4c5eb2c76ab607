import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, repeated } from "#store";
import type { RoutingSettings } from "#wire/routing";
import type { RoutingContext } from "./context.ts";
import { groupsTopic } from "./groups.ts";
import { readRoutingSettings } from "./settings.ts";

/** Changes when messages are summed up. The same again is no change. @throws "forbidden" */
export function changeRoutingSettings(routing: RoutingContext, actor: Actor, input: RoutingSettings): Promise<RoutingSettings> {
  return repeated(routing.db).tx(scopeOf(actor), async (tx) => {
    const at = routing.clock.now();
    const object = `organisation:${actor.organisationId}`;
    demand(actor, "channel.change", object, at);
    const before = await readRoutingSettings(tx);
    if (before.bundleAbove === input.bundleAbove && before.bundleSeconds === input.bundleSeconds) return before;
    const settings = JSON.stringify(input);
    await tx
      .insertInto("routing_settings")
      .values({ settings })
      .onConflict((on) => on.column("organisation_id").doUpdateSet({ settings }))
      .execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "routing.changed",
      object,
      outcome: "done",
      detail: { bundleAbove: input.bundleAbove, bundleSeconds: input.bundleSeconds },
    });
    await publish(tx, groupsTopic);
    return input;
  });
}
