import pg from "pg";
import { afterAll, beforeAll, inject } from "vitest";
import { newId } from "#base/ids";

/** A migrated database of a test's own. */
export interface TestDatabase {
  readonly name: string;
  /** Superuser of the cluster: looks past row-level security. */
  readonly owner: pg.ClientConfig;
  /** The role that serves requests. */
  readonly app: pg.ClientConfig;
}

/**
 * Gives the calling test file (or `describe`) a database of its own: cloned from the migrated template before its tests, dropped after
 * them. Read the fields inside hooks and tests, not while the file is being collected.
 */
export function withDatabase(): TestDatabase {
  let made: (TestDatabase & { readonly drop: () => Promise<void> }) | undefined;
  beforeAll(async () => {
    made = await createDatabase();
  });
  afterAll(async () => {
    await made?.drop();
  });
  const get = (): TestDatabase => {
    if (!made) throw new Error("the test database exists only inside hooks and tests");
    return made;
  };
  return {
    get name() {
      return get().name;
    },
    get owner() {
      return get().owner;
    },
    get app() {
      return get().app;
    },
  };
}

/** Clones the template into a new database; `drop` ends what is still connected to it. */
export async function createDatabase(): Promise<TestDatabase & { readonly drop: () => Promise<void> }> {
  const cluster = inject("cluster");
  const name = `t_${newId()}`;
  // file_copy (PostgreSQL 15 and newer) copies files instead of logging every page: several times faster with fsync off.
  await asOwner(`create database "${name}" template ${cluster.template} strategy file_copy`);
  return {
    name,
    owner: { ...cluster.owner, database: name, ssl: false },
    app: { ...cluster.app, database: name, ssl: false },
    drop: () => asOwner(`drop database "${name}" with (force)`),
  };
}

async function asOwner(statement: string): Promise<void> {
  const client = new pg.Client({ ...inject("cluster").owner, database: "postgres", ssl: false });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
