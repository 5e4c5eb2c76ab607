import { beforeAll, expect, test } from "vitest";
import { unixMs } from "#base/duration";
import { withPeople } from "#test/people";
import { reachablePeople } from "./reachable-people.ts";

const people = withPeople();
let id = "";

beforeAll(() => {
  id = people.first.actor.personId;
});

const isReachable = async (): Promise<boolean> => {
  const { identity, first } = people;
  const found = await identity.db.tx({ organisationId: first.actor.organisationId }, (tx) => reachablePeople(tx, [id], unixMs(1000)));
  return found.has(id);
};

test("somebody is reached by the address they sign in with, until it is muted or refused and nothing else is verified", async () => {
  expect(await isReachable()).toBe(true);
  const { owner, first } = people;
  const add = (columns: string, values: string) =>
    owner.query(
      `insert into notify_contact (id, organisation_id, person_id, kind, address, label, position, created_at, ${columns})
       values (md5(random()::text), $1, $2, 'mail', md5(random()::text), '', 0, 0, ${values})`,
      [first.actor.organisationId, id],
    );
  await add("is_login, verified_at, muted_until", "true, 0, 2000");
  expect(await isReachable()).toBe(false);
  await add("verified_at", "null");
  await add("verified_at, invalid_since", "0, 0");
  expect(await isReachable()).toBe(false);
  await add("verified_at, muted_until", "0, 1000");
  expect(await isReachable()).toBe(true);
});
