import { createHmac, timingSafeEqual } from "node:crypto";
import { seconds, type Millis } from "#base/duration";
import type { Secret } from "#base/secret";
import type { Tx } from "#store";

/** How somebody wants to be called, as calls need to know it. */
export interface CallPreferences {
  /** Absent: the language of the profile. */
  readonly language: "en" | "ja" | undefined;
  /** Absent: what the policy says. */
  readonly ringFor: Millis | undefined;
  /** Each call names another digit to take with. */
  readonly hasRandomDigit: boolean;
  /** Asked before anything is told. */
  readonly pin: CallPin | undefined;
}

export interface CallPin {
  /** How many digits are collected. */
  readonly length: number;
  readonly isRight: (typed: string) => boolean;
}

/** What is stored of a PIN: useless without the server key, and for another person. */
export const pinDigest = (serverKey: Secret, organisationId: string, personId: string, pin: string): Buffer =>
  createHmac("sha256", serverKey.reveal()).update(`call-pin\0${organisationId}\0${personId}\0${pin}`).digest();

/** How a person wants to be called. @param scope whose person, and the key under which PINs are kept */
export async function preferencesOf(
  tx: Tx,
  personId: string,
  { organisationId, serverKey }: { readonly organisationId: string; readonly serverKey: Secret },
): Promise<CallPreferences> {
  const row = await tx.selectFrom("calls_person").selectAll().where("person_id", "=", personId).executeTakeFirst();
  if (!row) return asEverybody;
  const { pin_digest: digest, pin_length: length } = row;
  const isRight = (typed: string): boolean =>
    digest !== null && timingSafeEqual(pinDigest(serverKey, organisationId, personId, typed), digest);
  return {
    language: row.language ?? undefined,
    ringFor: row.ring_seconds === null ? undefined : seconds(row.ring_seconds),
    hasRandomDigit: row.has_random_digit,
    pin: length === null ? undefined : { length, isRight },
  };
}

const asEverybody: CallPreferences = { language: undefined, ringFor: undefined, hasRandomDigit: false, pin: undefined };
