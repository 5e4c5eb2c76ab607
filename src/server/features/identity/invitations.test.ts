import { describe, expect, test } from "vitest";
import { days } from "#base/duration";
import { from, goodPassword, withPeople, type Somebody } from "#test/people";
import { acceptAsNewcomer, acceptAsSelf, showInvitation } from "./accept-invitation.ts";
import { changeMember } from "./change-member.ts";
import { createKey } from "./create-key.ts";
import { inviteMember } from "./invite-member.ts";
import { listInvitations } from "./list-invitations.ts";
import { removeMember } from "./remove-member.ts";
import { revokeInvitation } from "./revoke-invitation.ts";
import { revokeKey } from "./revoke-key.ts";

const people = withPeople();
const invite = async (by: Somebody, email: string, role: "viewer" | "owner" = "viewer") => {
  const { invitation, path } = await inviteMember(people.identity, by.actor, { email, role });
  return { invitation, token: path.split("#")[1] ?? "" };
};
const accept = (token: string, name = "Somebody New") =>
  acceptAsNewcomer(people.identity, token, { name, password: goodPassword, language: "ja", timeZone: "Asia/Tokyo" }, from());
const list = (who: Somebody) =>
  people.identity.db.tx({ organisationId: who.actor.organisationId }, (tx) => listInvitations(tx, {}, people.clock.now()));
const self = (who: Somebody) => ({ personId: who.actor.personId, sessionId: "s" });

describe("inviting", () => {
  test("gives a link whose token is stored as a digest only, lists the invitation with who made it, and is recorded", async () => {
    const org = await people.another("inviting");
    await people.acts();
    const { invitation, token } = await invite(org, " New.Person@Example.JP ");
    expect(invitation).toMatchObject({
      email: "new.person@example.jp",
      role: "viewer",
      invitedByName: "Hanako Owner",
      expiresAt: people.clock.now() + days(7),
    });
    expect((await list(org)).invitations).toEqual([invitation]);
    expect(await people.acts()).toMatchObject([
      {
        organisationId: org.actor.organisationId,
        verb: "member.invited",
        object: `invitation:${invitation.id}`,
        detail: { role: "viewer" },
      },
    ]);
    const { rows } = await people.owner.query("select i::text as row from identity_invitation i");
    for (const { row } of rows) expect(row).not.toContain(token);
    expect(await showInvitation(people.identity, token)).toEqual({
      organisation: { name: "inviting", displayName: "inviting" },
      email: "new.person@example.jp",
      role: "viewer",
      invitedByName: "Hanako Owner",
      expiresAt: invitation.expiresAt,
      hasAccount: false,
    });
  });

  test("is a manager's right, and inviting an owner is an owner's", async () => {
    const manager = await people.join(people.first, "manager");
    const collaborator = await people.join(people.first, "collaborator");
    await expect(invite(collaborator, "x@example.jp")).rejects.toMatchObject({ code: "forbidden", facts: { permission: "member.invite" } });
    await expect(invite(manager, "x@example.jp", "owner")).rejects.toMatchObject({
      code: "forbidden",
      facts: { permission: "owner.change" },
    });
    expect((await invite(manager, "x@example.jp")).invitation.role).toBe("viewer");
  });

  test("the same address again makes the former link useless; a member is not invited", async () => {
    const old = await invite(people.first, "twice@example.jp");
    await people.acts();
    const fresh = await invite(people.first, "TWICE@example.jp");
    expect((await people.acts()).map(({ verb, object }) => ({ verb, object }))).toEqual([
      { verb: "invitation.revoked", object: `invitation:${old.invitation.id}` },
      { verb: "member.invited", object: `invitation:${fresh.invitation.id}` },
    ]);
    await expect(accept(old.token)).rejects.toMatchObject({ code: "gone" });
    await accept(fresh.token);
    await expect(invite(people.first, "twice@example.jp")).rejects.toMatchObject({ code: "conflict" });
  });

  test("twice at the same moment leaves one open link", async () => {
    await Promise.allSettled([
      invite(people.first, "race@example.jp"),
      invite(people.first, "race@example.jp"),
      invite(people.first, "race@example.jp"),
    ]);
    expect((await list(people.first)).invitations.filter(({ email }) => email === "race@example.jp")).toHaveLength(1);
  });
});

