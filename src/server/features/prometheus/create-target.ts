import { Secret } from "#base/secret";
import { HinobanError } from "#base/errors";
import { newId } from "#base/ids";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import type { ScrapeTarget, TargetInput } from "#wire/prometheus";
import { targetTopic, type Prometheus } from "./prometheus.ts";
import { countTargets, findTarget, presented } from "./store.ts";
import { checkTarget, demandSecret } from "./target-input.ts";

const mostTargets = 5000;

/** Adds a scrape target; it is scraped within seconds. @throws "forbidden", "invalid-input", "conflict" when there are too many */
export function createTarget(deps: Prometheus, actor: Actor, input: TargetInput): Promise<ScrapeTarget> {
  checkTarget(input);
  demandSecret(input, undefined);
  return deps.db.tx(scopeOf(actor), async (tx) => {
    const at = deps.clock.now();
    demand(actor, "scrape.change", `organisation:${actor.organisationId}`, at);
    if ((await countTargets(tx)).total >= mostTargets) {
      throw new HinobanError("conflict", `An organisation has at most ${mostTargets} scrape targets.`);
    }
    const id = newId();
    await tx
      .insertInto("prometheus_target")
      .values({
        id,
        ...columnsOf(input),
        secret: input.auth === "none" || !input.secret ? null : deps.seal.seal(new Secret(input.secret), id),
        created_at: at,
        due_at: at,
        leased_until: 0,
      })
      .execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "scrape-target.created",
      object: `scrape-target:${id}`,
      outcome: "done",
      detail: {},
      texts: { url: input.url },
    });
    await publish(tx, targetTopic);
    return presented(await findTarget(tx, id));
  });
}

/** The columns that somebody types. */
export const columnsOf = (input: TargetInput) =>
  ({
    url: input.url,
    is_enabled: input.isEnabled,
    interval_seconds: input.intervalSeconds,
    timeout_seconds: input.timeoutSeconds,
    host_name: input.hostName.trim(),
    auth: input.auth,
    user_name: input.auth === "basic" ? input.userName : "",
    verifies_tls: input.verifiesTls,
    labels: JSON.stringify(input.labels),
  }) as const;
