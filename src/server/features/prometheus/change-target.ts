import { Secret } from "#base/secret";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import type { ScrapeTarget, TargetInput } from "#wire/prometheus";
import { columnsOf } from "./create-target.ts";
import { targetTopic, type Prometheus } from "./prometheus.ts";
import { findTarget, presented } from "./store.ts";
import { checkTarget, demandSecret } from "./target-input.ts";

/** Changes a scrape target; it is scraped anew within seconds. @throws "forbidden", "invalid-input", "not-found" */
export function changeTarget(deps: Prometheus, actor: Actor, id: string, input: TargetInput): Promise<ScrapeTarget> {
  checkTarget(input);
  return deps.db.tx(scopeOf(actor), async (tx) => {
    const at = deps.clock.now();
    demand(actor, "scrape.change", `scrape-target:${id}`, at);
    await tx.selectFrom("prometheus_target").select("id").where("id", "=", id).forUpdate().execute();
    const before = await findTarget(tx, id);
    demandSecret(input, before);
    const after = columnsOf(input);
    const isNewSecret = input.auth !== "none" && input.secret !== undefined && input.secret !== "";
    const names = Object.keys(after) as (keyof typeof after)[]; // the very keys of the object
    const fields: string[] = names.filter((name) => before[name] !== after[name]);
    if (isNewSecret) fields.push("secret");
    if (fields.length === 0) return presented(before);
    const secret = isNewSecret ? deps.seal.seal(new Secret(input.secret ?? ""), id) : input.auth === "none" ? null : before.secret;
    await tx
      .updateTable("prometheus_target")
      .set({ ...after, secret, due_at: at, last_at: null, last_error: null, last_samples: null, last_millis: null, host_id: null })
      .where("id", "=", id)
      .execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "scrape-target.changed",
      object: `scrape-target:${id}`,
      outcome: "done",
      detail: { fields },
      texts: { url: input.url },
    });
    await publish(tx, targetTopic);
    return presented(await findTarget(tx, id));
  });
}
