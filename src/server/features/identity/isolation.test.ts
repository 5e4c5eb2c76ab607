import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inject } from "vitest";
import { withPeople, type Somebody } from "#test/people";
import { acceptAsSelf } from "./accept-invitation.ts";
import { changeMember } from "./change-member.ts";
import { createKey } from "./create-key.ts";
import { inviteMember } from "./invite-member.ts";
import { listInvitations } from "./list-invitations.ts";
import { listKeys } from "./list-keys.ts";
import { listMembers } from "./list-members.ts";
import { removeMember } from "./remove-member.ts";
import { revokeInvitation } from "./revoke-invitation.ts";

const people = withPeople();
let app: pg.Client;
let ours: Somebody;
let theirs: Somebody;
let theirPerson: Somebody;

beforeAll(async () => {
  ours = await people.another("ours");
  theirs = await people.another("theirs");
  theirPerson = await people.join(theirs, "manager", "them@example.jp");
  await createKey(people.identity, theirs.actor, { name: "their key", rights: "read" });
  await inviteMember(people.identity, theirs.actor, { email: "open@example.jp", role: "viewer" });
  const { rows } = await people.owner.query("select current_database() as name");
  app = new pg.Client({ ...inject("cluster").app, database: rows[0].name, ssl: false });
  await app.connect();
});
afterAll(() => app.end());

/** Runs statements as the application would, bound to an organisation and perhaps a person; always rolled back. */
async function bound<T>(organisation: string, person: string, work: () => Promise<T>): Promise<T> {
  await app.query("begin");
  try {
    await app.query("select set_config('hinoban.organisation_id', $1, true), set_config('hinoban.person_id', $2, true)", [
      organisation,
      person,
    ]);
    return await work();
  } finally {
    await app.query("rollback");
  }
}
const codeOf = async (statement: string): Promise<string> => {
  try {
    await app.query(statement);
    return "done";
  } catch (error) {
    return error instanceof pg.DatabaseError ? (error.code ?? "") : String(error);
  }
};

describe("the application's role, bound to one organisation", () => {
  test("is no superuser, cannot bypass row-level security and owns nothing", async () => {
    const { rows } = await app.query("select rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = current_user");
    expect(rows).toEqual([{ rolsuper: false, rolbypassrls: false, rolcreaterole: false }]);
    const owned = await app.query(
      "select count(*)::int as n from pg_class where relowner = (select oid from pg_roles where rolname = current_user)",
    );
    expect(owned.rows).toEqual([{ n: 0 }]);
  });

  test("sees no row of the other in any table that has an organisation", async () => {
    const { rows: tables } = await app.query(
      "select table_name from information_schema.columns where column_name = 'organisation_id' and table_schema = 'public' and table_name like 'identity_%'",
    );
    expect(tables.map((t) => String(t.table_name)).toSorted()).toEqual(["identity_invitation", "identity_key", "identity_membership"]);
    await bound(ours.actor.organisationId, "", async () => {
      for (const { table_name: table } of tables) {
        const { rows } = await app.query(`select count(*)::int as n from ${table} where organisation_id <> $1`, [
          ours.actor.organisationId,
        ]);
        expect(rows, table).toEqual([{ n: 0 }]);
      }
      expect((await app.query("select id from identity_organisation")).rows).toEqual([{ id: ours.actor.organisationId }]);
      expect((await app.query("select id from identity_person where id = $1", [theirPerson.actor.personId])).rows).toEqual([]);
      expect((await app.query("select * from identity_password")).rows).toEqual([]);
      expect((await app.query("select * from identity_session")).rows).toEqual([]);
    });
  });

  test("bound to nothing sees nothing", async () => {
    for (const table of [
      "identity_organisation",
      "identity_person",
      "identity_membership",
      "identity_key",
      "identity_invitation",
      "identity_password",
      "identity_session",
    ]) {
      expect((await app.query(`select count(*)::int as n from ${table}`)).rows, table).toEqual([{ n: 0 }]);
    }
  });

  test("can neither insert into the other, nor move a row there, nor change or delete its rows", async () => {
    const there = theirs.actor.organisationId;
    const refused = "42501";
    const inserts = [
      `insert into identity_key (id, organisation_id, name, digest, rights, created_by, created_at) values ('x', '${there}', 'x', '', 'read', 'x', 0)`,
      `insert into identity_invitation (id, organisation_id, digest, email, role, invited_by, created_at, expires_at) values ('x', '${there}', '', 'x', 'owner', 'x', 0, 1)`,
      `insert into identity_membership (organisation_id, person_id, role, joined_at) values ('${there}', '${ours.actor.personId}', 'owner', 0)`,
      `insert into identity_organisation (id, name, display_name, time_zone, created_at) values ('new', 'new', 'new', 'UTC', 0)`,
      `update identity_membership set organisation_id = '${there}' where organisation_id = '${ours.actor.organisationId}'`,
      "delete from identity_membership",
      "delete from identity_person",
      "delete from identity_organisation",
      `update identity_person set state = 'left'`,
      `update identity_person set email = 'taken@example.jp'`,
    ];
    for (const statement of inserts)
      expect(await bound(ours.actor.organisationId, ours.actor.personId, () => codeOf(statement)), statement).toBe(refused);
    const updates = [
      `update identity_key set rights = 'read-write' where organisation_id = '${there}'`,
      `update identity_organisation set display_name = 'ha' where id = '${there}'`,
      `update identity_person set name = 'ha' where id = '${theirPerson.actor.personId}'`,
      `update identity_membership set role = 'owner' where organisation_id = '${there}'`,
    ];
    for (const statement of updates) {
      const { rowCount } = await bound(ours.actor.organisationId, ours.actor.personId, () => app.query(statement));
      expect(rowCount, statement).toBe(0);
    }
  });

  test("gains nothing by becoming another role or by switching row security off", async () => {
    const { rows } = await people.owner.query("select current_user as owner");
    expect(await codeOf(`set role "${rows[0].owner}"`)).toBe("42501");
    expect(await codeOf("alter table identity_key disable row level security")).toBe("42501");
    expect(await codeOf("drop policy organisation_rows on identity_key")).toBe("42501");
    await bound(ours.actor.organisationId, "", async () => {
      await app.query("set local row_security = off");
      expect(await codeOf("select * from identity_key")).toBe("42501");
    });
  });

  test("cannot change the state of the other's people through the function that may", async () => {
    for (const state of ["suspended", "left"]) {
      const { rows } = await bound(ours.actor.organisationId, ours.actor.personId, () =>
        app.query("select identity_set_state($1, $2) as changed", [theirPerson.actor.personId, state]),
      );
      expect(rows).toEqual([{ changed: false }]);
    }
  });
});

