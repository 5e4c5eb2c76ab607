import { memberRoles, permissions, type KeyRights, type MemberRole, type Permission } from "#wire/permissions";
import type { UnixMs } from "#base/duration";

/** Who asks. Everything that the decision needs to know is in here or in the context: no I/O. */
export type Subject =
  | { readonly kind: "person"; readonly state: PersonState; readonly role: MemberRole | undefined }
  | { readonly kind: "key"; readonly rights: KeyRights; readonly expiresAt: UnixMs | undefined; readonly networks: readonly string[] }
  | { readonly kind: "system" };

export type PersonState = "active" | "suspended" | "left";

export interface Context {
  readonly now: UnixMs;
  /** Whether the caller's address lies in one of the key's networks; true for people. */
  readonly isInsideNetworks: boolean;
  /** Whether the organisation lets nobody in from the caller's address. */
  readonly isShutOut?: boolean;
}

/** A rule of the organisation's own; a deny wins over every allow. */
export interface Rule {
  readonly id: string;
  readonly effect: "allow" | "deny";
  readonly role: MemberRole | "*";
  readonly verb: Permission | "*";
  /** Prefix of object ids, `*` for all. */
  readonly scope: string;
}

/** What a refusal lacks, so that the caller can be told how to get there. */
export type Missing = "active" | "membership" | "role" | "key-right" | "unexpired" | "network" | "organisation-network" | "rule";

export type Decision =
  | { readonly allow: true; readonly rule: string }
  | { readonly allow: false; readonly rule: string; readonly missing: readonly Missing[] };

/**
 * The one decision about permission, for the console, the API, the command line and later the doors: pure, deny wins, deny by default.
 * Order: who is it and is that still valid → any deny → any allow → refuse and name what is missing.
 */
export function may(subject: Subject, verb: Permission, object: string, context: Context, rules: readonly Rule[] = []): Decision {
  if (subject.kind === "system") return { allow: true, rule: "system" };
  if (context.isShutOut === true) return refuse("organisation", "organisation-network");
  if (subject.kind === "key") return keyMay(subject, verb, context);
  if (subject.state !== "active") return refuse("person", "active");
  const role = subject.role;
  if (role === undefined) return refuse("membership", "membership");
  const own = rules.filter((r) => covers(r, role, verb, object));
  const deny = own.find((r) => r.effect === "deny");
  if (deny) return refuse(deny.id, "rule");
  if (atLeast(role, permissions[verb].role)) return { allow: true, rule: `role:${role}` };
  const allow = own.find((r) => r.effect === "allow");
  return allow ? { allow: true, rule: allow.id } : refuse(`role:${role}`, "role");
}

function keyMay(key: Extract<Subject, { kind: "key" }>, verb: Permission, context: Context): Decision {
  if (key.expiresAt !== undefined && context.now >= key.expiresAt) return refuse("key", "unexpired");
  if (!context.isInsideNetworks) return refuse("key", "network");
  return hasRight(key.rights, permissions[verb].key)
    ? { allow: true, rule: `key:${key.rights}` }
    : refuse(`key:${key.rights}`, "key-right");
}

const hasRight = (rights: KeyRights, needed: KeyRights | "none"): boolean =>
  needed !== "none" && (rights === needed || rights === "administer" || (rights === "read-write" && needed !== "administer"));

const covers = (r: Rule, role: MemberRole, verb: Permission, object: string): boolean =>
  (r.role === "*" || r.role === role) && (r.verb === "*" || r.verb === verb) && (r.scope === "*" || object.startsWith(r.scope));

const refuse = (rule: string, ...missing: Missing[]): Decision => ({ allow: false, rule, missing });

/** Whether `role` includes what `least` may do. */
export const atLeast = (role: MemberRole, least: MemberRole): boolean => memberRoles.indexOf(role) >= memberRoles.indexOf(least);
