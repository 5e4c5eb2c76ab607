import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Deps } from "#store";
import type { OtlpMapping } from "#wire/otlp";
import { mappingTopic } from "./otlp.ts";
import { readOtlpMapping } from "./store.ts";

/** Changes how an organisation keeps what OpenTelemetry sends. @throws "forbidden" */
export function changeOtlpMapping(deps: Deps, actor: Actor, input: OtlpMapping): Promise<OtlpMapping> {
  return deps.db.tx(scopeOf(actor), async (tx) => {
    const at = deps.clock.now();
    demand(actor, "mapping.change", `organisation:${actor.organisationId}`, at);
    const before = await readOtlpMapping(tx);
    const names = Object.keys(input) as (keyof OtlpMapping)[]; // the very keys of the object
    const fields = names.filter((name) => before[name] !== input[name]);
    if (fields.length === 0) return before;
    const mapping = JSON.stringify(input);
    await tx
      .insertInto("otlp_mapping")
      .values({ mapping })
      .onConflict((on) => on.column("organisation_id").doUpdateSet({ mapping }))
      .execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "otlp-mapping.changed",
      object: `organisation:${actor.organisationId}`,
      outcome: "done",
      detail: { fields },
    });
    await publish(tx, mappingTopic);
    return input;
  });
}