describe("accepting", () => {
  test("makes a new person a member and signs them in; their number is nobody else's", async () => {
    const { token } = await invite(people.first, "newcomer@example.jp");
    await people.acts();
    const { signedIn } = await accept(token, "  佐藤 花子 ");
    expect(signedIn).toMatchObject({
      person: { name: "佐藤 花子", email: "newcomer@example.jp", language: "ja" },
      memberships: [{ name: "first", role: "viewer" }],
    });
    expect((await people.acts()).map(({ verb, actor }) => ({ verb, actor }))).toEqual(
      ["person.created", "member.joined", "session.opened"].map((verb) => ({ verb, actor: `person:${signedIn.person.id}` })),
    );
    const { rows } = await people.owner.query(
      "select count(*)::int as people, count(distinct num)::int as numbers, min(num) as least from identity_person",
    );
    expect(rows[0].people).toBe(rows[0].numbers);
    expect(Number(rows[0].least)).toBeGreaterThan(0);
  });

  test("works for an invitation by a key that administers, as long as the key is valid", async () => {
    const org = await people.another("invited-by-key");
    const { key, secret } = await createKey(people.identity, org.actor, { name: "directory", rights: "administer" });
    const principal = await people.gate.authenticate({ cookie: undefined, apiKey: secret.reveal(), address: "192.0.2.1" });
    if (principal?.kind !== "key") throw new Error("no key");
    const actor = await people.gate.enter(principal, principal.organisationName, "192.0.2.1");
    const tokenFor = async (email: string): Promise<string> =>
      (await inviteMember(people.identity, actor, { email, role: "manager" })).path.split("#")[1] ?? "";
    const [early, late] = [await tokenFor("early@example.jp"), await tokenFor("late@example.jp")];
    expect((await accept(early)).signedIn.memberships).toMatchObject([{ name: "invited-by-key", role: "manager" }]);
    await revokeKey(people.identity, org.actor, key.id);
    await expect(accept(late)).rejects.toMatchObject({ code: "gone" });
  });

  test("lets one of two win who use the link at the same moment", async () => {
    const { token } = await invite(people.first, "contested@example.jp");
    const results = await Promise.allSettled([accept(token, "One"), accept(token, "Two")]);
    expect(results.map((r) => r.status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const { rows } = await people.owner.query("select name from identity_person where email = 'contested@example.jp'");
    expect(rows).toHaveLength(1);
  });

  test("as the person who is signed in joins the other organisation as well", async () => {
    const person = await people.join(people.first, "viewer");
    const org = await people.another("second-home");
    const { token } = await invite(org, person.email);
    expect(await showInvitation(people.identity, token)).toMatchObject({ hasAccount: true });
    await expect(accept(token)).rejects.toMatchObject({ code: "conflict" });
    await people.acts();
    await acceptAsSelf(people.identity, token, self(person));
    expect(await people.acts()).toMatchObject([
      {
        organisationId: org.actor.organisationId,
        actor: `person:${person.actor.personId}`,
        verb: "member.joined",
        detail: { role: "viewer" },
      },
    ]);
    await expect(acceptAsSelf(people.identity, token, self(person))).rejects.toMatchObject({ code: "gone" });
  });

  test("is for the invited address only, whoever is signed in, and stays open for it", async () => {
    const { token } = await invite(people.first, "somebody-else@example.jp");
    const org = await people.another("bystanders");
    const bystander = await people.join(org, "viewer");
    await expect(acceptAsSelf(people.identity, token, self(bystander))).rejects.toMatchObject({ code: "conflict" });
    expect((await accept(token)).signedIn.person.email).toBe("somebody-else@example.jp");
  });

  test("changes nothing for somebody who became a member in the meantime, least of all their role", async () => {
    const org = await people.another("in-the-meantime");
    const person = await people.join(people.first, "viewer");
    const { token } = await invite(org, person.email, "owner");
    await people.owner.query("insert into identity_membership (organisation_id, person_id, role, joined_at) values ($1, $2, 'viewer', 0)", [
      org.actor.organisationId,
      person.actor.personId,
    ]);
    await expect(acceptAsSelf(people.identity, token, self(person))).rejects.toMatchObject({ code: "conflict" });
    const { rows } = await people.owner.query("select role from identity_membership where organisation_id = $1 and person_id = $2", [
      org.actor.organisationId,
      person.actor.personId,
    ]);
    expect(rows).toEqual([{ role: "viewer" }]);
  });

  test("an invitation that is too old, withdrawn or never was is refused", async () => {
    const [old, withdrawn] = [await invite(people.first, "old@example.jp"), await invite(people.first, "withdrawn@example.jp")];
    await people.acts();
    await revokeInvitation(people.identity, people.first.actor, withdrawn.invitation.id);
    expect(await people.acts()).toMatchObject([{ verb: "invitation.revoked", object: `invitation:${withdrawn.invitation.id}` }]);
    await expect(revokeInvitation(people.identity, people.first.actor, withdrawn.invitation.id)).rejects.toMatchObject({
      code: "not-found",
    });
    await expect(accept(withdrawn.token)).rejects.toMatchObject({ code: "gone" });
    await expect(accept("never-was")).rejects.toMatchObject({ code: "not-found" });
    await people.clock.advance(days(7));
    await expect(accept(old.token)).rejects.toMatchObject({ code: "gone" });
    await expect(showInvitation(people.identity, old.token)).rejects.toMatchObject({ code: "gone" });
  });

  test("a link made by somebody who was since demoted, suspended or removed opens nothing", async () => {
    for (const fate of ["demoted", "suspended", "removed"] as const) {
      const manager = await people.join(people.first, "manager");
      const { token } = await invite(manager, `friend-of-${fate}@example.jp`);
      const personId = manager.actor.personId;
      if (fate === "demoted") await changeMember(people.identity, people.first.actor, { personId, role: "collaborator" });
      if (fate === "suspended") await changeMember(people.identity, people.first.actor, { personId, state: "suspended" });
      if (fate === "removed") await removeMember(people.identity, people.first.actor, personId);
      await expect(accept(token), fate).rejects.toMatchObject({ code: "gone" });
    }
  });

  test("somebody who left and is invited back is the same person with a new password; another organisation gets a new person", async () => {
    const person = await people.join(people.first, "viewer", "returning@example.jp");
    await removeMember(people.identity, people.first.actor, person.actor.personId);
    await people.acts();
    const back = await accept((await invite(people.first, "returning@example.jp")).token, "Returned");
    expect(back.signedIn.person).toMatchObject({ id: person.actor.personId, name: "Returned" });
    expect((await people.acts()).map(({ verb }) => verb)).toEqual(["member.invited", "person.returned", "member.joined", "session.opened"]);
    await removeMember(people.identity, people.first.actor, person.actor.personId);
    const org = await people.another("strangers");
    const stranger = await accept((await invite(org, "returning@example.jp")).token);
    expect(stranger.signedIn.person.id).not.toBe(person.actor.personId);
  });
});
