import { days, hours, millis, minutes, type Millis } from "#base/duration";
import type { Secret } from "#base/secret";
import type { Change, Deps } from "#store";
import { Hasher } from "./hasher.ts";
import { Recent } from "./recent.ts";
import type { KnownKey, KnownMembership, KnownSession } from "./store.ts";

export interface IdentitySettings {
  /** Keys the digests of API keys: a stolen table alone proves nothing. From a file outside the database. */
  readonly serverKey: Secret;
  /** A session that was not used for this long has ended. */
  readonly sessionIdle: Millis;
  /** A session ends after this long, used or not. */
  readonly sessionAbsolute: Millis;
  /** Wrong passwords in a row before the account is locked; PCI DSS 8.3.4 allows at most 10. */
  readonly wrongPasswords: number;
  /** Wrong passwords from one address before the address is locked out: more than a person's, since an office may share one. */
  readonly wrongPasswordsPerAddress: number;
  /** How long a lock lasts; PCI DSS 8.3.4 wants at least 30 minutes. */
  readonly lockFor: Millis;
  /** A refused sign-in is answered this long after it came, so that the time of writing it down does not tell whether the name exists. */
  readonly refusalTakes: Millis;
  /** How long an invitation can be accepted. */
  readonly invitationValid: Millis;
}

export const identityDefaults: Omit<IdentitySettings, "serverKey"> = {
  sessionIdle: hours(2),
  sessionAbsolute: hours(12),
  wrongPasswords: 10,
  wrongPasswordsPerAddress: 50,
  lockFor: minutes(30),
  refusalTakes: millis(300),
  invitationValid: days(7),
};

/** What every act on people is handed: the database and clock, the settings, and what this process remembers for a few seconds. */
export interface Identity extends Deps {
  readonly settings: IdentitySettings;
  readonly hasher: Hasher;
  readonly recent: RecentlyKnown;
}

/** Answers that were just looked up, so that each of an agent's posts costs no query. Every act that ends a right drops what it touches. */
export interface RecentlyKnown {
  /** By the hex of the token's hash. */
  readonly sessions: Recent<KnownSession>;
  /** By key id. */
  readonly keys: Recent<KnownKey>;
  /** By person id and organisation name. */
  readonly memberships: Recent<KnownMembership>;
}

const mostRemembered = 20_000;

/** The identity feature over one database; a process has one. */
export function openIdentity(deps: Deps, settings: Pick<IdentitySettings, "serverKey"> & Partial<IdentitySettings>): Identity {
  const recent = <T>(): Recent<T> => new Recent<T>(deps.clock, mostRemembered);
  return {
    ...deps,
    settings: { ...identityDefaults, ...settings },
    hasher: new Hasher(),
    recent: { sessions: recent(), keys: recent(), memberships: recent() },
  };
}

/** Drops everything that is remembered of a person: their sessions and what they may do where. */
export function forgetPerson({ recent }: Identity, personId: string): void {
  recent.sessions.drop((session) => session.personId === personId);
  recent.memberships.drop((membership) => membership.personId === personId);
}

const ownTopics = new Set(["people", "keys", "settings"]);

/** Another process announced a change, or undefined: some announcement may have been missed. Looks again where it matters. */
export function onChange(identity: Identity, change: Change | undefined): void {
  if (!change || ownTopics.has(change.topic)) forgetEverything(identity);
}

/** Drops everything that is remembered. */
export function forgetEverything({ recent }: Identity): void {
  recent.sessions.clear();
  recent.keys.clear();
  recent.memberships.clear();
}
