import { beforeAll, describe, expect, test } from "vitest";
import { minutes } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { Actor } from "#http";
import { withPeople, type Somebody } from "#test/people";
import { changeHost } from "./change-host.ts";
import { changeHostRoles, changeHostStatuses, retireHosts } from "./change-hosts.ts";
import { changeHostStatus } from "./change-host-status.ts";
import { createRole } from "./create-role.ts";
import { createService } from "./create-service.ts";
import { openInventory, type Inventory } from "./inventory.ts";
import { parseRoleNames } from "./model.ts";
import { membersOfRole, namesOf, pageOfHosts, readHost, type HostFilter, type HostRecord } from "./read-hosts.ts";
import { findRole } from "./find.ts";
import { registerHost, type RegisterHost } from "./register-host.ts";
import { retireHost } from "./retire-host.ts";
import { setHostRoles } from "./set-host-roles.ts";

const people = withPeople();
let inventory: Inventory;
let us: Actor;
let viewer: Somebody;
let other: Actor;

beforeAll(async () => {
  inventory = openInventory({ db: people.identity.db, clock: people.clock });
  us = people.first.actor;
  viewer = await people.join(people.first, "viewer");
  other = (await people.another("other")).actor;
  await people.acts();
});

const register = async (input: Partial<RegisterHost> = {}, actor = us): Promise<string> =>
  (await registerHost(inventory, actor, { name: "web", onExisting: "change", ...input })).id;
const read = (id: string, actor = us): Promise<HostRecord> =>
  inventory.db.tx({ organisationId: actor.organisationId }, (tx) => readHost(tx, id));
const roles = (...texts: string[]) => parseRoleNames(texts, "roles");
const rolesOf = async (id: string): Promise<string[]> => (await read(id)).roles.map((role) => `${role.service}:${role.role}`);
const verbs = async (): Promise<string[]> => (await people.acts()).map((act) => `${act.verb} ${act.object.split(":")[0]} ${act.outcome}`);

async function codeOf(act: Promise<unknown>): Promise<string> {
  try {
    await act;
    return "done";
  } catch (error) {
    if (error instanceof HinobanError) return error.code;
    throw error;
  }
}

describe("registering a host", () => {
  test("is recorded together with the service, the role and the membership that it made", async () => {
    const id = await register({ roles: roles("shop:web"), customIdentifier: "i-1", checks: [{ name: "disk", memo: "" }] });
    const acts = await people.acts();
    expect(acts.map((act) => act.verb)).toEqual(["host.registered", "service.created", "role.created", "host.roles-changed"]);
    expect(acts[0]).toMatchObject({ object: `host:${id}`, outcome: "done", actor: `person:${people.first.actor.personId}` });
    expect(JSON.stringify(acts)).not.toContain("i-1");
    expect(await read(id)).toMatchObject({
      name: "web",
      status: "working",
      custom_identifier: "i-1",
      retired_at: null,
      roles: [{ service: "shop", role: "web" }],
    });
  });

  test("gives the status that the organisation gives to new hosts", async () => {
    await people.owner.query("update identity_organisation set default_host_status = 'standby' where id = $1", [other.organisationId]);
    expect((await read(await register({}, other), other)).status).toBe("standby");
    expect((await read(await register({ status: "maintenance" }, other), other)).status).toBe("maintenance");
  });

  test("again with the same custom identifier changes the host that is there, or is refused when a person does it", async () => {
    const id = await register({ name: "one", customIdentifier: "same" });
    expect(await registerHost(inventory, us, { name: "two", customIdentifier: "same", onExisting: "change" })).toEqual({
      id,
      isNew: false,
    });
    expect((await read(id)).name).toBe("two");
    expect(await codeOf(registerHost(inventory, us, { name: "three", customIdentifier: "same", onExisting: "refuse" }))).toBe("conflict");
    const theirs = await register({ customIdentifier: "same" }, other);
    expect(theirs).not.toBe(id);
    await retireHost(inventory, us, id);
    expect(await register({ customIdentifier: "same" })).not.toBe(id);
  });

  test("at the same moment with one custom identifier makes one host", async () => {
    const ids = await Promise.all(Array.from({ length: 6 }, (_, i) => register({ name: `race${i}`, customIdentifier: "race" })));
    expect(new Set(ids).size).toBe(1);
    const refused = await Promise.allSettled(
      Array.from({ length: 5 }, () => registerHost(inventory, us, { name: "r", customIdentifier: "race2", onExisting: "refuse" })),
    );
    expect(refused.filter((one) => one.status === "fulfilled")).toHaveLength(1);
  });

  test("is refused to a viewer, and nothing is written", async () => {
    await people.acts();
    expect(await codeOf(register({ name: "no", roles: roles("novel:web") }, viewer.actor))).toBe("forbidden");
    expect(await people.acts()).toEqual([]);
    expect((await people.owner.query("select 1 from inventory_host where name = 'no'")).rows).toEqual([]);
  });
});

