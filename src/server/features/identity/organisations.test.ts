import { describe, expect, test } from "vitest";
import { withPeople, type Somebody } from "#test/people";
import { changeOrganisation } from "./change-organisation.ts";
import { createOrganisation } from "./create-organisation.ts";
import { namesOf } from "./names.ts";
import { findOrganisation } from "./store.ts";
import { createKey } from "./create-key.ts";

const people = withPeople();
const create = (by: Somebody, name: string) =>
  createOrganisation(
    people.identity,
    people.gate,
    { personId: by.actor.personId, sessionId: "s", address: "192.0.2.1" },
    { name, displayName: ` ${name} K.K. ` },
  );

describe("another organisation", () => {
  test("is created by an owner, who owns it, with both acts in its own history", async () => {
    await people.acts();
    const made = await create(people.first, "daughter");
    expect(made).toEqual({
      id: made.id,
      name: "daughter",
      displayName: "daughter K.K.",
      defaultHostStatus: "working",
      noDataMinutes: 10,
      timeZone: "Asia/Tokyo",
      createdAt: people.clock.now(),
    });
    expect((await people.acts()).map(({ organisationId, verb }) => ({ organisationId, verb }))).toEqual([
      { organisationId: made.id, verb: "organisation.created" },
      { organisationId: made.id, verb: "member.joined" },
    ]);
  });

  test("has a name of its own: of two at the same moment one gets it", async () => {
    const results = await Promise.allSettled([create(people.first, "contested"), create(people.first, "contested")]);
    expect(results.map((r) => r.status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(results.find((r) => r.status === "rejected")?.reason).toMatchObject({ code: "conflict" });
  });

  test("is refused to whoever owns none, and the refusal is recorded where they belong", async () => {
    const manager = await people.join(people.first, "manager");
    await people.acts();
    await expect(create(manager, "mutiny")).rejects.toMatchObject({ code: "forbidden" });
    expect(await people.acts()).toMatchObject([
      {
        organisationId: people.first.actor.organisationId,
        actor: `person:${manager.actor.personId}`,
        verb: "permission.refused",
        detail: { verb: "organisation.create", missing: ["role"] },
      },
    ]);
  });
});

describe("the organisation's settings", () => {
  const settings = { displayName: "Renamed", defaultHostStatus: "standby", noDataMinutes: 5, timeZone: "UTC" } as const;

  test("are changed by a manager, recorded with what differs, and nothing is recorded when nothing does", async () => {
    const org = await people.another("settings-org");
    const manager = await people.join(org, "manager");
    await people.acts();
    expect(await changeOrganisation(people.identity, manager.actor, settings)).toMatchObject({ name: "settings-org", ...settings });
    expect(await people.acts()).toMatchObject([
      {
        verb: "organisation.changed",
        object: `organisation:${org.actor.organisationId}`,
        detail: { fields: ["displayName", "defaultHostStatus", "noDataMinutes", "timeZone"] },
      },
    ]);
    await changeOrganisation(people.identity, manager.actor, settings);
    expect(await people.acts()).toEqual([]);
    expect(await people.identity.db.tx({ organisationId: org.actor.organisationId }, findOrganisation)).toMatchObject(settings);
  });

  test("are refused to viewers and collaborators", async () => {
    for (const role of ["viewer", "collaborator"] as const) {
      const { actor } = await people.join(people.first, role);
      await expect(changeOrganisation(people.identity, actor, settings)).rejects.toMatchObject({
        code: "forbidden",
        facts: { permission: "organisation.change" },
      });
    }
    await expect(changeOrganisation(people.identity, people.first.actor, { ...settings, timeZone: "Atlantis" })).rejects.toMatchObject({
      code: "invalid-input",
    });
  });
});

test("names are given for people, keys, organisations and invitations of one's own organisation and for no others", async () => {
  const org = await people.another("naming");
  const person = await people.join(org, "viewer");
  const { key } = await createKey(people.identity, org.actor, { name: "CI", rights: "read" });
  const ids = [
    `person:${person.actor.personId}`,
    `key:${key.id}`,
    `organisation:${org.actor.organisationId}`,
    "system:set-up",
    "host:abc",
    "anonymous",
    "key:nothing",
  ];
  const ask = (organisationId: string) => people.identity.db.tx({ organisationId }, (tx) => namesOf(tx, ids));
  expect(await ask(org.actor.organisationId)).toEqual({
    [`person:${person.actor.personId}`]: `Name of ${person.email}`,
    [`key:${key.id}`]: "CI",
    [`organisation:${org.actor.organisationId}`]: "naming",
  });
  expect(await ask(people.first.actor.organisationId)).toEqual({});
});
