import { createHmac, timingSafeEqual } from "node:crypto";
import type { Secret } from "#base/secret";
import type { Db } from "#store";
import type { LineKind } from "#wire/line-settings";

/** Kinds of lines whose provider is asked by HTTP. */
export type CarrierKind = Exclude<LineKind, "sip">;

/** Where each provider asks and tells about calls. */
export const voicePaths: Readonly<Record<CarrierKind, string>> = {
  twilio: "/hooks/twilio/voice",
  vonage: "/hooks/vonage/voice",
  http: "/hooks/calls",
};

/** Where each tells what became of a short message. */
export const smsPaths = { twilio: "/hooks/twilio/sms", http: "/hooks/sms" } as const;

const idText = /^[A-Za-z0-9]{1,64}$/u;

/**
 * A text for an address that names things and shows that we wrote it, so that whose signature is asked for is never up to who asks.
 * @param parts ids, letters and digits alone
 */
export function signedName(serverKey: Secret, purpose: "call" | "sms", parts: readonly string[]): string {
  return `${parts.join(".")}.${proofOf(serverKey, purpose, parts)}`;
}

/** The parts of a {@link signedName}; undefined for whatever we did not write. */
export function readSignedName(serverKey: Secret, purpose: "call" | "sms", text: string, count: number): readonly string[] | undefined {
  const parts = text.split(".");
  const proof = parts.pop() ?? "";
  if (parts.length !== count || !parts.every((part) => idText.test(part))) return undefined;
  const [given, right] = [Buffer.from(proof), Buffer.from(proofOf(serverKey, purpose, parts))];
  return given.length === right.length && timingSafeEqual(given, right) ? parts : undefined;
}

const proofOf = (serverKey: Secret, purpose: string, parts: readonly string[]): string =>
  createHmac("sha256", serverKey.reveal())
    .update(`hook address\0${purpose}\0${parts.join("\0")}`, "utf8")
    .digest("base64url")
    .slice(0, 22);

interface AddressDeps {
  readonly db: Db;
  readonly serverKey: Secret;
  /** Under which providers reach this server, without a slash at its end; empty while nobody set it. */
  readonly publicUrl: string;
}

/** What a line of a provider is opened with: the addresses of its calls, and what the provider's own requests told about them. */
export function addressesOf(
  { db, serverKey, publicUrl }: AddressDeps,
  line: { readonly id: string; readonly organisationId: string; readonly kind: CarrierKind },
) {
  const { id, organisationId, kind } = line;
  return {
    urlOf: (ref: string): string | undefined =>
      publicUrl === "" ? undefined : `${publicUrl}${voicePaths[kind]}/${signedName(serverKey, "call", [organisationId, id, ref])}`,
    idOf: (ref: string): Promise<string | undefined> =>
      db.tx({ organisationId }, async (tx) => {
        const row = await tx.selectFrom("carriers_call").select("provider_id").where("call_id", "=", ref).executeTakeFirst();
        return row?.provider_id;
      }),
  };
}
