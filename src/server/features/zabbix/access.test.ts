import { describe, expect, test } from "vitest";
import { Secret } from "#base/secret";
import { Seal } from "#store";
import { withPeople } from "#test/people";
import { withZabbixRigs } from "#test/zabbix-rig";
import { changeSettings } from "./change-settings.ts";
import { createPsk } from "./create-psk.ts";
import { listPsks, namesOf } from "./read-psks.ts";
import { revokePsk } from "./revoke-psk.ts";
import { privateNetworks } from "./tables.ts";

const people = withPeople();
const openRig = withZabbixRigs(people);
const open = () => openRig({ clock: people.clock });
const hex = "00112233445566778899aabbccddeeff";
const list = (organisationId: string) => people.identity.db.tx({ organisationId }, (tx) => listPsks(tx, {}));

describe("a pre-shared key", () => {
  test("is made once, sealed, recorded without its text, and opens the door at once", async () => {
    const { zabbix } = await open();
    await people.acts();
    const { psk, key } = await createPsk(zabbix, people.first.actor, { hostName: " web 1 " });
    expect(key?.reveal()).toMatch(/^[0-9a-f]{64}$/u);
    expect(psk).toMatchObject({ identity: `hinoban-${psk.id}`, hostName: "web 1", createdBy: `person:${people.first.actor.personId}` });
    expect(await people.acts()).toMatchObject([
      { verb: "zabbix-psk.created", object: `zabbix-psk:${psk.id}`, outcome: "done", detail: { identity: /^h:/u, hostName: /^h:/u } },
    ]);
    const { rows } = await people.owner.query<{ row: string }>("select k::text as row from zabbix_psk k");
    for (const { row } of rows) {
      expect(row).not.toContain(key?.reveal());
      expect(row).not.toContain(Buffer.from(key?.reveal() ?? "").toString("hex"));
    }
    expect(zabbix.access.pskOf(psk.identity)?.key.reveal()).toBe(key?.reveal());
    expect(JSON.stringify(zabbix.access.pskOf(psk.identity))).not.toContain(key?.reveal());
    const { organisationId } = people.first.actor;
    expect(await people.identity.db.tx({ organisationId }, (tx) => namesOf(tx, [`zabbix-psk:${psk.id}`, "host:x"]))).toEqual({
      [`zabbix-psk:${psk.id}`]: psk.identity,
    });
  });

  test("that agents have already is taken over and not shown; its identity is nobody else's while it is valid", async () => {
    const { zabbix } = await open();
    const made = await createPsk(zabbix, people.first.actor, { identity: "PSK 001", key: new Secret(hex) });
    expect(made.key).toBeUndefined();
    expect(zabbix.access.pskOf("PSK 001")?.key.reveal()).toBe(hex);
    const other = await people.another("psk-other");
    await expect(createPsk(zabbix, other.actor, { identity: "PSK 001" })).rejects.toMatchObject({ code: "conflict" });
    await revokePsk(zabbix, people.first.actor, made.psk.id);
    expect(await createPsk(zabbix, other.actor, { identity: "PSK 001" })).toMatchObject({ psk: { identity: "PSK 001" } });
  });

  test("that is revoked is refused at once, recorded once, and its sealed bytes are gone", async () => {
    const { zabbix } = await open();
    const { psk } = await createPsk(zabbix, people.first.actor, {});
    await people.acts();
    const results = await Promise.allSettled([
      revokePsk(zabbix, people.first.actor, psk.id),
      revokePsk(zabbix, people.first.actor, psk.id),
    ]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(await people.acts()).toMatchObject([{ verb: "zabbix-psk.revoked", object: `zabbix-psk:${psk.id}`, outcome: "done" }]);
    expect(zabbix.access.pskOf(psk.identity)).toBeUndefined();
    const { rows } = await people.owner.query("select octet_length(sealed) as bytes from zabbix_psk where id = $1", [psk.id]);
    expect(rows).toEqual([{ bytes: 0 }]);
    expect((await list(people.first.actor.organisationId)).psks.map(({ id }) => id)).not.toContain(psk.id);
  });

  test("is a manager's to make and to revoke, and another organisation's cannot be found", async () => {
    const { zabbix } = await open();
    const viewer = await people.join(people.first, "viewer");
    await expect(createPsk(zabbix, viewer.actor, {})).rejects.toMatchObject({ code: "forbidden", facts: { permission: "key.change" } });
    const { psk } = await createPsk(zabbix, people.first.actor, {});
    await expect(revokePsk(zabbix, viewer.actor, psk.id)).rejects.toMatchObject({ code: "forbidden" });
    const other = await people.another("psk-thief");
    await expect(revokePsk(zabbix, other.actor, psk.id)).rejects.toMatchObject({ code: "not-found" });
    expect((await list(other.actor.organisationId)).total).toBe(0);
    expect(zabbix.access.pskOf(psk.identity)).toBeDefined();
  });

  test("that was sealed for another row or under another server key cannot be opened", () => {
    const seal = new Seal(new Secret("one"), "test", "It cannot be opened.");
    const sealed = seal.seal(new Secret(hex), "a");
    expect(seal.open(sealed, "a").reveal()).toBe(hex);
    expect(() => seal.open(sealed, "b")).toThrow("cannot be opened");
    expect(() => new Seal(new Secret("two"), "test", "It cannot be opened.").open(sealed, "a")).toThrow("cannot be opened");
    expect(() => seal.open(Buffer.alloc(3), "a")).toThrow("cannot be opened");
    expect(seal.seal(new Secret(hex), "a")).not.toEqual(sealed);
  });
});

describe("who may report without encryption", () => {
  test("is the neighbourhood of the first organisation, and nobody for any other, until somebody says otherwise", async () => {
    const { zabbix } = await open();
    const other = await people.another("net-other");
    await zabbix.access.refresh();
    const { organisationId } = people.first.actor;
    expect(zabbix.access.settingsOf(organisationId)).toMatchObject({ networks: privateNetworks, autoregister: true });
    expect(zabbix.access.settingsOf(other.actor.organisationId)).toMatchObject({ networks: [], autoregister: true });
    for (const address of ["127.0.0.1", "::ffff:10.1.2.3", "172.31.0.1", "192.168.1.1", "::1", "fd00::1", "fe80::1%eth0"])
      expect(zabbix.access.visitorAt(address), address).toMatchObject({ organisationId, mayRegister: true, psk: undefined });
    for (const address of ["192.0.2.1", "172.32.0.1", "2001:db8::1", "", "nonsense"])
      expect(zabbix.access.visitorAt(address), address).toBeUndefined();
  });

  test("is changed by a manager, recorded, and the narrowest network decides whose agent it is", async () => {
    const { zabbix } = await open();
    const other = await people.another("net-narrow");
    await people.acts();
    await changeSettings(zabbix, other.actor, { networks: [" 10.1.0.0/16 ", "2001:db8::/32", "10.1.0.0/16"], autoregister: false });
    expect(await people.acts()).toMatchObject([
      {
        organisationId: other.actor.organisationId,
        verb: "zabbix-settings.changed",
        detail: { fields: ["networks", "autoregister"], networks: ["10.1.0.0/16", "2001:db8::/32"], autoregister: "false" },
      },
    ]);
    await changeSettings(zabbix, other.actor, { networks: ["10.1.0.0/16", "2001:db8::/32"], autoregister: false });
    expect(await people.acts()).toEqual([]);
    expect(zabbix.access.visitorAt("10.1.2.3")).toMatchObject({ organisationId: other.actor.organisationId, mayRegister: false });
    expect(zabbix.access.visitorAt("10.2.2.3")).toMatchObject({ organisationId: people.first.actor.organisationId });
    expect(zabbix.access.visitorAt("2001:db8::5")).toMatchObject({ organisationId: other.actor.organisationId });
    await changeSettings(zabbix, other.actor, { networks: [], autoregister: false });
    expect(zabbix.access.visitorAt("10.1.2.3")).toMatchObject({ organisationId: people.first.actor.organisationId });
  });

  test("cannot be cut out of another organisation's by somebody who manages only one of them", async () => {
    const { zabbix } = await open();
    const other = await people.another("net-thief");
    const manager = await people.join(other, "manager");
    await expect(
      changeSettings(zabbix, manager.actor, { networks: ["198.51.100.0/24", "10.9.0.0/16"], autoregister: true }),
    ).rejects.toMatchObject({
      code: "invalid-input",
      facts: { fields: [{ field: "networks.1" }] },
    });
    await expect(changeSettings(zabbix, manager.actor, { networks: ["0.0.0.0/0"], autoregister: true })).rejects.toMatchObject({
      code: "invalid-input",
    });
    await changeSettings(zabbix, manager.actor, { networks: ["198.51.100.0/24"], autoregister: true });
    expect(zabbix.access.visitorAt("10.9.0.1")).toMatchObject({ organisationId: people.first.actor.organisationId });
  });

  test("cannot be changed by a viewer, nor to what is no network", async () => {
    const { zabbix } = await open();
    const viewer = await people.join(people.first, "viewer");
    const input = { networks: [], autoregister: true };
    await expect(changeSettings(zabbix, viewer.actor, input)).rejects.toMatchObject({
      code: "forbidden",
      facts: { permission: "organisation.change" },
    });
    await expect(
      changeSettings(zabbix, people.first.actor, { networks: ["10.0.0.0/8", "10.0.0.0/33", "x"], autoregister: true }),
    ).rejects.toMatchObject({ code: "invalid-input", facts: { fields: [{ field: "networks.1" }, { field: "networks.2" }] } });
  });
});
