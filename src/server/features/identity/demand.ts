import type { UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { Actor } from "#http";
import { permissions, type Permission } from "#wire/permissions";
import { may, type Missing, type Subject } from "./model.ts";
import { isInside } from "./networks.ts";

/**
 * Lets the act go on, or refuses it. Call it first in every verb, inside the verb's transaction.
 * @param object the ledger's id of what is acted upon, such as `host:9rxGOHfVF8F`.
 * @throws HinobanError "forbidden" with `permission`, `object`, `rule` and what is `missing`; the wrapper around the verb records it.
 */
export function demand(actor: Actor, permission: Permission, object: string, now: UnixMs): void {
  const decision = may(subjectOf(actor), permission, object, {
    now,
    isInsideNetworks: actor.kind !== "key" || isInside(actor.address, actor.networks),
    isShutOut: actor.kind !== "system" && !isInside(actor.address, actor.organisationNetworks ?? []),
  });
  if (decision.allow) return;
  const address = actor.kind === "system" ? "" : actor.address;
  const sentence = decision.missing.map((missing) => explanations[missing](permission, address)).join(" ");
  throw new HinobanError("forbidden", sentence, { permission, object, rule: decision.rule, missing: decision.missing });
}

/** Whether the actor may, for answers that show more to some: nothing is refused and nothing recorded. */
export function isAllowed(actor: Actor, permission: Permission, now: UnixMs): boolean {
  try {
    demand(actor, permission, `organisation:${actor.organisationId}`, now);
    return true;
  } catch (error) {
    if (error instanceof HinobanError && error.code === "forbidden") return false;
    throw error;
  }
}

function subjectOf(actor: Actor): Subject {
  switch (actor.kind) {
    case "person":
      return { kind: "person", state: actor.state, role: actor.role };
    case "key":
      return { kind: "key", rights: actor.rights, expiresAt: actor.expiresAt, networks: actor.networks };
    case "system":
      return { kind: "system" };
  }
}

const explanations: Record<Missing, (permission: Permission, address: string) => string> = {
  active: () => "This account is suspended.",
  membership: () => "You are not a member of this organisation.",
  role: (permission) => `This takes the role ${permissions[permission].role} or higher.`,
  "key-right": (permission) =>
    permissions[permission].key === "none"
      ? "No API key may do this; sign in instead."
      : `This takes an API key with the right ${permissions[permission].key}.`,
  unexpired: () => "The API key has expired.",
  network: () => "The API key may not be used from this address.",
  "organisation-network": (_permission, address) => `The organisation may not be used from this address, ${address}.`,
  rule: () => "A rule of the organisation forbids it.",
};
