import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { withPeople } from "#test/people";
import type { Tx } from "./db.ts";
import { repeated } from "./repeated.ts";

const people = withPeople();
const scope = () => ({ organisationId: people.first.actor.organisationId });
const lock = (tx: Tx, id: number) => sql`select pg_advisory_xact_lock(815, ${id})`.execute(tx);

/** Both hold their first lock before either asks for its second one; when begun again nobody waits for the other. */
function crossing() {
  let begun = 0;
  let open = (): void => undefined;
  const bothBegan = new Promise<void>((resolve) => (open = resolve));
  const runs: string[] = [];
  const work =
    (name: string, [first, second]: readonly [number, number]) =>
    async (tx: Tx) => {
      runs.push(name);
      await lock(tx, first);
      begun += 1;
      if (begun === 2) open();
      await bothBegan;
      await lock(tx, second);
      return name;
    };
  return { runs, work };
}

describe("work that may be done again", () => {
  test("is begun again when PostgreSQL ended it to resolve a deadlock", async () => {
    const { runs, work } = crossing();
    const db = repeated(people.identity.db);
    expect(await Promise.all([db.tx(scope(), work("a", [1, 2])), db.tx(scope(), work("b", [2, 1]))])).toEqual(["a", "b"]);
    expect(runs).toHaveLength(3);
  });

  test("fails of a deadlock when nobody said that it may be done again", async () => {
    const { work } = crossing();
    const { db } = people.identity;
    const ends = await Promise.allSettled([db.tx(scope(), work("a", [3, 4])), db.tx(scope(), work("b", [4, 3]))]);
    expect(ends.filter(({ status }) => status === "rejected")).toMatchObject([{ reason: { code: "40P01" } }]);
  });

  test.each([
    ["40001", 3],
    ["23505", 1],
  ])("that fails with %s is done %i times at most", async (code, times) => {
    let runs = 0;
    const fail = async (tx: Tx): Promise<void> => {
      runs += 1;
      await sql.raw(`do $$ begin raise exception 'no' using errcode = '${code}'; end $$`).execute(tx);
    };
    await expect(repeated(people.identity.db).tx(scope(), fail)).rejects.toMatchObject({ code });
    expect(runs).toBe(times);
  });
});