describe("changing a host", () => {
  test("keeps what is not named, and records the fields", async () => {
    const id = await register({ name: "keep", memo: "old", displayName: "shown", roles: roles("shop:web") });
    await people.acts();
    await changeHost(inventory, us, id, { memo: "new" });
    const acts = await people.acts();
    expect(acts).toMatchObject([{ verb: "host.changed", object: `host:${id}`, detail: { fields: ["memo"] } }]);
    expect(await read(id)).toMatchObject({ name: "keep", memo: "new", display_name: "shown", roles: [{ service: "shop", role: "web" }] });
    await changeHost(inventory, us, id, { displayName: "" });
    expect((await read(id)).display_name).toBe("");
  });

  test("that says nothing new is not recorded, nor are figures that change by themselves", async () => {
    const meta = (free: string) => JSON.stringify({ memory: { free }, kernel: { release: "6.1" } });
    const id = await register({ meta: meta("1kB") });
    await people.acts();
    await changeHost(inventory, us, id, { name: "web", meta: meta("2kB") });
    expect(await people.acts()).toEqual([]);
    expect((await read(id)).meta).toBe(meta("2kB"));
    await changeHost(inventory, us, id, { meta: '{"kernel":{"release":"6.2"}}' });
    expect((await people.acts()).map((act) => act.detail)).toEqual([{ fields: ["meta"] }]);
  });

  test("replaces its checks, except one that is not OK", async () => {
    const id = await register({ checks: ["a", "b", "c"].map((name) => ({ name, memo: "" })) });
    await people.owner.query("update inventory_check set status = 'CRITICAL' where host_id = $1 and name = 'b'", [id]);
    await changeHost(inventory, us, id, {
      checks: [
        { name: "a", memo: "told" },
        { name: "d", memo: "" },
      ],
    });
    const { rows } = await people.owner.query("select name, memo from inventory_check where host_id = $1 order by name", [id]);
    expect(rows).toEqual([
      { name: "a", memo: "told" },
      { name: "b", memo: "" },
      { name: "d", memo: "" },
    ]);
    await changeHost(inventory, us, id, { checks: [] });
    expect((await people.owner.query("select name from inventory_check where host_id = $1", [id])).rows).toEqual([{ name: "b" }]);
  });

  test("refuses a custom identifier that another host has", async () => {
    await register({ customIdentifier: "taken" });
    const id = await register({ customIdentifier: "mine" });
    expect(await codeOf(changeHost(inventory, us, id, { customIdentifier: "taken" }))).toBe("conflict");
    await changeHost(inventory, us, id, { customIdentifier: null });
    expect((await read(id)).custom_identifier).toBeNull();
  });

  test("is refused to a viewer, and does not exist for another organisation", async () => {
    const id = await register();
    expect(await codeOf(changeHost(inventory, viewer.actor, id, { memo: "x" }))).toBe("forbidden");
    expect(await codeOf(changeHost(inventory, other, id, { memo: "x" }))).toBe("not-found");
  });
});

describe("a host's status", () => {
  test("is recorded with where it came from, and only when it changes", async () => {
    const id = await register();
    await people.acts();
    await changeHostStatus(inventory, us, { id, status: "poweroff" });
    await changeHostStatus(inventory, us, { id, status: "poweroff" });
    expect(await people.acts()).toMatchObject([
      { verb: "host.status-changed", object: `host:${id}`, detail: { from: "working", to: "poweroff" } },
    ]);
    expect(await codeOf(changeHostStatus(inventory, viewer.actor, { id, status: "working" }))).toBe("forbidden");
    expect(await codeOf(changeHostStatus(inventory, other, { id, status: "working" }))).toBe("not-found");
  });

  test("changed by many at once is recorded once", async () => {
    const id = await register();
    await people.acts();
    await Promise.all(Array.from({ length: 5 }, () => changeHostStatus(inventory, us, { id, status: "standby" })));
    expect(await verbs()).toEqual(["host.status-changed host done"]);
  });
});

