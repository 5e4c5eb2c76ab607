import { describe, expect, test } from "vitest";
import { from, goodPassword, withPeople, type Somebody } from "#test/people";
import { changeMember } from "./change-member.ts";
import { listMembers } from "./list-members.ts";
import { removeMember } from "./remove-member.ts";
import { signIn } from "./sign-in.ts";

const people = withPeople();
const idOf = (who: Somebody): string => who.actor.personId;
const cookie = (who: Somebody) => ({ cookie: `hinoban_session=${who.session.token}`, apiKey: undefined, address: "192.0.2.1" });
const list = (who: Somebody, page: Parameters<typeof listMembers>[1] = {}) =>
  people.identity.db.tx({ organisationId: who.actor.organisationId }, (tx) => listMembers(tx, page, people.clock.now()));

describe("the list of members", () => {
  test("is paged, found by part of a name or address, and takes wildcards as the characters they are", async () => {
    const org = await people.another("listing");
    for (const name of ["c", "a", "b"]) await people.join(org, "viewer", `${name}_100%@listing.jp`);
    const all = await list(org);
    expect(all.total).toBe(4);
    expect((await list(org, { limit: 2, offset: 1 })).members.map((m) => m.email)).toEqual(all.members.slice(1, 3).map((m) => m.email));
    expect((await list(org, { text: "A_100%" })).members.map((m) => m.email)).toEqual(["a_100%@listing.jp"]);
    expect((await list(org, { text: "%%" })).total).toBe(0);
  });

  test("shows who is locked, and until when", async () => {
    const org = await people.another("locked-list");
    const person = await people.join(org, "viewer");
    await people.owner.query("insert into identity_attempt (subject, failed, last_at, next_at, locked_until) values ($1, 10, $2, $2, $3)", [
      `person:${idOf(person)}`,
      people.clock.now(),
      people.clock.now() + 60_000,
    ]);
    expect((await list(org, { text: person.email })).members).toMatchObject([
      { id: idOf(person), role: "viewer", state: "active", lockedUntil: people.clock.now() + 60_000 },
    ]);
  });
});

describe("a member's role", () => {
  test("is changed by a manager, recorded, and counts from the next request on", async () => {
    const manager = await people.join(people.first, "manager");
    const person = await people.join(people.first, "viewer");
    const principal = await people.gate.authenticate(cookie(person));
    if (!principal) throw new Error("nobody");
    expect(await people.gate.enter(principal, "first", "192.0.2.1")).toMatchObject({ role: "viewer" });
    await people.acts();
    expect(await changeMember(people.identity, manager.actor, { personId: idOf(person), role: "collaborator" })).toMatchObject({
      role: "collaborator",
    });
    expect(await people.gate.enter(principal, "first", "192.0.2.1")).toMatchObject({ role: "collaborator" });
    expect(await people.acts()).toMatchObject([
      {
        actor: `person:${idOf(manager)}`,
        verb: "member.role-changed",
        object: `person:${idOf(person)}`,
        outcome: "done",
        detail: { from: "viewer", to: "collaborator" },
      },
    ]);
    await changeMember(people.identity, manager.actor, { personId: idOf(person), role: "collaborator" });
    expect(await people.acts()).toEqual([]);
  });

  test("is no viewer's and no collaborator's to change, and the refusal is recorded", async () => {
    const person = await people.join(people.first, "viewer");
    for (const role of ["viewer", "collaborator"] as const) {
      const { actor } = await people.join(people.first, role);
      await people.acts();
      const refused = changeMember(people.identity, actor, { personId: idOf(person), role: "manager" });
      await expect(refused).rejects.toMatchObject({ code: "forbidden", facts: { permission: "member.change", missing: ["role"] } });
      const error = await refused.catch((e: unknown) => e);
      await people.gate.recordRefusal(actor, error as Parameters<typeof people.gate.recordRefusal>[1]); // what the wrapper around verbs does
      expect(await people.acts()).toMatchObject([
        {
          actor: `person:${actor.personId}`,
          verb: "permission.refused",
          object: `person:${idOf(person)}`,
          outcome: "refused",
          rule: `role:${role}`,
          detail: { verb: "member.change", missing: ["role"] },
        },
      ]);
    }
  });

  test("owner is given and taken by owners only", async () => {
    const manager = await people.join(people.first, "manager");
    const viewer = await people.join(people.first, "viewer");
    const refused = { code: "forbidden", facts: { permission: "owner.change" } };
    await expect(changeMember(people.identity, manager.actor, { personId: idOf(manager), role: "owner" })).rejects.toMatchObject(refused);
    await expect(changeMember(people.identity, manager.actor, { personId: idOf(people.first), role: "viewer" })).rejects.toMatchObject(
      refused,
    );
    await expect(changeMember(people.identity, manager.actor, { personId: idOf(people.first), state: "suspended" })).rejects.toMatchObject(
      refused,
    );
    await expect(removeMember(people.identity, manager.actor, idOf(people.first))).rejects.toMatchObject(refused);
    expect(await changeMember(people.identity, people.first.actor, { personId: idOf(viewer), role: "owner" })).toMatchObject({
      role: "owner",
    });
    expect(await changeMember(people.identity, people.first.actor, { personId: idOf(viewer), role: "viewer" })).toMatchObject({
      role: "viewer",
    });
  });
});

