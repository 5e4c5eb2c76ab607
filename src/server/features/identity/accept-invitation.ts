import { sql } from "kysely";
import { unixMs, type UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { record } from "#features/ledger";
import type { Origin } from "#http";
import { installationScope, publish, type Tx } from "#store";
import type { Permission } from "#wire/permissions";
import type { Language } from "#wire/shapes";
import type { Self } from "./end-sessions.ts";
import { may, type Subject } from "./model.ts";
import { namesOf } from "./names.ts";
import { checkNewPerson, createPerson, joinOrganisation, setPassword, type NewPerson } from "./people.ts";
import { openSession, type OpenedSession } from "./session.ts";
import { forgetPerson, type Identity } from "./settings.ts";
import { findInvitation, findOrganisation, findPersonByEmail, type KnownInvitation } from "./store.ts";
import { tokenDigest } from "./tokens.ts";
import { actAs } from "./within.ts";

export interface ShownInvitation {
  readonly organisation: { readonly name: string; readonly displayName: string };
  readonly email: string;
  readonly role: KnownInvitation["role"];
  readonly invitedByName?: string;
  readonly expiresAt: UnixMs;
  readonly hasAccount: boolean;
}

/** What the holder of a link is invited to. @throws HinobanError "not-found" or "gone" */
export async function showInvitation(identity: Identity, token: string): Promise<ShownInvitation> {
  const invitation = await openInvitation(identity, token);
  return identity.db.tx({ organisationId: invitation.organisationId }, async (tx) => {
    const organisation = await findOrganisation(tx);
    if (!organisation) throw notFound();
    const invitedByName = (await namesOf(tx, [invitation.invitedBy]))[invitation.invitedBy];
    return {
      organisation: { name: organisation.name, displayName: organisation.displayName },
      email: invitation.email,
      role: invitation.role,
      ...(invitedByName === undefined ? {} : { invitedByName }),
      expiresAt: invitation.expiresAt,
      hasAccount: (await findPersonByEmail(tx, invitation.email)) !== undefined,
    };
  });
}

/**
 * Makes the person who is signed in a member of the organisation that invited them.
 * @throws HinobanError "not-found", "gone", or "conflict" when they are a member or it was meant for another address.
 */
export async function acceptAsSelf(identity: Identity, token: string, self: Self): Promise<void> {
  const invitation = await openInvitation(identity, token);
  await identity.db.tx({ organisationId: invitation.organisationId, personId: self.personId }, async (tx) => {
    const now = identity.clock.now();
    // Held until the commit, so that nobody is suspended by their former organisation at the same moment.
    const active = await tx
      .selectFrom("identity_person")
      .select("email")
      .where("id", "=", self.personId)
      .where("state", "=", "active")
      .forShare()
      .executeTakeFirst();
    if (!active) throw new HinobanError("unauthenticated", "Sign in first.");
    if (active.email !== invitation.email) {
      throw new HinobanError("conflict", `This invitation is for ${invitation.email}, and you are signed in as ${active.email}.`);
    }
    await useInvitation(tx, invitation, now);
    await joinOrganisation(tx, self.personId, invitation.role, now);
  });
  forgetPerson(identity, self.personId);
}

export interface Newcomer {
  readonly name: string;
  readonly password: string;
  readonly language: Language;
  readonly timeZone: string;
}

/**
 * Adds a person for the invited address, as a member, and signs them in. Somebody who had left this organisation is the same person again.
 * @throws HinobanError "not-found", "gone", "invalid-input", or "conflict" when the address has an account.
 */
export async function acceptAsNewcomer(identity: Identity, token: string, newcomer: Newcomer, origin: Origin): Promise<OpenedSession> {
  const invitation = await openInvitation(identity, token);
  const person: NewPerson = { ...newcomer, email: invitation.email };
  checkNewPerson(person, "newPerson");
  const hash = await identity.hasher.inTurn(() => identity.hasher.hash(newcomer.password));
  return identity.db.tx({ organisationId: invitation.organisationId }, async (tx) => {
    const now = identity.clock.now();
    if (await findPersonByEmail(tx, invitation.email))
      throw new HinobanError("conflict", "This e-mail address has an account already. Sign in with it first.");
    const personId = (await readmit(tx, invitation, { person, hash }, now)) ?? (await createPerson(tx, person, hash, now));
    await useInvitation(tx, invitation, now);
    await joinOrganisation(tx, personId, invitation.role, now);
    return openSession(identity, tx, personId, { origin, method: "invitation" });
  });
}

async function readmit(
  tx: Tx,
  invitation: KnownInvitation,
  { person, hash }: { person: NewPerson; hash: string },
  now: UnixMs,
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string | null }>`select identity_readmit(${invitation.id}, ${now}) as id`.execute(tx);
  const id = rows[0]?.id;
  if (id == null) return undefined;
  await actAs(tx, id);
  await tx
    .updateTable("identity_person")
    .set({ name: person.name.trim(), language: person.language, time_zone: person.timeZone })
    .where("id", "=", id)
    .execute();
  await setPassword(tx, id, hash, now);
  await record(tx, { at: now, actor: `person:${id}`, verb: "person.returned", object: `person:${id}`, outcome: "done", detail: {} });
  return id;
}

