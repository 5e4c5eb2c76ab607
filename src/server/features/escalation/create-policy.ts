import { HinobanError, invalidInput } from "#base/errors";
import { newId } from "#base/ids";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import type { Policy, PolicyInput } from "#wire/escalation";
import { checkPolicy } from "./check-policy.ts";
import { policiesTopic, type EscalationContext } from "./context.ts";
import { findPolicy } from "./policy-store.ts";
import { presentedPolicy } from "./present.ts";

const mostPolicies = 500;

export interface CreatePolicy {
  readonly input: PolicyInput;
  readonly isConfirmed: boolean;
}

/** Creates a policy; it holds for nothing until it is bound. @throws "forbidden", "invalid-input", "conflict" for a name that is taken */
export function createPolicy(deps: EscalationContext, actor: Actor, { input, isConfirmed }: CreatePolicy): Promise<Policy> {
  return deps.db.tx(scopeOf(actor), async (tx) => {
    const at = deps.clock.now();
    demand(actor, "policy.change", `organisation:${actor.organisationId}`, at);
    const { total } = await tx
      .selectFrom("escalation_policy")
      .select((count) => count.fn.countAll<number>().as("total"))
      .where("deleted_at", "is", null)
      .executeTakeFirstOrThrow();
    if (total >= mostPolicies) throw new HinobanError("conflict", `An organisation has at most ${mostPolicies} escalation policies.`);
    await checkPolicy(deps, tx, { id: undefined, input, isConfirmed }, at);
    const id = newId();
    const name = input.name.trim();
    const made = await tx
      .insertInto("escalation_policy")
      .values({ id, name, document: documentOf(input), created_at: at, changed_at: at, deleted_at: null })
      .onConflict((on) => on.columns(["organisation_id", "name"]).where("deleted_at", "is", null).doNothing())
      .returning("id")
      .executeTakeFirst();
    if (!made) throw nameTaken(name);
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "escalation-policy.created",
      object: `escalation-policy:${id}`,
      outcome: "done",
      detail: {},
      texts: { name },
    });
    await publish(tx, policiesTopic);
    return presentedPolicy(tx, deps.duty, await findPolicy(tx, id), at);
  });
}

export const nameTaken = (name: string): HinobanError =>
  invalidInput([{ field: "name", problem: `there already is an escalation policy called ${name}` }]);

/** Only what the shape names, in one order, so that two texts of the same policy are equal. */
export function documentOf(input: PolicyInput): string {
  const { name, memo, rounds, pauseSeconds, minOpenSeconds, ackTimeoutSeconds, calendarId, cannot, slope, steps, exhausted } = input;
  return JSON.stringify({
    name: name.trim(),
    memo,
    rounds,
    pauseSeconds,
    minOpenSeconds,
    ackTimeoutSeconds,
    ...(calendarId === undefined ? {} : { calendarId }),
    ...(cannot === undefined ? {} : { cannot }),
    slope,
    steps,
    exhausted,
  });
}
