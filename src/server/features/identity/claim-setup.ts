import { HinobanError, invalidInput } from "#base/errors";
import { record } from "#features/ledger";
import type { Origin } from "#http";
import { installationScope, publish, type Tx } from "#store";
import { checkNewPerson, createPerson, joinOrganisation, type NewPerson } from "./people.ts";
import { openSession, type OpenedSession } from "./session.ts";
import { forgetEverything, type Identity } from "./settings.ts";
import { isSameDigest, tokenDigest } from "./tokens.ts";
import { within } from "./within.ts";

export interface ClaimSetup {
  readonly token: string;
  readonly organisation: { readonly name: string; readonly displayName: string };
  readonly person: NewPerson;
}

/**
 * Sets the installation up: names its first organisation, creates its first person as owner and signs them in, all in one transaction.
 * Of two who hold the link and press at the same moment, one wins.
 * @throws HinobanError "gone" when it was set up already, "invalid-input" for a wrong token or field.
 */
export async function claimSetup(identity: Identity, input: ClaimSetup, origin: Origin): Promise<OpenedSession> {
  checkNewPerson(input.person, "person");
  const digest = tokenDigest(input.token);
  await identity.db.tx(installationScope, async (tx) => assertClaimable(tx, digest)); // before a hash is computed for anybody
  const hash = await identity.hasher.inTurn(() => identity.hasher.hash(input.person.password));
  const opened = await identity.db.tx(installationScope, (tx) => claim(identity, tx, { input, digest, hash, origin }));
  forgetEverything(identity);
  return opened;
}

async function assertClaimable(tx: Tx, digest: Buffer): Promise<void> {
  const setup = await tx.selectFrom("identity_setup").select(["digest", "claimed_at"]).executeTakeFirst();
  if (setup && setup.claimed_at !== null) throw new HinobanError("gone", "Hinoban was set up already. Sign in instead.");
  if (!setup?.digest || !isSameDigest(setup.digest, digest)) {
    throw invalidInput([
      { field: "token", problem: "This set-up link is not valid any more. The server prints a new one each time it starts." },
    ]);
  }
}

async function claim(
  identity: Identity,
  tx: Tx,
  { input, digest, hash, origin }: { readonly input: ClaimSetup; readonly digest: Buffer; readonly hash: string; readonly origin: Origin },
): Promise<OpenedSession> {
  const now = identity.clock.now();
  const won = await tx
    .updateTable("identity_setup")
    .set({ claimed_at: now, digest: null })
    .where("claimed_at", "is", null)
    .where("digest", "=", digest)
    .returning("first_organisation")
    .executeTakeFirst();
  if (!won) {
    await assertClaimable(tx, digest);
    throw new HinobanError("conflict", "Hinoban is being set up by somebody else.");
  }
  const organisationId = won.first_organisation;
  const { name, displayName } = input.organisation;
  const opened = await within(tx, organisationId, async () => {
    await tx
      .updateTable("identity_organisation")
      .set({ name, display_name: displayName.trim(), time_zone: input.person.timeZone })
      .where("id", "=", organisationId)
      .execute();
    const personId = await createPerson(tx, input.person, hash, now);
    const actor = `person:${personId}`;
    await joinOrganisation(tx, personId, "owner", now);
    const fields = ["name", "displayName", "timeZone"];
    await record(tx, {
      at: now,
      actor,
      verb: "organisation.changed",
      object: `organisation:${organisationId}`,
      outcome: "done",
      detail: { fields },
    });
    await publish(tx, "settings");
    return openSession(identity, tx, personId, { origin, method: "set-up" });
  });
  await record(tx, {
    at: now,
    actor: `person:${opened.signedIn.person.id}`,
    verb: "installation.claimed",
    object: `organisation:${organisationId}`,
    outcome: "done",
    detail: {},
  });
  return opened;
}
