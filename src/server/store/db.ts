import { Kysely, PostgresDialect, sql, type Transaction } from "kysely";
import pg from "pg";
import type { Clock } from "#base/clock";
import type { Tables } from "./tables.ts";

/** A transaction that is already bound to its organisation, person and device. */
export type Tx = Transaction<Tables>;

/** Whose rows a transaction sees. `installation` holds what belongs to no organisation (sign-ins of unknown names, set-up). */
export interface Scope {
  readonly organisationId: string;
  /** Lets this person's own memberships in all organisations be seen. */
  readonly personId?: string | undefined;
}

/** The ledger and the few rows that belong to no organisation. */
export const installationScope: Scope = { organisationId: "installation" };

/** The database as features see it: nothing but transactions in a scope. */
export interface Db {
  tx<T>(scope: Scope, work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Resolves when the database answers. @throws what the driver throws. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** What every verb is handed. */
export interface Deps {
  readonly db: Db;
  readonly clock: Clock;
}

export interface OpenDb {
  readonly connection: pg.PoolConfig;
  /** Which process this is, in the ledger. */
  readonly device: string;
  readonly clock: Clock;
  /** Most connections at a time. */
  readonly size?: number;
  readonly onError: (error: Error) => void;
}

// bigint columns (times in ms, sequence numbers) stay below 2^53, so they may be numbers.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => Number(text));

/** Opens a pool as the application role. */
export function openDb(options: OpenDb): Db {
  const pool = new pg.Pool({ ...options.connection, max: options.size ?? 10, idleTimeoutMillis: 60_000 });
  // Without a listener a vanished server would end the process; the pool itself listens only to connections that nobody uses.
  pool.on("error", options.onError);
  pool.on("connect", (client) => client.on("error", () => undefined)); // whoever uses it is told by its failing query
  const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return {
    tx: (scope, work) =>
      kysely.transaction().execute(async (tx) => {
        const mono = String(Math.floor(options.clock.mono()));
        await sql`select set_config('hinoban.organisation_id', ${scope.organisationId}, true), set_config('hinoban.person_id', ${scope.personId ?? ""}, true),
          set_config('hinoban.device', ${options.device}, true), set_config('hinoban.mono', ${mono}, true)`.execute(tx);
        return work(tx);
      }),
    ping: async () => void (await sql`select 1`.execute(kysely)),
    close: () => kysely.destroy(),
  };
}
