import { describe, expect, test } from "vitest";
import { days, millis, minutes, seconds } from "#base/duration";
import { newId } from "#base/ids";
import { withPeople, type Somebody } from "#test/people";
import { createKey, type CreateKey } from "./create-key.ts";
import { listKeys } from "./list-keys.ts";
import { openIdentity } from "./settings.ts";
import { createGate } from "./gate.ts";
import { revokeKey } from "./revoke-key.ts";
import { removeMember } from "./remove-member.ts";
import { Secret } from "#base/secret";

const people = withPeople();
const create = async (by: Somebody = people.first, input: Partial<CreateKey> = {}) => {
  const { key, secret } = await createKey(people.identity, by.actor, { name: "deploy", rights: "read-write", ...input });
  return { key, secret: secret.reveal() };
};
const present = (secret: string, address = "192.0.2.1", gate = people.gate) =>
  gate.authenticate({ cookie: undefined, apiKey: secret, address });
const enter = async (secret: string, address = "192.0.2.1") => {
  const principal = await present(secret, address);
  if (!principal) throw new Error("nobody");
  return people.gate.enter(principal, "first", address);
};
const list = (includeRevoked = false) =>
  people.identity.db.tx({ organisationId: people.first.actor.organisationId }, (tx) =>
    listKeys(tx, { includeRevoked, limit: 200 }, people.clock.now()),
  );
const unauthenticated = { code: "unauthenticated" };

describe("creating a key", () => {
  test("shows its secret once, stores a digest that needs the server key, and records rights, expiry and networks", async () => {
    await people.acts();
    const expiresAt = people.clock.now() + days(30);
    const { key, secret } = await create(people.first, { name: " CI ", rights: "read", expiresAt, networks: [" 192.0.2.0/24 "] });
    expect(secret).toMatch(new RegExp(`^hb_key_${key.id}_[0-9a-f]{40}$`, "u"));
    expect(key).toMatchObject({
      name: "CI",
      rights: "read",
      state: "active",
      expiresAt,
      networks: ["192.0.2.0/24"],
      createdByName: "Hanako Owner",
      isLocalAgent: false,
    });
    expect(await people.acts()).toMatchObject([
      { verb: "key.created", object: `key:${key.id}`, detail: { rights: "read", expiresAt, networks: ["192.0.2.0/24"] } },
    ]);
    const { rows } = await people.owner.query("select k::text as row from identity_key k");
    for (const { row } of rows) expect(row).not.toContain(secret.split("_")[3]);
    const otherServer = createGate(openIdentity(people.identity, { serverKey: new Secret("another server key") }));
    await expect(present(secret, "192.0.2.1", otherServer)).rejects.toMatchObject(unauthenticated);
    expect(await present(secret)).toMatchObject({ kind: "key", keyId: key.id });
  });

  test("is a manager's right and no key's", async () => {
    const collaborator = await people.join(people.first, "collaborator");
    await expect(create(collaborator)).rejects.toMatchObject({ code: "forbidden", facts: { permission: "key.change", missing: ["role"] } });
    const actor = await enter((await create()).secret);
    await expect(createKey(people.identity, actor, { name: "child", rights: "read" })).rejects.toMatchObject({
      code: "forbidden",
      facts: { missing: ["key-right"] },
    });
  });

  test("refuses networks that are none, naming each, and a time that is past", async () => {
    const networks = ["192.0.2.0/24", "192.0.2.0/33", "example.jp", "2001:db8::/129", "1.2.3.4/8/9", "2001:db8::/32"];
    await expect(create(people.first, { networks })).rejects.toMatchObject({
      code: "invalid-input",
      facts: { fields: [1, 2, 3, 4].map((i) => ({ field: `networks.${i}` })) },
    });
    await expect(create(people.first, { expiresAt: people.clock.now() })).rejects.toMatchObject({
      code: "invalid-input",
      facts: { fields: [{ field: "expiresAt" }] },
    });
  });
});

