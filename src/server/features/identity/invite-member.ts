import { addTime, type UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { newId } from "#base/ids";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Tx } from "#store";
import { invitationPath, type Invitation } from "#wire/identity";
import type { MemberRole } from "#wire/permissions";
import { demand } from "./demand.ts";
import { readInvitation } from "./list-invitations.ts";
import { normalEmail } from "./password-rules.ts";
import type { Identity } from "./settings.ts";
import { newToken, tokenDigest } from "./tokens.ts";

export interface InviteMember {
  readonly email: string;
  readonly role: MemberRole;
}

/**
 * Invites somebody by a link that is shown once. A new invitation to the same address takes the place of the one before.
 * @throws HinobanError "forbidden" (owners are invited by owners), or "conflict" when the address belongs to a member.
 */
export async function inviteMember(
  identity: Identity,
  actor: Actor,
  input: InviteMember,
): Promise<{ invitation: Invitation; path: string }> {
  const email = normalEmail(input.email);
  const token = newToken();
  return identity.db.tx(scopeOf(actor), async (tx) => {
    const at = identity.clock.now();
    demand(actor, "member.invite", `organisation:${actor.organisationId}`, at);
    if (input.role === "owner") demand(actor, "owner.change", `organisation:${actor.organisationId}`, at);
    await assertNoMember(tx, actor, email);
    await withdrawOthers(tx, actor, email, at);
    const id = newId();
    const made = await tx
      .insertInto("identity_invitation")
      .values({
        id,
        digest: tokenDigest(token),
        email,
        role: input.role,
        invited_by: actorId(actor),
        created_at: at,
        expires_at: addTime(at, identity.settings.invitationValid),
        accepted_at: null,
        revoked_at: null,
      })
      .onConflict((conflict) =>
        conflict.columns(["organisation_id", "email"]).where("accepted_at", "is", null).where("revoked_at", "is", null).doNothing(),
      )
      .executeTakeFirst();
    if (made.numInsertedOrUpdatedRows === 0n) throw new HinobanError("conflict", "Somebody else is inviting this address at this moment.");
    const detail = { role: input.role };
    await record(tx, { at, actor: actorId(actor), verb: "member.invited", object: `invitation:${id}`, outcome: "done", detail });
    await publish(tx, "people");
    return { invitation: await readInvitation(tx, id), path: invitationPath(token) };
  });
}

async function assertNoMember(tx: Tx, actor: Actor, email: string): Promise<void> {
  const member = await tx
    .selectFrom("identity_membership as m")
    .innerJoin("identity_person as p", "p.id", "m.person_id")
    .select("p.id")
    .where("m.organisation_id", "=", actor.organisationId)
    .where("m.removed_at", "is", null)
    .where("p.email", "=", email)
    .executeTakeFirst();
  if (member) throw new HinobanError("conflict", "This address belongs to a member already.", { member: member.id });
}

/** The new invitation takes the place of those before it. */
async function withdrawOthers(tx: Tx, actor: Actor, email: string, at: UnixMs): Promise<void> {
  const replaced = await tx
    .updateTable("identity_invitation")
    .set({ revoked_at: at })
    .where("email", "=", email)
    .where("accepted_at", "is", null)
    .where("revoked_at", "is", null)
    .returning("id")
    .execute();
  for (const { id } of replaced) {
    await record(tx, { at, actor: actorId(actor), verb: "invitation.revoked", object: `invitation:${id}`, outcome: "done", detail: {} });
  }
}
