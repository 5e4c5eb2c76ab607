import { HinobanError } from "#base/errors";
import { scopeOf, serve, servePerson, servePublic, type Origin, type Principal, type Served } from "#http";
import * as wire from "#wire/identity";
import * as keyWire from "#wire/keys";
import type { FastifyReply, FastifyRequest } from "fastify";
import { acceptAsNewcomer, acceptAsSelf, showInvitation } from "./accept-invitation.ts";
import { changeAccount } from "./change-account.ts";
import { changeMember } from "./change-member.ts";
import { changeOrganisation } from "./change-organisation.ts";
import { changePassword } from "./change-password.ts";
import { claimSetup } from "./claim-setup.ts";
import { clearSessionCookie, setSessionCookie } from "./cookies.ts";
import { createKey } from "./create-key.ts";
import { createOrganisation } from "./create-organisation.ts";
import { endOtherSessions, endSession, listSessions, signOut } from "./end-sessions.ts";
import { isClaimed } from "./installation.ts";
import { inviteMember } from "./invite-member.ts";
import { listInvitations } from "./list-invitations.ts";
import { listKeys } from "./list-keys.ts";
import { listMembers } from "./list-members.ts";
import { removeMember } from "./remove-member.ts";
import { readNetworks, restrictNetworks, type Networks } from "./restrict-networks.ts";
import { revokeInvitation } from "./revoke-invitation.ts";
import { revokeKey } from "./revoke-key.ts";
import { readSession, type OpenedSession } from "./session.ts";
import type { Identity } from "./settings.ts";
import { signIn } from "./sign-in.ts";
import { findOrganisation } from "./store.ts";

const done = { success: true } as const;

/** Serves every operation on people, sessions, organisations, invitations and keys. */
export function registerIdentity(served: Served, identity: Identity): void {
  registerDoor(served, identity);
  registerAccount(served, identity);
  registerOrganisation(served, identity);
  registerMembers(served, identity);
  registerInvitations(served, identity);
  registerKeys(served, identity);
}

interface Arrival {
  readonly origin: Origin;
  readonly reply: FastifyReply;
  readonly principal: Principal | undefined;
}

/** Gives the browser its new session and ends the one it came with: a session never outlives a sign-in. */
async function arrive(identity: Identity, { origin, reply, principal }: Arrival, opened: OpenedSession): Promise<wire.SignedIn> {
  if (principal?.kind === "person") await signOut(identity, principal, "replaced");
  setSessionCookie(reply, origin, opened.token, Math.floor(identity.settings.sessionAbsolute / 1000));
  return opened.signedIn;
}

function registerDoor(served: Served, identity: Identity): void {
  servePublic(served, wire.getSetup, async () => ({ isClaimed: await isClaimed(identity) }));
  servePublic(served, wire.claimSetup, async (call) => arrive(identity, call, await claimSetup(identity, call.body, call.origin)));
  servePublic(served, wire.getSession, async ({ principal }) => {
    const session = principal?.kind === "person" ? await readSession(identity, principal) : undefined;
    return session ?? ({ signedIn: false } as const);
  });
  servePublic(served, wire.openSession, async (call) => arrive(identity, call, await signIn(identity, call.body, call.origin)));
  servePerson(served, wire.closeSession, async ({ principal, origin, reply }) => {
    await signOut(identity, principal, "signed-out");
    clearSessionCookie(reply, origin);
    return done;
  });
}

function registerAccount(served: Served, identity: Identity): void {
  servePerson(served, wire.changeAccount, async ({ principal, body }) => changeAccount(identity, principal, body));
  servePerson(served, wire.changePassword, async ({ principal, body, origin }) => ({
    sessionsEnded: await changePassword(identity, principal, body, origin.address),
  }));
  servePerson(served, wire.listSessions, async ({ principal }) => ({ sessions: await listSessions(identity, principal) }));
  servePerson(served, wire.endSession, async ({ principal, params }) => {
    await endSession(identity, principal, params.id);
    return done;
  });
  servePerson(served, wire.endOtherSessions, async ({ principal }) => ({ ended: await endOtherSessions(identity, principal) }));
}

