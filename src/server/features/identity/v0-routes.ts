import { Value } from "typebox/value";
import { toSeconds, unixMs } from "#base/duration";
import { HinobanError, invalidInput } from "#base/errors";
import { objectOf, scopeOf, type Actor, type V0 } from "#http";
import type { Tx } from "#store";
import { Email, networkMethods, type Invitation, type Member, type NetworkMethod } from "#wire/identity";
import { memberRoles, type MemberRole } from "#wire/permissions";
import { inviteMember } from "./invite-member.ts";
import { listInvitations } from "./list-invitations.ts";
import { listMembers, readMember } from "./list-members.ts";
import { normalEmail } from "./password-rules.ts";
import { removeMember } from "./remove-member.ts";
import { readNetworks, restrictNetworks } from "./restrict-networks.ts";
import { revokeInvitation } from "./revoke-invitation.ts";
import type { Identity } from "./settings.ts";
import { findOrganisation } from "./store.ts";

const done = { success: true };
/** Mackerel's lists of people have no pages. */
const everybody = { offset: 0, limit: 100_000 };

/** Serves Mackerel's interface to the organisation, its people, invitations and restrictions of addresses. */
export function registerIdentityV0(v0: V0, identity: Identity): void {
  registerOrganisation(v0, identity);
  registerUsers(v0, identity);
  registerInvitations(v0, identity);
  registerNetworks(v0, identity);
}

function registerOrganisation(v0: V0, identity: Identity): void {
  v0.route({ method: "GET", path: "/org", needs: "organisation.view" }, async ({ actor }) => {
    const organisation = await identity.db.tx(scopeOf(actor), findOrganisation);
    if (!organisation) throw new HinobanError("not-found", "There is no such organisation.");
    return { name: organisation.name, displayName: organisation.displayName === "" ? null : organisation.displayName };
  });
}

const v0User = (member: Member): object => ({
  id: member.id,
  screenName: member.name,
  email: member.email,
  authority: member.role,
  isInRegistrationProcess: false,
  isMFAEnabled: false,
  authenticationMethods: ["password"],
  joinedAt: toSeconds(unixMs(member.joinedAt)),
});

function registerUsers(v0: V0, identity: Identity): void {
  v0.route({ method: "GET", path: "/users", needs: "member.view" }, async ({ actor }) => {
    const { members } = await identity.db.tx(scopeOf(actor), (tx) => listMembers(tx, everybody, identity.clock.now()));
    return { users: members.map(v0User) };
  });
  v0.route({ method: "DELETE", path: "/users/:id", needs: "member.change" }, async ({ actor, params }) => {
    const id = params["id"] ?? "";
    const before = await identity.db.tx(scopeOf(actor), (tx) => readMember(tx, id, identity.clock.now()));
    if (!before) throw new HinobanError("not-found", `There is no user ${id}.`, { id });
    await removeMember(identity, actor, id);
    return v0User(before);
  });
}

const v0Invitation = ({ email, role, expiresAt }: Invitation): object => ({
  email,
  authority: role,
  expiresAt: toSeconds(unixMs(expiresAt)),
});

function registerInvitations(v0: V0, identity: Identity): void {
  v0.route({ method: "GET", path: "/invitations", needs: "invitation.view" }, async ({ actor }) => ({
    invitations: (await openInvitations(identity, actor)).map(v0Invitation),
  }));
  v0.route({ method: "POST", path: "/invitations", needs: "member.invite" }, async ({ actor, body }) => {
    const input = objectOf(body);
    const email = emailOf(input["email"]);
    const { invitation, path } = await inviteMember(identity, actor, { email, role: authorityOf(input["authority"]) });
    // Mackerel sends the link by mail. Here whoever invites passes it on, so the answer must have it.
    return { ...v0Invitation(invitation), path };
  });
  v0.route({ method: "POST", path: "/invitations/revoke", needs: "member.invite" }, async ({ actor, body }) => {
    const email = normalEmail(emailOf(objectOf(body)["email"]));
    const invitation = (await openInvitations(identity, actor, email)).find((one) => one.email === email);
    if (!invitation) throw new HinobanError("not-found", `${email} is not invited.`);
    await revokeInvitation(identity, actor, invitation.id);
    return done;
  });
}

async function openInvitations(identity: Identity, actor: Actor, text?: string): Promise<Invitation[]> {
  const read = (tx: Tx) => listInvitations(tx, { ...everybody, ...(text === undefined ? {} : { text }) }, identity.clock.now());
  return (await identity.db.tx(scopeOf(actor), read)).invitations;
}

function emailOf(value: unknown): string {
  if (!Value.Check(Email, value)) throw invalidInput([{ field: "email", problem: "must be an e-mail address" }]);
  return value;
}

function authorityOf(value: unknown): MemberRole {
  const role = memberRoles.find((known) => known === value);
  if (role === undefined) throw invalidInput([{ field: "authority", problem: "must be one of manager, collaborator, viewer" }]);
  return role;
}

function registerNetworks(v0: V0, identity: Identity): void {
  for (const method of networkMethods) {
    const path = `/settings/ip-restriction/${method}`;
    v0.route({ method: "GET", path, needs: "network.view" }, async ({ actor }) => ({
      cidrs: (await identity.db.tx(scopeOf(actor), (tx) => readNetworks(tx, actor.organisationId)))[method],
    }));
    v0.route({ method: "POST", path, needs: "network.change" }, async ({ actor, body }) =>
      restrict(identity, actor, method, objectOf(body)["cidrs"]),
    );
  }
}

async function restrict(identity: Identity, actor: Actor, method: NetworkMethod, cidrs: unknown): Promise<object> {
  if (!Array.isArray(cidrs) || cidrs.some((one) => typeof one !== "string"))
    throw invalidInput([
      { field: "cidrs", problem: "must be a list of addresses and networks such as 192.0.2.0/24; [] lifts the restriction" },
    ]);
  const networks = await restrictNetworks(identity, actor, { method, networks: cidrs.map(String) });
  return { cidrs: networks[method] };
}
