import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Deps, repeated } from "#store";
import type { GroupingSettings } from "#wire/alerts";
import { readGrouping } from "./settings.ts";

/** Changes how alerts become incidents, from now on; incidents that stand stay as they are. @throws "forbidden" */
export function changeGrouping(deps: Deps, actor: Actor, change: Partial<GroupingSettings>): Promise<GroupingSettings> {
  return repeated(deps.db).tx(scopeOf(actor), async (tx) => {
    const at = deps.clock.now();
    demand(actor, "alerting.change", `organisation:${actor.organisationId}`, at);
    const before = await readGrouping(tx);
    const next: GroupingSettings = { ...before, ...change };
    const keys = Object.keys(next) as (keyof GroupingSettings)[]; // of an object with exactly these keys
    const fields = keys.filter((key) => next[key] !== before[key]);
    if (fields.length === 0) return before;
    const settings = JSON.stringify(next);
    await tx
      .insertInto("incidents_settings")
      .values({ settings })
      .onConflict((on) => on.column("organisation_id").doUpdateSet({ settings }))
      .execute();
    const object = `organisation:${actor.organisationId}`;
    await record(tx, { at, actor: actorId(actor), verb: "alerting.grouping-changed", object, outcome: "done", detail: { fields } });
    await publish(tx, "alerting");
    return next;
  });
}
