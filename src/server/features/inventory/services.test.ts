import { beforeAll, describe, expect, test } from "vitest";
import { hours, minutes, toSeconds, fromSeconds, type UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { Actor } from "#http";
import { withPeople, type Somebody } from "#test/people";
import { changeRole } from "./change-role.ts";
import { changeService } from "./change-service.ts";
import { createRole } from "./create-role.ts";
import { createService } from "./create-service.ts";
import { deleteMetadata } from "./delete-metadata.ts";
import { deleteRole } from "./delete-role.ts";
import { deleteService } from "./delete-service.ts";
import { openInventory, type Inventory } from "./inventory.ts";
import { putMetadata } from "./put-metadata.ts";
import { checksOf, reportsOf } from "./read-checks.ts";
import { namesOf, readHost } from "./read-hosts.ts";
import { listMetadata, readMetadata } from "./read-metadata.ts";
import { pageOfServices, readService } from "./read-services.ts";
import { registerHost } from "./register-host.ts";
import { reportChecks, type CheckReportInput } from "./report-checks.ts";
import { retireHost } from "./retire-host.ts";

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
});

const inside = (actor: Actor = us) => ({ organisationId: actor.organisationId });
const register = async (roles: { service: string; role: string }[] = [], actor = us): Promise<string> =>
  (await registerHost(inventory, actor, { name: "h", roles, onExisting: "change" })).id;

async function codeOf(act: Promise<unknown>): Promise<string> {
  try {
    await act;
    return "done";
  } catch (error) {
    if (error instanceof HinobanError) return error.code;
    throw error;
  }
}

describe("services and roles", () => {
  test("are created, changed and deleted, each with its entry", async () => {
    await people.acts();
    await createService(inventory, us, { name: "shop", memo: "" });
    await createRole(inventory, us, { service: "shop", role: "web", memo: "" });
    await changeService(inventory, us, { name: "shop", memo: "new" });
    await changeService(inventory, us, { name: "shop", memo: "new" });
    await changeRole(inventory, us, { service: "shop", role: "web", memo: "new" });
    await changeRole(inventory, us, { service: "shop", role: "web", memo: "new" });
    await deleteRole(inventory, us, { service: "shop", role: "web" });
    await createRole(inventory, us, { service: "shop", role: "web", memo: "" });
    await deleteService(inventory, us, "shop");
    const acts = await people.acts();
    expect(acts.map((act) => act.verb)).toEqual([
      "service.created",
      "role.created",
      "service.changed",
      "role.changed",
      "role.deleted",
      "role.created",
      "role.deleted",
      "service.deleted",
    ]);
    const names = await inventory.db.tx(inside(), (tx) =>
      namesOf(
        tx,
        acts.map((act) => act.object),
      ),
    );
    expect(new Set(Object.values(names))).toEqual(new Set(["shop", "shop:web"]));
  });

  test("have names that are taken once, also when two ask at the same moment; a deleted one is free", async () => {
    const created = await Promise.allSettled(Array.from({ length: 5 }, () => createService(inventory, us, { name: "once", memo: "" })));
    expect(created.filter((one) => one.status === "fulfilled")).toHaveLength(1);
    const made = await Promise.allSettled(
      Array.from({ length: 5 }, () => createRole(inventory, us, { service: "once", role: "web", memo: "" })),
    );
    expect(made.filter((one) => one.status === "fulfilled")).toHaveLength(1);
    await createService(inventory, other, { name: "once", memo: "" });
    const ended = await Promise.allSettled(Array.from({ length: 3 }, () => deleteService(inventory, us, "once")));
    expect(ended.filter((one) => one.status === "fulfilled")).toHaveLength(1);
    expect(await codeOf(createService(inventory, us, { name: "once", memo: "" }))).toBe("done");
    expect((await inventory.db.tx(inside(other), (tx) => readService(tx, "once"))).name).toBe("once");
  });

  test("are refused to a viewer, and another organisation's do not exist", async () => {
    await createService(inventory, us, { name: "mine", memo: "" });
    for (const act of [
      () => createService(inventory, viewer.actor, { name: "xx", memo: "" }),
      () => changeService(inventory, viewer.actor, { name: "mine", memo: "x" }),
      () => deleteService(inventory, viewer.actor, "mine"),
      () => createRole(inventory, viewer.actor, { service: "mine", role: "xx", memo: "" }),
      () => changeRole(inventory, viewer.actor, { service: "mine", role: "xx", memo: "" }),
      () => deleteRole(inventory, viewer.actor, { service: "mine", role: "xx" }),
    ]) {
      expect(await codeOf(act())).toBe("forbidden");
    }
    expect(await codeOf(deleteService(inventory, other, "mine"))).toBe("not-found");
    expect(await codeOf(createRole(inventory, other, { service: "mine", role: "xx", memo: "" }))).toBe("not-found");
  });

  test("count their hosts, each once for a service, and leave them when deleted", async () => {
    const both = await register([
      { service: "count", role: "aa" },
      { service: "count", role: "bb" },
    ]);
    await register([{ service: "count", role: "aa" }]);
    const retired = await register([{ service: "count", role: "aa" }]);
    await retireHost(inventory, us, retired);
    const service = await inventory.db.tx(inside(), (tx) => readService(tx, "count"));
    expect(service).toMatchObject({
      hosts: 2,
      roles: [
        { name: "aa", hosts: 2 },
        { name: "bb", hosts: 1 },
      ],
    });
    const { services, total } = await inventory.db.tx(inside(), (tx) => pageOfServices(tx, { text: "COUN", offset: 0, limit: 10 }));
    expect([services.map((one) => one.name), total]).toEqual([["count"], 1]);
    await deleteRole(inventory, us, { service: "count", role: "aa" });
    expect((await inventory.db.tx(inside(), (tx) => readHost(tx, both))).roles).toEqual(
      [{ service: "count", role: "bb" }].map((role) => expect.objectContaining(role)),
    );
    await deleteService(inventory, us, "count");
    expect((await inventory.db.tx(inside(), (tx) => readHost(tx, both))).roles).toEqual([]);
  });
});