describe("retiring a host", () => {
  test("ends its memberships, keeps it readable with the roles it had, and cannot be undone", async () => {
    const id = await register({ roles: roles("shop:web", "shop:db"), memo: "kept" });
    await people.clock.advance(minutes(3));
    await people.acts();
    await retireHost(inventory, us, id);
    expect(await verbs()).toEqual(["host.retired host done"]);
    expect(await read(id)).toMatchObject({ memo: "kept", retired_at: people.clock.now() });
    expect(await rolesOf(id)).toEqual(["shop:db", "shop:web"]);
    expect(await codeOf(changeHost(inventory, us, id, { memo: "x" }))).toBe("gone");
    expect(await codeOf(changeHostStatus(inventory, us, { id, status: "working" }))).toBe("gone");
    expect(await codeOf(setHostRoles(inventory, us, { id, roles: [] }))).toBe("gone");
    expect(await verbs()).toEqual([]);
  });

  test("twice at once is recorded once; somebody else's host does not exist", async () => {
    const id = await register();
    await people.acts();
    await Promise.all([retireHost(inventory, us, id), retireHost(inventory, us, id)]);
    expect(await verbs()).toEqual(["host.retired host done"]);
    expect(await codeOf(retireHost(inventory, other, id))).toBe("not-found");
    expect(await codeOf(retireHost(inventory, viewer.actor, id))).toBe("forbidden");
  });
});

describe("roles of a host", () => {
  test("are replaced, and each time of belonging is kept", async () => {
    await createService(inventory, us, { name: "svc", memo: "" });
    await createRole(inventory, us, { service: "svc", role: "aa", memo: "" });
    await createRole(inventory, us, { service: "svc", role: "bb", memo: "" });
    const id = await register();
    const t = (): number => people.clock.now();
    const start = t();
    await setHostRoles(inventory, us, { id, roles: roles("svc:aa") });
    await people.clock.advance(minutes(10));
    await people.acts();
    expect(await setHostRoles(inventory, us, { id, roles: roles("svc:bb", "svc: bb") })).toEqual(["svc:bb"]);
    expect(await verbs()).toEqual(["host.roles-changed host done"]);
    const left = t();
    await people.clock.advance(minutes(10));
    await setHostRoles(inventory, us, { id, roles: roles("svc:aa", "svc:bb") });
    const back = t();
    const members = await inventory.db.tx({ organisationId: us.organisationId }, async (tx) => {
      const role = await findRole(tx, { service: "svc", role: "aa" });
      return membersOfRole(tx, role.id, {});
    });
    expect(members).toMatchObject([
      {
        id,
        during: [
          { from: start, to: left },
          { from: back, to: null },
        ],
      },
    ]);
    expect(await codeOf(setHostRoles(inventory, us, { id, roles: roles("svc:zz") }))).toBe("invalid-input");
    expect(await codeOf(setHostRoles(inventory, viewer.actor, { id, roles: [] }))).toBe("forbidden");
  });

  test("left and taken again within one millisecond continue", async () => {
    const id = await register({ roles: roles("svc:aa") });
    await setHostRoles(inventory, us, { id, roles: [] });
    await setHostRoles(inventory, us, { id, roles: roles("svc:aa") });
    expect(await rolesOf(id)).toEqual(["svc:aa"]);
  });
});