async function openInvitation(identity: Identity, token: string): Promise<KnownInvitation> {
  const invitation = await identity.db.tx(installationScope, (tx) => findInvitation(tx, tokenDigest(token)));
  if (!invitation) throw notFound();
  if (!invitation.isOpen || identity.clock.now() >= invitation.expiresAt) throw gone();
  await identity.db.tx({ organisationId: invitation.organisationId }, (tx) => assertInviterMay(tx, invitation, identity.clock.now()));
  return invitation;
}

/** Uses the invitation up; of two who accept at once, one wins. */
async function useInvitation(tx: Tx, invitation: KnownInvitation, now: UnixMs): Promise<void> {
  const used = await tx
    .updateTable("identity_invitation")
    .set({ accepted_at: now })
    .where("id", "=", invitation.id)
    .where("accepted_at", "is", null)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", now)
    .returning("id")
    .executeTakeFirst();
  if (!used) throw gone();
  await assertInviterMay(tx, invitation, now);
  await publish(tx, "people");
}

/** An invitation is worth what its inviter may do now: whoever lost the right, or left, leaves no open door behind. */
async function assertInviterMay(tx: Tx, invitation: KnownInvitation, now: UnixMs): Promise<void> {
  const subject = invitation.invitedBy.startsWith("key:") ? await keyAsSubject(tx, invitation) : await personAsSubject(tx, invitation);
  const needed: Permission[] = invitation.role === "owner" ? ["member.invite", "owner.change"] : ["member.invite"];
  const isGood = needed.every((verb) => may(subject, verb, `invitation:${invitation.id}`, { now, isInsideNetworks: true }).allow);
  if (!isGood) throw gone();
}

async function personAsSubject(tx: Tx, invitation: KnownInvitation): Promise<Subject> {
  const inviter = await tx
    .selectFrom("identity_membership as m")
    .innerJoin("identity_person as p", "p.id", "m.person_id")
    .select(["m.role", "p.state", "m.removed_at"])
    .where("m.organisation_id", "=", invitation.organisationId)
    .where("m.person_id", "=", invitation.invitedBy.replace(/^person:/u, ""))
    .executeTakeFirst();
  return { kind: "person", state: inviter?.state ?? "left", role: inviter?.removed_at === null ? inviter.role : undefined };
}

/** A key that was revoked leaves no open door behind either. */
async function keyAsSubject(tx: Tx, { organisationId, invitedBy }: KnownInvitation): Promise<Subject> {
  const key = await tx
    .selectFrom("identity_key")
    .select(["rights", "expires_at", "revoked_at"])
    .where("organisation_id", "=", organisationId)
    .where("id", "=", invitedBy.replace(/^key:/u, ""))
    .executeTakeFirst();
  if (!key || key.revoked_at !== null) throw gone();
  return { kind: "key", rights: key.rights, expiresAt: key.expires_at === null ? undefined : unixMs(key.expires_at), networks: [] };
}

const notFound = (): HinobanError => new HinobanError("not-found", "There is no such invitation.");
const gone = (): HinobanError => new HinobanError("gone", "This invitation was used, withdrawn or is too old. Ask for a new one.");
