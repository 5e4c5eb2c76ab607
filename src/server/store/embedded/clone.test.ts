import pg from "pg";
import { expect, test } from "vitest";
import { withDatabase } from "#test/database";

const database = withDatabase();

test("a test file has a migrated database of its own, with an application role that cannot bypass row-level security", async () => {
  const client = new pg.Client(database.app);
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string; steps: string; bypasses: boolean }>(
      `select current_database() as name, to_regclass('hinoban_migration')::text as steps,
         (select rolsuper or rolbypassrls or rolcreatedb or rolcreaterole from pg_roles where rolname = current_user) as bypasses`,
    );
    expect(rows[0]).toEqual({ name: database.name, steps: "hinoban_migration", bypasses: false });
  } finally {
    await client.end();
  }
});
