import type { UnixMs } from "#base/duration";
import type { Scope } from "#store";
import type { KeyRights, MemberRole } from "#wire/permissions";
import type { Language } from "#wire/shapes";

/** Somebody or something that was recognised, before it is known for which organisation it acts. */
export type Principal =
  | {
      readonly kind: "person";
      readonly personId: string;
      readonly sessionId: string;
      readonly csrf: string;
      readonly state: "active" | "suspended" | "left";
      readonly language: Language;
    }
  | {
      readonly kind: "key";
      readonly keyId: string;
      readonly organisationId: string;
      readonly organisationName: string;
      readonly rights: KeyRights;
      readonly expiresAt: UnixMs | undefined;
      readonly networks: readonly string[];
      readonly organisationNetworks: readonly string[];
    };

/** Who acts, in which organisation, from where. A union, never a string, so that no act forgets who did it. */
export type Actor =
  | {
      readonly kind: "person";
      readonly personId: string;
      readonly sessionId: string;
      readonly organisationId: string;
      readonly state: "active" | "suspended" | "left";
      readonly role: MemberRole | undefined;
      /** Networks from which the organisation lets people in; none or absent: from anywhere. */
      readonly organisationNetworks?: readonly string[];
      readonly address: string;
    }
  | {
      readonly kind: "key";
      readonly keyId: string;
      readonly organisationId: string;
      readonly rights: KeyRights;
      readonly expiresAt: UnixMs | undefined;
      readonly networks: readonly string[];
      /** The same for keys, besides the key's own. */
      readonly organisationNetworks?: readonly string[];
      readonly address: string;
    }
  | { readonly kind: "system"; readonly organisationId: string; readonly name: string };

/** The actor as the ledger names it. */
export function actorId(actor: Actor): string {
  switch (actor.kind) {
    case "person":
      return `person:${actor.personId}`;
    case "key":
      return `key:${actor.keyId}`;
    case "system":
      return `system:${actor.name}`;
  }
}

/** The rows that the actor's transactions may see. */
export const scopeOf = (actor: Actor): Scope => ({
  organisationId: actor.organisationId,
  ...(actor.kind === "person" ? { personId: actor.personId } : {}),
});