describe("metadata", () => {
  test("is kept as it is written, recorded when it changes, and goes with its owner", async () => {
    const id = await register();
    await createService(inventory, us, { name: "meta", memo: "" });
    const owners = [{ host: id }, { service: "meta" }] as const;
    for (const owner of owners) {
      await people.acts();
      const document = '{"a":1.0,"10":null}';
      await putMetadata(inventory, us, { owner, namespace: "rack", document });
      await putMetadata(inventory, us, { owner, namespace: "rack", document });
      expect((await people.acts()).map((act) => act.verb)).toEqual(["metadata.changed"]);
      expect((await inventory.db.tx(inside(), (tx) => readMetadata(tx, { owner, namespace: "rack" }))).document).toBe(document);
      expect(await inventory.db.tx(inside(), (tx) => listMetadata(tx, owner))).toMatchObject([
        { namespace: "rack", bytes: document.length },
      ]);
      expect(await codeOf(putMetadata(inventory, viewer.actor, { owner, namespace: "rack", document }))).toBe("forbidden");
      expect(await codeOf(putMetadata(inventory, other, { owner, namespace: "rack", document }))).toBe("not-found");
      expect(await codeOf(deleteMetadata(inventory, viewer.actor, { owner, namespace: "rack" }))).toBe("forbidden");
      expect(await codeOf(deleteMetadata(inventory, us, { owner, namespace: "none" }))).toBe("not-found");
    }
    await deleteMetadata(inventory, us, { owner: { host: id }, namespace: "rack" });
    expect((await people.acts()).map((act) => act.verb)).toEqual(["metadata.deleted"]);
    await deleteService(inventory, us, "meta");
    await createService(inventory, us, { name: "meta", memo: "" });
    expect(await inventory.db.tx(inside(), (tx) => listMetadata(tx, { service: "meta" }))).toEqual([]);
  });

  test("has a limit of documents for each owner, and a retired host's is closed", async () => {
    await createService(inventory, us, { name: "full", memo: "" });
    await createRole(inventory, us, { service: "full", role: "web", memo: "" });
    const owner = { service: "full", role: "web" };
    for (let i = 0; i < 10; i++) await putMetadata(inventory, us, { owner, namespace: `n${i}`, document: "1" });
    expect(await codeOf(putMetadata(inventory, us, { owner, namespace: "n10", document: "1" }))).toBe("invalid-input");
    expect(await codeOf(putMetadata(inventory, us, { owner, namespace: "n9", document: "2" }))).toBe("done");
    const id = await register();
    await putMetadata(inventory, us, { owner: { host: id }, namespace: "a", document: "1" });
    await retireHost(inventory, us, id);
    expect(await codeOf(putMetadata(inventory, us, { owner: { host: id }, namespace: "a", document: "2" }))).toBe("gone");
    expect((await inventory.db.tx(inside(), (tx) => readMetadata(tx, { owner: { host: id }, namespace: "a" }))).document).toBe("1");
  });
});

