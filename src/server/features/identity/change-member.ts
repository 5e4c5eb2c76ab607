import { sql } from "kysely";
import type { UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Tx } from "#store";
import type { Member } from "#wire/identity";
import type { MemberRole } from "#wire/permissions";
import { demand } from "./demand.ts";
import { readMember } from "./list-members.ts";
import { guardOwner, holdMember } from "./owners.ts";
import { forgetPerson, type Identity } from "./settings.ts";

export interface ChangeMember {
  readonly personId: string;
  readonly role?: MemberRole | undefined;
  /** Only for people who belong to no other organisation. */
  readonly state?: "active" | "suspended" | undefined;
}

/**
 * Changes a member's role, suspends somebody (their sessions end at once) or lets them back in.
 * @throws HinobanError "forbidden", "not-found", or "conflict" for the last owner and for people whom another organisation shares.
 */
export async function changeMember(identity: Identity, actor: Actor, input: ChangeMember): Promise<Member> {
  const { personId } = input;
  const changed = await identity.db.tx(scopeOf(actor), async (tx) => {
    const now = identity.clock.now();
    demand(actor, "member.change", `person:${personId}`, now);
    const role = await holdMember(tx, personId);
    if (input.role !== undefined && input.role !== role) await changeRole(tx, actor, { personId, from: role, to: input.role }, now);
    if (input.state !== undefined) await changeState(tx, actor, { personId, role: input.role ?? role, state: input.state }, now);
    return readMember(tx, personId, now);
  });
  forgetPerson(identity, personId);
  if (!changed) throw new HinobanError("not-found", "There is no such member.");
  return changed;
}

async function changeRole(
  tx: Tx,
  actor: Actor,
  { personId, from, to }: { personId: string; from: MemberRole; to: MemberRole },
  now: UnixMs,
): Promise<void> {
  if (to === "owner") demand(actor, "owner.change", `person:${personId}`, now);
  if (from === "owner") await guardOwner(tx, actor, personId, now);
  await tx
    .updateTable("identity_membership")
    .set({ role: to })
    .where("organisation_id", "=", actor.organisationId)
    .where("person_id", "=", personId)
    .execute();
  await record(tx, {
    at: now,
    actor: actorId(actor),
    verb: "member.role-changed",
    object: `person:${personId}`,
    outcome: "done",
    detail: { from, to },
  });
  await publish(tx, "people");
}

async function changeState(
  tx: Tx,
  actor: Actor,
  { personId, role, state }: { personId: string; role: MemberRole; state: "active" | "suspended" },
  now: UnixMs,
): Promise<void> {
  const before = await readMember(tx, personId, now);
  if (!before || before.state === state) return;
  if (role === "owner")
    await (state === "suspended" ? guardOwner(tx, actor, personId, now) : demand(actor, "owner.change", `person:${personId}`, now));
  const { rows } = await sql<{ changed: boolean }>`select identity_set_state(${personId}, ${state}) as changed`.execute(tx);
  if (rows[0]?.changed !== true) {
    throw new HinobanError("conflict", "This person belongs to another organisation as well. Remove them from this one instead.");
  }
  const verb = state === "suspended" ? "person.suspended" : "person.reinstated";
  await record(tx, { at: now, actor: actorId(actor), verb, object: `person:${personId}`, outcome: "done", detail: {} });
  await publish(tx, "people");
}
