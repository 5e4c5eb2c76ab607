import pg from "pg";
import { HinobanError } from "#base/errors";
import { migrations } from "./tables.ts";

/** The outcome of bringing a schema up to date. */
export interface MigrationReport {
  readonly applied: readonly string[];
  /** How many steps the database now has. */
  readonly total: number;
}

const migrationLock = 4_701_123; // any constant: two servers that start together migrate one after the other

/**
 * Brings the schema up to date, each step in one transaction together with the note that it ran.
 * @throws HinobanError "conflict" when the database holds steps this version does not know (it was made by a newer one).
 */
export async function migrate(owner: pg.ClientConfig): Promise<MigrationReport> {
  const client = new pg.Client(owner);
  client.on("error", () => undefined); // the failing query reports it
  await client.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [migrationLock]);
    await client.query("create table if not exists hinoban_migration (id text primary key, applied_at timestamptz not null default now())");
    const { rows } = await client.query<{ id: string }>("select id from hinoban_migration");
    const done = new Set(rows.map((row) => row.id));
    const known = new Set(migrations.map((step) => step.id));
    const unknown = [...done].filter((id) => !known.has(id));
    if (unknown.length > 0) {
      throw new HinobanError("conflict", "The database was used by a newer version of Hinoban. Start that version, or restore a backup.", {
        unknown,
      });
    }
    const applied: string[] = [];
    for (const step of migrations) {
      if (done.has(step.id)) continue;
      await applyStep(client, step.id, step.sql);
      applied.push(step.id);
    }
    return { applied, total: migrations.length };
  } finally {
    await client.end();
  }
}

async function applyStep(client: pg.Client, id: string, text: string): Promise<void> {
  await client.query("begin");
  try {
    await client.query(text);
    await client.query("insert into hinoban_migration (id) values ($1)", [id]);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw new HinobanError("internal", `Migration ${id} failed.`, { id }, { cause: error });
  }
}