describe("check reports", () => {
  const report = (hostId: string, at: UnixMs, extra: Partial<CheckReportInput> = {}): CheckReportInput => ({
    hostId,
    name: "disk",
    status: "OK",
    message: "",
    occurredAt: fromSeconds(toSeconds(at)),
    notificationInterval: null,
    maxCheckAttempts: 1,
    ...extra,
  });
  const state = async (id: string) => (await inventory.db.tx(inside(), (tx) => checksOf(tx, id)))[0];

  test("make the newest by time the state, in whatever order they come, and count each once", async () => {
    const id = await register();
    const now = people.clock.now();
    const older = report(id, (now - minutes(5)) as UnixMs, { status: "CRITICAL" });
    expect(await reportChecks(inventory, us, [report(id, now, { message: "fine" }), older])).toEqual({ stored: 2, ignored: 0, unknown: 0 });
    expect(await state(id)).toMatchObject({ status: "OK", message: "fine" });
    expect(await reportChecks(inventory, us, [report(id, now, { status: "WARNING" }), older])).toEqual({
      stored: 0,
      ignored: 2,
      unknown: 0,
    });
    const reports = await inventory.db.tx(inside(), (tx) => reportsOf(tx, { hostId: id, name: "disk", limit: 10 }));
    expect(reports.map((one) => one.status)).toEqual(["OK", "CRITICAL"]);
  });

  test("older than six hours, of retired hosts and of other organisations' are left out", async () => {
    const id = await register();
    const retired = await register();
    const theirs = await register([], other);
    await retireHost(inventory, us, retired);
    const now = people.clock.now();
    const outcome = await reportChecks(inventory, us, [
      report(id, (now - hours(6)) as UnixMs),
      report(retired, now),
      report(theirs, now),
      report("none", now),
    ]);
    expect(outcome).toEqual({ stored: 0, ignored: 1, unknown: 3 });
    expect(await codeOf(reportChecks(inventory, viewer.actor, [report(id, now)]))).toBe("forbidden");
  });

  test("are kept to a hundred once they are too old to come twice", async () => {
    const id = await register();
    for (let i = 0; i < 3; i++) {
      const now = people.clock.now();
      await reportChecks(
        inventory,
        us,
        Array.from({ length: 60 }, (_, k) => report(id, (now - minutes(k + 1)) as UnixMs)),
      );
      await people.clock.advance(hours(7));
    }
    await reportChecks(inventory, us, [report(id, people.clock.now())]);
    const { rows } = await people.owner.query("select count(*)::int as n from inventory_check_report where host_id = $1", [id]);
    expect(rows).toEqual([{ n: 100 }]);
  });

  test("posted twice at the same moment are taken once", async () => {
    const id = await register();
    const now = people.clock.now();
    const outcomes = await Promise.all(
      [0, 1, 2].map(() => reportChecks(inventory, us, [report(id, now), report(id, now, { name: "load" })])),
    );
    expect(outcomes.reduce((sum, one) => sum + one.stored, 0)).toBe(2);
  });
});