describe("the verbs of one organisation", () => {
  test("do not list what is the other's", async () => {
    await people.identity.db.tx({ organisationId: ours.actor.organisationId }, async (tx) => {
      const now = people.clock.now();
      expect((await listMembers(tx, {}, now)).members.map((m) => m.id)).toEqual([ours.actor.personId]);
      expect(await listKeys(tx, { includeRevoked: true }, now)).toEqual({ keys: [], total: 0 });
      expect(await listInvitations(tx, {}, now)).toEqual({ invitations: [], total: 0 });
    });
  });

  test("find none of the other's members or invitations, with the right ids", async () => {
    const notFound = { code: "not-found" };
    const personId = theirPerson.actor.personId;
    await expect(changeMember(people.identity, ours.actor, { personId, role: "viewer" })).rejects.toMatchObject(notFound);
    await expect(changeMember(people.identity, ours.actor, { personId, state: "suspended" })).rejects.toMatchObject(notFound);
    await expect(removeMember(people.identity, ours.actor, personId)).rejects.toMatchObject(notFound);
    const { rows } = await people.owner.query(
      "select id from identity_invitation where organisation_id = $1 and email = 'open@example.jp'",
      [theirs.actor.organisationId],
    );
    await expect(revokeInvitation(people.identity, ours.actor, rows[0].id)).rejects.toMatchObject(notFound);
  });

  test("are closed to somebody who is a member of the other only, with the answer for one that does not exist", async () => {
    const principal = await people.gate.authenticate({
      cookie: `hinoban_session=${theirPerson.session.token}`,
      apiKey: undefined,
      address: "192.0.2.1",
    });
    if (!principal) throw new Error("nobody");
    expect(await people.gate.enter(principal, "theirs", "192.0.2.1")).toMatchObject({ role: "manager" });
    const [closed, missing] = await Promise.allSettled([
      people.gate.enter(principal, "ours", "192.0.2.1"),
      people.gate.enter(principal, "no-such-organisation", "192.0.2.1"),
    ]);
    expect(closed).toMatchObject({ status: "rejected", reason: { code: "not-found" } });
    expect(String(Reflect.get(closed, "reason"))).toBe(String(Reflect.get(missing, "reason")));
  });

  test("open to them as soon as they join, without signing in again", async () => {
    const principal = await people.gate.authenticate({
      cookie: `hinoban_session=${theirPerson.session.token}`,
      apiKey: undefined,
      address: "192.0.2.1",
    });
    if (!principal) throw new Error("nobody");
    const { path } = await inviteMember(people.identity, ours.actor, { email: "them@example.jp", role: "viewer" });
    await acceptAsSelf(people.identity, path.split("#")[1] ?? "", { personId: theirPerson.actor.personId, sessionId: "s" });
    expect(await people.gate.enter(principal, "ours", "192.0.2.1")).toMatchObject({ role: "viewer" });
  });
});

test("every table of any feature that has an organisation is behind row-level security, and no role of the application's owns it", async () => {
  const { rows } = await people.owner.query(
    `select c.relname, c.relrowsecurity, c.relkind from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'organisation_id' and not a.attisdropped
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and has_any_column_privilege('hinoban_app', c.oid, 'select, insert, update')`,
  );
  expect(rows.length).toBeGreaterThan(5);
  for (const { relname, relrowsecurity } of rows) expect(relrowsecurity, relname).toBe(true);
});