function registerOrganisation(served: Served, identity: Identity): void {
  servePerson(served, wire.createOrganisation, async ({ principal, body, origin }) => {
    const { personId, sessionId } = principal;
    return createOrganisation(identity, served.gate, { personId, sessionId, address: origin.address }, body);
  });
  serve(served, wire.getOrganisation, async ({ actor }) => {
    const organisation = await identity.db.tx(scopeOf(actor), findOrganisation);
    if (!organisation) throw new HinobanError("not-found", "There is no such organisation among yours.");
    return organisation;
  });
  serve(served, wire.changeOrganisation, async ({ actor, body }) => changeOrganisation(identity, actor, body));
  const answer = ({ web, api }: Networks, { address }: Origin) => ({ web: [...web], api: [...api], address });
  serve(served, wire.getNetworkRestriction, async ({ actor, origin }) =>
    answer(await identity.db.tx(scopeOf(actor), (tx) => readNetworks(tx, actor.organisationId)), origin),
  );
  serve(served, wire.restrictNetworks, async ({ actor, params, body, origin }) =>
    answer(await restrictNetworks(identity, actor, { method: params.method, networks: body.networks }), origin),
  );
}

function registerMembers(served: Served, identity: Identity): void {
  serve(served, wire.listMembers, async ({ actor, query }) =>
    identity.db.tx(scopeOf(actor), (tx) => listMembers(tx, query, identity.clock.now())),
  );
  serve(served, wire.changeMember, async ({ actor, params, body }) => changeMember(identity, actor, { ...body, personId: params.person }));
  serve(served, wire.removeMember, async ({ actor, params }) => {
    await removeMember(identity, actor, params.person);
    return done;
  });
}

function registerInvitations(served: Served, identity: Identity): void {
  serve(served, wire.listInvitations, async ({ actor, query }) =>
    identity.db.tx(scopeOf(actor), (tx) => listInvitations(tx, query, identity.clock.now())),
  );
  serve(served, wire.inviteMember, async ({ actor, body }) => inviteMember(identity, actor, body));
  serve(served, wire.revokeInvitation, async ({ actor, params }) => {
    await revokeInvitation(identity, actor, params.id);
    return done;
  });
  servePublic(served, wire.getInvitation, async ({ params }) => showInvitation(identity, params.token));
  servePublic(served, wire.acceptInvitation, async (call) => {
    const { params, body, principal, request } = call;
    if (body.newPerson) return arrive(identity, call, await acceptAsNewcomer(identity, params.token, body.newPerson, call.origin));
    if (principal?.kind !== "person") throw new HinobanError("unauthenticated", "Sign in first, or give a name and a password.");
    checkToken(request, principal);
    await acceptAsSelf(identity, params.token, principal);
    const session = await readSession(identity, principal);
    if (!session) throw new HinobanError("session-expired", "Your session has ended. Sign in again.");
    return session;
  });
}

/** This operation is public, so the check that other unsafe requests of a session get has to be made here. */
function checkToken(request: FastifyRequest, principal: { readonly csrf: string }): void {
  if (request.headers[wire.csrfHeader] !== principal.csrf)
    throw new HinobanError("csrf-mismatch", "The page is out of date. Reload it and try again.");
}

function registerKeys(served: Served, identity: Identity): void {
  serve(served, keyWire.listKeys, async ({ actor, query }) =>
    identity.db.tx(scopeOf(actor), (tx) => listKeys(tx, query, identity.clock.now())),
  );
  serve(served, keyWire.createKey, async ({ actor, body }) => {
    const { key, secret } = await createKey(identity, actor, body);
    return { key, secret: secret.reveal() };
  });
  serve(served, keyWire.revokeKey, async ({ actor, params }) => {
    await revokeKey(identity, actor, params.id);
    return done;
  });
}
