import { createHash, createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { days, unixMs, type UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { Secret } from "#base/secret";
import type { Tx } from "#store";
import type { IncidentAction } from "#wire/alerting";
import type { Recipient } from "#features/notify";

/** What a link or button outside the console proves. */
export interface ActToken {
  readonly organisationId: string;
  readonly incidentId: string;
  readonly action: IncidentAction;
  /** To whom it was sent: what a person's link does, that person does. A channel's says only which channel was asked. */
  readonly to: { readonly kind: "person"; readonly id: string } | { readonly kind: "channel"; readonly id: string };
  readonly deliveryId: string;
  readonly expiresAt: UnixMs;
}

/** How long links and buttons work: long enough for one that is found after a week off. */
export const tokensLastFor = days(7);

const actions: readonly IncidentAction[] = ["take", "cannot", "resolve"];
const longest = 512;

/**
 * Makes and reads act tokens: `<facts>.<HMAC-SHA256>`, both base64url, under a key of their own that is derived from the server key
 * (HKDF-SHA-256, RFC 5869). About 150 characters, so that links stay on one line of a mail.
 */
export class ActTokens {
  readonly #key: Buffer;

  constructor(serverKey: Secret) {
    this.#key = Buffer.from(hkdfSync("sha256", serverKey.reveal(), "", "hinoban incident act tokens", 32));
  }

  mint({ organisationId, incidentId, action, to, deliveryId, expiresAt }: ActToken): string {
    const facts = [
      organisationId,
      incidentId,
      actions.indexOf(action),
      to.kind === "person" ? "p" : "c",
      to.id,
      deliveryId,
      Math.floor(expiresAt / 1000),
    ];
    const text = Buffer.from(facts.join(" "), "utf8").toString("base64url");
    return `${text}.${this.#sign(text).toString("base64url")}`;
  }

  /**
   * @throws "wrong-credentials" for anything that this server did not make, "gone" for one that has expired
   */
  read(token: string, at: UnixMs): ActToken {
    const [text = "", signature = ""] = token.length > longest ? [] : token.split(".");
    const given = Buffer.from(signature, "base64url");
    const right = this.#sign(text);
    // Compared in constant time, and only in the one spelling that was given out.
    if (given.length !== right.length || !timingSafeEqual(given, right) || token !== `${text}.${right.toString("base64url")}`)
      throw forged();
    const parsed = parse(Buffer.from(text, "base64url").toString("utf8"));
    if (at >= parsed.expiresAt)
      throw new HinobanError("gone", "This link has expired. Open the incident instead.", {
        organisationId: parsed.organisationId,
        incidentId: parsed.incidentId,
      });
    return parsed;
  }

  /** Whether the token has its effect now: the first time it is used. A second use finds what the first one did. */
  async use(tx: Tx, token: string, { expiresAt }: ActToken): Promise<boolean> {
    return recordUse(tx, createHash("sha256").update(token, "utf8").digest(), expiresAt);
  }

  /** Lets a token have its effect after all: what it was used for did not happen. */
  async giveBack(tx: Tx, token: string): Promise<void> {
    await forgetUse(tx, createHash("sha256").update(token, "utf8").digest());
  }

  /** Whether the token had its effect. */
  async isUsed(tx: Tx, token: string): Promise<boolean> {
    const digest = createHash("sha256").update(token, "utf8").digest();
    const row = await tx.selectFrom("incidents_used_token").select("expires_at").where("digest", "=", digest).executeTakeFirst();
    return row !== undefined;
  }

  #sign(text: string): Buffer {
    return createHmac("sha256", this.#key).update(text, "utf8").digest();
  }
}

const forged = (): HinobanError =>
  new HinobanError("wrong-credentials", "This link was not made by this server, or it was changed on the way.");

function parse(text: string): ActToken {
  const [organisationId = "", incidentId = "", action = "", kind = "", id = "", deliveryId = "", seconds = ""] = text.split(" ");
  const known = actions[Number(action)];
  if (known === undefined) throw forged();
  return {
    organisationId,
    incidentId,
    action: known,
    to: { kind: kind === "p" ? "person" : "channel", id },
    deliveryId,
    expiresAt: unixMs(Number(seconds) * 1000),
  };
}

/** To whom a token for this recipient is bound. */
export const tokenHolder = (recipient: Recipient): ActToken["to"] =>
  recipient.kind === "person" ? { kind: "person", id: recipient.personId } : { kind: "channel", id: recipient.channelId };

/** What was not done leaves nothing to record. */
async function forgetUse(tx: Tx, digest: Buffer): Promise<void> {
  await tx.deleteFrom("incidents_used_token").where("digest", "=", digest).execute();
}

/**
 * The effect that it has is recorded by the act that it is used for. Uses of tokens that had expired before this one was made are forgotten:
 * those are refused without looking here.
 */
async function recordUse(tx: Tx, digest: Buffer, expiresAt: UnixMs): Promise<boolean> {
  await tx
    .deleteFrom("incidents_used_token")
    .where("expires_at", "<", expiresAt - tokensLastFor)
    .execute();
  const used = await tx
    .insertInto("incidents_used_token")
    .values({ digest, expires_at: expiresAt })
    .onConflict((on) => on.doNothing())
    .returning("expires_at")
    .executeTakeFirst();
  return used !== undefined;
}