describe("bulk acts", () => {
  test("record one entry for each host, leave out what cannot be changed and say why", async () => {
    const [a, b, c] = [await register(), await register({ status: "standby" }), await register()];
    await retireHost(inventory, us, c);
    const theirs = await register({}, other);
    await people.acts();
    const result = await changeHostStatuses(inventory, us, { ids: [a, b, c, theirs], status: "standby" });
    expect(result).toEqual({
      changed: [a],
      unchanged: [b],
      skipped: [
        { id: c, reason: "retired" },
        { id: theirs, reason: "not-found" },
      ],
    });
    expect(await verbs()).toEqual(["host.status-changed host done"]);
    expect(await changeHostRoles(inventory, us, { ids: [a, b], add: roles("svc:aa"), remove: roles("svc:bb") })).toMatchObject({
      changed: [a, b],
    });
    expect(await changeHostRoles(inventory, us, { ids: [a, b], add: [], remove: roles("svc:aa") })).toMatchObject({ changed: [a, b] });
    expect(await verbs()).toEqual(Array.from({ length: 4 }, () => "host.roles-changed host done"));
    expect(await retireHosts(inventory, us, { ids: [a, c] })).toEqual({ changed: [a], unchanged: [c], skipped: [] });
    expect(await codeOf(retireHosts(inventory, viewer.actor, { ids: [b] }))).toBe("forbidden");
    expect(await codeOf(changeHostRoles(inventory, viewer.actor, { ids: [b], add: [], remove: [] }))).toBe("forbidden");
    expect(await codeOf(changeHostStatuses(inventory, viewer.actor, { ids: [b], status: "working" }))).toBe("forbidden");
  });

  test("of the same hosts in opposite order both end", async () => {
    const ids = await Promise.all(Array.from({ length: 10 }, () => register()));
    await Promise.all([
      changeHostStatuses(inventory, us, { ids, status: "standby" }),
      changeHostStatuses(inventory, us, { ids: ids.toReversed(), status: "maintenance" }),
    ]);
    const states = new Set(await Promise.all(ids.map(async (id) => (await read(id)).status)));
    expect(states.size).toBe(1);
  });
});

describe("the list of hosts", () => {
  const listed = async (filter: Partial<HostFilter>, actor: Actor = us): Promise<string[]> => {
    const page = { sort: "name", order: "asc", offset: 0, limit: 100 } as const;
    const hosts = await inventory.db.tx({ organisationId: actor.organisationId }, (tx) =>
      pageOfHosts(tx, { retired: "exclude", ...filter }, page),
    );
    return hosts.map((host) => host.name);
  };

  test("is searched, filtered and sorted, and never shows another organisation's", async () => {
    const eth = { name: "eth0", ipv4Addresses: ["198.51.100.7"], ipv6Addresses: [] };
    await register({ name: "list10", roles: roles("list:web"), memo: "棚 3" });
    await register({ name: "list2", roles: roles("list:db"), interfaces: [eth] });
    const gone = await register({ name: "list3", roles: roles("list:web") });
    await retireHost(inventory, us, gone);
    await register({ name: "list4" }, other);
    expect(await listed({ text: "list" })).toEqual(["list2", "list10"]);
    expect(await listed({ text: "LIST", retired: "include" })).toEqual(["list2", "list3", "list10"]);
    expect(await listed({ text: "list", retired: "only" })).toEqual(["list3"]);
    expect(await listed({ service: "list" })).toEqual(["list2", "list10"]);
    expect(await listed({ service: "list", roles: ["web"], retired: "include" })).toEqual(["list3", "list10"]);
    expect(await listed({ text: "198.51.100" })).toEqual(["list2"]);
    expect(await listed({ text: "棚 list" })).toEqual(["list10"]);
    expect(await listed({ text: "%" })).toEqual([]);
    expect(await listed({ service: "list" }, other)).toEqual([]);
  });

  test("gives names to the history", async () => {
    const id = await register({ name: "n", displayName: "Named" });
    const names = await inventory.db.tx({ organisationId: us.organisationId }, (tx) =>
      namesOf(tx, [`host:${id}`, "host:none", "person:x"]),
    );
    expect(names).toEqual({ [`host:${id}`]: "Named" });
  });
});

describe("when hosts were seen last", () => {
  test("is written at most once a minute, for all of them together", async () => {
    const id = await register();
    inventory.lastSeen.touch(us.organisationId, [id]);
    await people.clock.advance(minutes(1));
    await expect
      .poll(async () => (await people.owner.query("select host_id from inventory_seen where host_id = $1", [id])).rows)
      .toHaveLength(1);
    expect(inventory.lastSeen.of(id)).toBe(people.clock.now() - minutes(1));
  });

  test("is kept when the database is away, and written later", async () => {
    const id = await register();
    const broken = openInventory({ clock: people.clock, db: { ...people.identity.db, tx: () => Promise.reject(new Error("away")) } });
    broken.lastSeen.touch(us.organisationId, [id]);
    await expect(broken.lastSeen.flush()).rejects.toThrow("away");
    await expect(broken.lastSeen.flush()).rejects.toThrow("away");
  });
});