describe("the last owner", () => {
  test("can be neither demoted, removed nor suspended, by nobody", async () => {
    const org = await people.another("last-owner");
    const conflict = { code: "conflict" };
    await expect(changeMember(people.identity, org.actor, { personId: idOf(org), role: "manager" })).rejects.toMatchObject(conflict);
    await expect(changeMember(people.identity, org.actor, { personId: idOf(org), state: "suspended" })).rejects.toMatchObject(conflict);
    await expect(removeMember(people.identity, org.actor, idOf(org))).rejects.toMatchObject(conflict);
    expect((await list(org)).members).toMatchObject([{ role: "owner", state: "active" }]);
  });

  test("stays when two owners demote each other, or remove each other, at the same moment", async () => {
    for (const act of ["demote", "remove"]) {
      const org = await people.another(`duel-${act}`);
      const other = await people.join(org, "owner");
      const strike = (by: Somebody, whom: Somebody) =>
        act === "demote"
          ? changeMember(people.identity, by.actor, { personId: idOf(whom), role: "viewer" })
          : removeMember(people.identity, by.actor, idOf(whom));
      const results = await Promise.allSettled([strike(org, other), strike(other, org)]);
      expect(results.map((r) => r.status).toSorted(), act).toEqual(["fulfilled", "rejected"]);
      expect((await list(org)).members.filter((m) => m.role === "owner")).toHaveLength(1);
    }
  });

  test("is not somebody who is suspended", async () => {
    const org = await people.another("suspended-owner");
    const other = await people.join(org, "owner");
    await changeMember(people.identity, org.actor, { personId: idOf(other), state: "suspended" });
    await expect(changeMember(people.identity, org.actor, { personId: idOf(org), role: "viewer" })).rejects.toMatchObject({
      code: "conflict",
    });
  });
});

describe("suspending", () => {
  test("ends the person's sessions at once and keeps them out until they are reinstated", async () => {
    const person = await people.join(people.first, "viewer");
    expect(await people.gate.authenticate(cookie(person))).toMatchObject({ personId: idOf(person) });
    await people.acts();
    expect(await changeMember(people.identity, people.first.actor, { personId: idOf(person), state: "suspended" })).toMatchObject({
      state: "suspended",
    });
    await expect(people.gate.authenticate(cookie(person))).rejects.toMatchObject({ code: "session-expired" });
    const again = () => signIn(people.identity, { email: person.email, password: goodPassword }, from("198.51.100.1"));
    await expect(again()).rejects.toMatchObject({ code: "forbidden" });
    await changeMember(people.identity, people.first.actor, { personId: idOf(person), state: "active" });
    expect((await again()).signedIn.person.id).toBe(idOf(person));
    expect((await people.acts()).map(({ verb }) => verb)).toEqual([
      "person.suspended",
      "session.refused",
      "person.reinstated",
      "session.opened",
    ]);
  });

  test("is not one organisation's to do when another shares the person", async () => {
    const person = await people.join(people.first, "viewer");
    const org = await people.another("sharing");
    await people.owner.query("insert into identity_membership (organisation_id, person_id, role, joined_at) values ($1, $2, 'viewer', 0)", [
      org.actor.organisationId,
      idOf(person),
    ]);
    await expect(changeMember(people.identity, people.first.actor, { personId: idOf(person), state: "suspended" })).rejects.toMatchObject({
      code: "conflict",
    });
    expect(await people.gate.authenticate(cookie(person))).toMatchObject({ state: "active" });
  });
});

describe("removing a member", () => {
  test("ends what they may do at once; whoever then belongs nowhere has left, and the history keeps their name", async () => {
    const person = await people.join(people.first, "collaborator");
    expect(await people.gate.authenticate(cookie(person))).toMatchObject({ personId: idOf(person) });
    await people.acts();
    await removeMember(people.identity, people.first.actor, idOf(person));
    await expect(people.gate.authenticate(cookie(person))).rejects.toMatchObject({ code: "session-expired" });
    await expect(signIn(people.identity, { email: person.email, password: goodPassword }, from("198.51.100.2"))).rejects.toMatchObject({
      code: "wrong-credentials",
    });
    expect((await people.acts()).slice(0, 2).map(({ verb, detail }) => ({ verb, detail }))).toEqual([
      { verb: "member.removed", detail: { role: "collaborator" } },
      { verb: "person.left", detail: {} },
    ]);
    await expect(removeMember(people.identity, people.first.actor, idOf(person))).rejects.toMatchObject({ code: "not-found" });
  });

  test("leaves them in the organisations that they still belong to", async () => {
    const person = await people.join(people.first, "viewer");
    const org = await people.another("still-there");
    await people.owner.query("insert into identity_membership (organisation_id, person_id, role, joined_at) values ($1, $2, 'viewer', 0)", [
      org.actor.organisationId,
      idOf(person),
    ]);
    await people.acts();
    const principal = await people.gate.authenticate(cookie(person));
    if (!principal) throw new Error("nobody");
    expect(await people.gate.enter(principal, "first", "192.0.2.1")).toMatchObject({ role: "viewer" });
    await removeMember(people.identity, people.first.actor, idOf(person));
    await expect(people.gate.enter(principal, "first", "192.0.2.1")).rejects.toMatchObject({ code: "not-found" });
    expect(await people.gate.enter(principal, "still-there", "192.0.2.1")).toMatchObject({ role: "viewer" });
    expect((await people.acts()).map(({ verb }) => verb)).toEqual(["member.removed"]);
  });

  test("by their last two organisations at the same moment still ends with the person gone", async () => {
    const person = await people.join(people.first, "viewer");
    const org = await people.another("both-at-once");
    await people.owner.query("insert into identity_membership (organisation_id, person_id, role, joined_at) values ($1, $2, 'viewer', 0)", [
      org.actor.organisationId,
      idOf(person),
    ]);
    await Promise.all([
      removeMember(people.identity, people.first.actor, idOf(person)),
      removeMember(people.identity, org.actor, idOf(person)),
    ]);
    const { rows } = await people.owner.query("select state from identity_person where id = $1", [idOf(person)]);
    expect(rows).toEqual([{ state: "left" }]);
  });
});