describe("a key", () => {
  test("opens its own organisation and answers for any other as if that did not exist", async () => {
    await people.another("not-the-keys");
    const { secret } = await create();
    const principal = await present(secret);
    if (!principal) throw new Error("nobody");
    expect(await people.gate.enter(principal, "first", "192.0.2.1")).toMatchObject({
      kind: "key",
      organisationId: people.first.actor.organisationId,
    });
    await expect(people.gate.enter(principal, "not-the-keys", "192.0.2.1")).rejects.toMatchObject({ code: "not-found" });
    await expect(people.gate.enter(principal, "nowhere", "192.0.2.1")).rejects.toMatchObject({ code: "not-found" });
  });

  test("is not valid when anything of it is wrong", async () => {
    const { key, secret } = await create();
    const other = await create();
    const wrong = [
      "",
      "nonsense",
      secret.toUpperCase(),
      secret.slice(0, -1),
      `${secret}0`,
      secret.replace(key.id, newId()),
      secret.replace(key.id, other.key.id),
      `${secret.slice(0, -1)}${secret.endsWith("0") ? "1" : "0"}`,
    ];
    for (const one of wrong) await expect(present(one), one).rejects.toMatchObject(unauthenticated);
  });

  test("ends at its time", async () => {
    const { secret } = await create(people.first, { expiresAt: people.clock.now() + minutes(10) });
    await people.clock.advance(minutes(9));
    expect(await present(secret)).toMatchObject({ kind: "key" });
    await people.clock.advance(minutes(1));
    await expect(present(secret)).rejects.toMatchObject(unauthenticated);
    expect((await list()).keys.map(({ state }) => state)).toContain("expired");
  });

  test("works from its networks only, IPv4 inside IPv6 included, and says so elsewhere", async () => {
    const { secret } = await create(people.first, { networks: ["192.0.2.0/24", "2001:db8:1::/48", "203.0.113.7"] });
    const ask = async (address: string) => people.gate.demand(await enter(secret, address), "inventory.view", "host:x");
    for (const address of ["192.0.2.255", "::ffff:192.0.2.9", "2001:db8:1:ffff::1", "203.0.113.7"]) await ask(address);
    for (const address of ["192.0.3.1", "::ffff:192.0.3.1", "2001:db8:2::1", "203.0.113.8", "", "localhost"]) {
      await expect(ask(address), address).rejects.toMatchObject({ code: "forbidden", facts: { missing: ["network"] } });
    }
  });

  test("costs no query while it is busy, and its last use is kept to the minute", async () => {
    const { key, secret } = await create();
    await people.clock.advance(millis(minutes(1) - (people.clock.now() % minutes(1)) + seconds(5)));
    await present(secret);
    let transactions = 0;
    const { db } = people.identity;
    const counted = {
      ...people.identity,
      db: { ...db, tx: <T>(...args: Parameters<typeof db.tx<T>>) => ((transactions += 1), db.tx<T>(...args)) },
    };
    const gate = createGate(counted);
    for (let n = 0; n < 100; n += 1) await present(secret, "192.0.2.1", gate);
    expect(transactions).toBe(0);
    const used = (await list()).keys.find(({ id }) => id === key.id)?.lastUsedAt;
    expect(used).toBe(people.clock.now() - (people.clock.now() % minutes(1)));
    await people.clock.advance(minutes(2));
    await Promise.all(Array.from({ length: 20 }, () => present(secret)));
    expect((await list()).keys.find(({ id }) => id === key.id)?.lastUsedAt).toBe((used ?? 0) + minutes(2));
  });

  test("outlives the membership of its creator, who stays named", async () => {
    const manager = await people.join(people.first, "manager");
    const { key, secret } = await create(manager);
    await removeMember(people.identity, people.first.actor, manager.actor.personId);
    expect(await present(secret)).toMatchObject({ keyId: key.id });
    expect((await list()).keys.find(({ id }) => id === key.id)?.createdByName).toBe(`Name of ${manager.email}`);
  });
});

describe("revoking a key", () => {
  test("ends it at once although it was just used, is recorded, and happens once", async () => {
    const { key, secret } = await create();
    await present(secret);
    await people.acts();
    const results = await Promise.allSettled([
      revokeKey(people.identity, people.first.actor, key.id),
      revokeKey(people.identity, people.first.actor, key.id),
    ]);
    expect(results.map((r) => r.status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await expect(present(secret)).rejects.toMatchObject(unauthenticated);
    expect(await people.acts()).toMatchObject([
      { actor: `person:${people.first.actor.personId}`, verb: "key.revoked", object: `key:${key.id}`, outcome: "done" },
    ]);
    expect((await list()).keys.map(({ id }) => id)).not.toContain(key.id);
    expect((await list(true)).keys.find(({ id }) => id === key.id)).toMatchObject({ state: "revoked", revokedAt: people.clock.now() });
  });

  test("is noticed by another process within seconds even when its announcement is lost", async () => {
    const { key, secret } = await create();
    const elsewhere = openIdentity(people.identity, people.identity.settings);
    const gate = createGate(elsewhere);
    await present(secret, "192.0.2.1", gate);
    await revokeKey(people.identity, people.first.actor, key.id);
    await people.clock.advance(seconds(3));
    await expect(present(secret, "192.0.2.1", gate)).rejects.toMatchObject(unauthenticated);
  });

  test("is a manager's right, and another organisation's key cannot be found", async () => {
    const { key, secret } = await create();
    const viewer = await people.join(people.first, "viewer");
    await expect(revokeKey(people.identity, viewer.actor, key.id)).rejects.toMatchObject({ code: "forbidden" });
    const org = await people.another("key-thief");
    await expect(revokeKey(people.identity, org.actor, key.id)).rejects.toMatchObject({ code: "not-found" });
    expect(await present(secret)).toMatchObject({ keyId: key.id });
  });
});
