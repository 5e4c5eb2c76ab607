import { beforeAll, expect, test } from "vitest";
import { HinobanError } from "#base/errors";
import type { Actor } from "#http";
import { withPeople, type Somebody } from "#test/people";
import { importHost, type ImportHost } from "./import-host.ts";
import { openInventory, type Inventory } from "./inventory.ts";
import { parseRoleNames } from "./model.ts";
import { readHost, type HostRecord } from "./read-hosts.ts";
import { retireHost } from "./retire-host.ts";

const people = withPeople();
let inventory: Inventory;
let us: Actor;
let other: Actor;
let collaborator: Somebody;
let viewer: Somebody;

beforeAll(async () => {
  inventory = openInventory({ db: people.identity.db, clock: people.clock });
  us = people.first.actor;
  collaborator = await people.join(people.first, "collaborator");
  viewer = await people.join(people.first, "viewer");
  other = (await people.another("other")).actor;
  await people.acts();
});

const id = "9rxGOHfVF8F";
const take = (input: Partial<ImportHost> = {}, actor = us): Promise<{ id: string }> =>
  importHost(inventory, actor, { id, name: "web01", ...input });
const read = (host: string): Promise<HostRecord> => inventory.db.tx({ organisationId: us.organisationId }, (tx) => readHost(tx, host));

async function refusal(act: Promise<unknown>): Promise<string> {
  try {
    await act;
    return "done";
  } catch (error) {
    if (error instanceof HinobanError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

test("a host is taken over with its id, its age, its roles and what its agent said, and the ledger tells so", async () => {
  const createdAt = people.clock.now() - 86_400_000;
  const made = await take({
    displayName: "Web",
    customIdentifier: "i-1",
    memo: "front",
    status: "standby",
    createdAt,
    meta: { kernel: { os: "GNU/Linux" } },
    interfaces: [{ name: "eth0", ipv4Addresses: ["192.0.2.1"], ipv6Addresses: [] }],
    roles: parseRoleNames(["Shop:web"], "roles"),
  });
  expect(made).toEqual({ id });
  expect(await read(id)).toMatchObject({
    id,
    name: "web01",
    display_name: "Web",
    custom_identifier: "i-1",
    memo: "front",
    status: "standby",
    created_at: createdAt,
    meta: '{"kernel":{"os":"GNU/Linux"}}',
    roles: [{ service: "Shop", role: "web" }],
  });
  const acts = await people.acts();
  expect(acts.map((act) => `${act.verb} ${act.outcome}`)).toEqual([
    "host.imported done",
    "service.created done",
    "role.created done",
    "host.roles-changed done",
  ]);
  expect(acts[0]).toMatchObject({ object: `host:${id}`, actor: `person:${people.first.actor.personId}` });
  expect(JSON.stringify(acts)).not.toContain("i-1");
});

test("an id is taken once, and the answer says where it is", async () => {
  expect(await refusal(take())).toBe(`conflict: The host ${id} exists here already.`);
  expect(await refusal(take({}, other))).toBe(`conflict: The id ${id} belongs to a host of another organisation of this server.`);
  expect(await refusal(take({ id: "AAAAAAAAAA1", customIdentifier: "i-1" }))).toBe(
    `conflict: The host ${id} has the custom identifier i-1.`,
  );
  expect(await people.acts()).toEqual([]);
});

test("two that take the same host at the same moment make it once", async () => {
  const outcomes = await Promise.allSettled([take({ id: "BBBBBBBBBB1" }), take({ id: "BBBBBBBBBB1" })]);
  expect(outcomes.map((outcome) => outcome.status).toSorted()).toEqual(["fulfilled", "rejected"]);
  expect((await people.acts()).map((act) => act.verb)).toEqual(["host.imported"]);
});

test("a retired host is not made alive again", async () => {
  await take({ id: "CCCCCCCCCC1" });
  await retireHost(inventory, us, "CCCCCCCCCC1");
  expect(await refusal(take({ id: "CCCCCCCCCC1" }))).toBe("conflict: The host CCCCCCCCCC1 exists here already and is retired.");
});

test("a viewer and a collaborator are refused, and so is a birth in the future", async () => {
  expect(await refusal(take({ id: "DDDDDDDDDD1" }, viewer.actor))).toMatch(/^forbidden/u);
  expect(await refusal(take({ id: "DDDDDDDDDD1" }, collaborator.actor))).toMatch(/^forbidden/u);
  expect(await refusal(take({ id: "DDDDDDDDDD1", createdAt: people.clock.now() + 1 }))).toMatch(/^invalid-input: createdAt/u);
});
