import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Secret } from "#base/secret";
import { openDb } from "#store";
import { withDatabase } from "#test/database";
import { FakeClock } from "#test/fake-clock";
import { from, goodPassword, withPeople } from "#test/people";
import { claimSetup, type ClaimSetup } from "./claim-setup.ts";
import { ensureAgentKey } from "./create-key.ts";
import { isKeyValid } from "./gate.ts";
import { ensureLocalOrganisation, isClaimed, issueSetupLink } from "./installation.ts";
import { openIdentity, type Identity } from "./settings.ts";

const claim = (token: string, email = "owner@example.jp"): ClaimSetup => ({
  token,
  organisation: { name: "guardhouse", displayName: "Guard House" },
  person: { name: "Hanako", email, password: goodPassword, language: "ja", timeZone: "Asia/Tokyo" },
});
const tokenOf = (link: string | undefined): string => link?.split("#")[1] ?? "";

describe("before anybody set it up", () => {
  const database = withDatabase();
  let identity: Identity;
  let owner: pg.Client;
  beforeAll(async () => {
    const clock = new FakeClock();
    const db = openDb({ connection: database.app, device: "server:test", clock, onError: () => undefined });
    identity = openIdentity({ db, clock }, { serverKey: new Secret("key") });
    owner = new pg.Client(database.owner);
    await owner.connect();
  });
  afterAll(async () => {
    await identity.db.close();
    await owner.end();
  });

  test("servers that start at the same time end up with one organisation", async () => {
    const found = await Promise.all([1, 2, 3, 4].map(() => ensureLocalOrganisation(identity, "Asia/Tokyo")));
    expect(new Set(found.map((local) => local.organisationId)).size).toBe(1);
    expect(found[0]).toMatchObject({ name: "main", isClaimed: false });
    const { rows } = await owner.query("select name from identity_organisation");
    expect(rows).toEqual([{ name: "main" }]);
  });

  test("the server's own agent gets a key that works, and the key is recorded as the system's", async () => {
    const { organisationId } = await ensureLocalOrganisation(identity, "Asia/Tokyo");
    const secret = await ensureAgentKey(identity, { organisationId, name: "This server", purpose: "local-agent" });
    expect(await isKeyValid(identity, secret.reveal())).toBe(true);
    expect(await isKeyValid(identity, `${secret.reveal().slice(0, -1)}x`)).toBe(false);
    const { rows } = await owner.query("select facts from ledger_pending where facts like '%key.created%'");
    expect(JSON.parse(rows[0].facts)).toMatchObject({ actor: "system:set-up", verb: "key.created", detail: { rights: "read-write" } });
  });

  test("a new link makes the one before useless, and only a digest of it is stored", async () => {
    const old = tokenOf(await issueSetupLink(identity, "http://127.0.0.1:8600"));
    const link = await issueSetupLink(identity, "http://127.0.0.1:8600");
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:8600\/setup#[\w-]{43}$/u);
    await expect(claimSetup(identity, claim(old), from())).rejects.toMatchObject({
      code: "invalid-input",
      facts: { fields: [{ field: "token" }] },
    });
    const { rows } = await owner.query("select digest::text from identity_setup");
    expect(rows[0].digest).not.toContain(Buffer.from(tokenOf(link)).toString("hex"));
  });

  test("a weak password is refused with its field, and the link still works", async () => {
    const token = tokenOf(await issueSetupLink(identity, ""));
    const weak = { ...claim(token), person: { ...claim(token).person, password: "onlylettershere" } };
    await expect(claimSetup(identity, weak, from())).rejects.toMatchObject({
      code: "invalid-input",
      facts: { fields: [{ field: "person.password" }] },
    });
    expect(await isClaimed(identity)).toBe(false);
  });

  test("of two who use the link at the same moment one wins, and the agent's key lives on under the new name", async () => {
    const local = await ensureLocalOrganisation(identity, "Asia/Tokyo");
    const key = await ensureAgentKey(identity, { organisationId: local.organisationId, name: "This server", purpose: "local-agent" });
    const token = tokenOf(await issueSetupLink(identity, ""));
    await owner.query("delete from ledger_pending");
    const results = await Promise.allSettled([
      claimSetup(identity, claim(token, "a@example.jp"), from()),
      claimSetup(identity, claim(token, "b@example.jp"), from()),
    ]);
    expect(results.map((result) => result.status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const lost = results.find((result) => result.status === "rejected");
    expect(lost?.reason).toMatchObject({ code: "gone" });
    const won = results.find((result) => result.status === "fulfilled");
    expect(won?.value.signedIn.memberships).toEqual([
      { organisationId: local.organisationId, name: "guardhouse", displayName: "Guard House", role: "owner" },
    ]);
    const { rows } = await owner.query("select organisation_id, facts::json ->> 'verb' as verb from ledger_pending order by id");
    expect(rows).toEqual([
      ...["person.created", "member.joined", "organisation.changed", "session.opened"].map((verb) => ({
        organisation_id: local.organisationId,
        verb,
      })),
      { organisation_id: "installation", verb: "installation.claimed" },
    ]);
    expect(await isKeyValid(identity, key.reveal())).toBe(true);
    expect(await isClaimed(identity)).toBe(true);
    expect(await issueSetupLink(identity, "")).toBeUndefined();
    expect(await ensureLocalOrganisation(identity, "UTC")).toEqual({
      organisationId: local.organisationId,
      name: "guardhouse",
      isClaimed: true,
    });
  });

  test("once it is set up, no link sets it up again", async () => {
    await expect(claimSetup(identity, claim("anything"), from())).rejects.toMatchObject({ code: "gone" });
  });
});

describe("what is stored of a person", () => {
  const people = withPeople();
  test("is an argon2id hash at today's cost, and no password and no token in any table", async () => {
    const { rows } = await people.owner.query("select hash from identity_password");
    expect(rows[0].hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/u);
    const tables = await people.owner.query("select tablename from pg_tables where schemaname = 'public'");
    for (const { tablename } of tables.rows) {
      const { rows: found } = await people.owner.query(`select t::text as row from "${tablename}" t`);
      for (const { row } of found) {
        expect(row).not.toContain(goodPassword);
        expect(row).not.toContain(people.first.session.token);
      }
    }
  });
});
