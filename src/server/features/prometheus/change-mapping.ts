import { HinobanError, invalidInput, type FieldProblem } from "#base/errors";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Deps } from "#store";
import type { Mapping, MappingRule } from "#wire/prometheus";
import { mappingTopic } from "./prometheus.ts";

/**
 * Replaces how an organisation's series become metrics.
 * @throws "forbidden", "invalid-input", "conflict" when the mapping has changed since the given revision
 */
export function changeMapping(deps: Deps, actor: Actor, input: Mapping): Promise<Mapping> {
  checkRules(input.rules);
  return deps.db.tx(scopeOf(actor), async (tx) => {
    const at = deps.clock.now();
    demand(actor, "mapping.change", `organisation:${actor.organisationId}`, at);
    const revision = input.revision + 1;
    const row = { revision, settings: JSON.stringify(input.settings), rules: JSON.stringify(input.rules) };
    const written =
      input.revision === 0
        ? await tx
            .insertInto("prometheus_mapping")
            .values(row)
            .onConflict((on) => on.doNothing())
            .returning("revision")
            .executeTakeFirst()
        : await tx
            .updateTable("prometheus_mapping")
            .set(row)
            .where("revision", "=", input.revision)
            .returning("revision")
            .executeTakeFirst();
    if (!written) throw new HinobanError("conflict", "Somebody else changed the mapping meanwhile. Reload it and try again.");
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "prometheus-mapping.changed",
      object: `organisation:${actor.organisationId}`,
      outcome: "done",
      detail: { revision, rules: input.rules.length },
    });
    await publish(tx, mappingTopic);
    return { ...input, revision };
  });
}

/** What the shapes alone cannot say. @throws "invalid-input" */
export function checkRules(rules: readonly MappingRule[]): void {
  const problems: FieldProblem[] = rules.flatMap((rule, index) => {
    const field = `rules.${index}`;
    if (rule.action === "service" && rule.service === undefined) return [{ field: `${field}.service`, problem: "name the service" }];
    if (rule.action === "host" && rule.name !== undefined && !rule.name.startsWith("custom.")) {
      return [{ field: `${field}.name`, problem: "the name of a host's metric must begin with custom." }];
    }
    return [];
  });
  if (problems.length > 0) throw invalidInput(problems);
}
