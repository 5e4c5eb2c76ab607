import type { ClientConfig } from "pg";
import type { Clock } from "#base/clock";

/** Where the supervisor writes what the operator should know: facts first, then a sentence. */
export interface Log {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface EmbeddedOptions {
  /** Directory of the embedded database, for example `<data>/postgres`. Created when missing. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Directory with `postgres` and `initdb` of an installed PostgreSQL >= 15; default: the npm package's. */
  readonly binDir?: string | undefined;
  /** Server settings that replace the defaults of `settings.ts`. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** The platform package's directory (it holds `native/`); default: found from this module. */
  readonly packageRoot?: string | undefined;
  /** Where the database lives when root's data directory cannot be reached by the unprivileged account; default `/var/lib/hinoban`. */
  readonly relocateTo?: string | undefined;
}

/** How a postmaster ended without being asked to. */
export interface PostgresExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** The last lines PostgreSQL wrote. */
  readonly lastLines: readonly string[];
}

/** The two ways in: `owner` may do everything and migrates; `app` serves requests and cannot bypass row-level security. */
export type DatabaseUser = "owner" | "app";

export interface EmbeddedPostgres {
  /** How `pg` connects as `user`; the default database is `hinoban`. */
  connection(user: DatabaseUser, database?: string): ClientConfig;
  /** Version of the binaries, for example "18.4". */
  readonly version: string;
  readonly binDir: string;
  /** PostgreSQL's own directory, which may lie outside `dataDir` (see docs/adr/0012-embedded-postgresql.md). */
  readonly clusterDir: string;
  /** Process id of the running postmaster, undefined while it is being restarted. */
  readonly pid: number | undefined;
  /** Is told whenever PostgreSQL ended by itself; the supervisor is already restarting it then. */
  onExit(listener: (exit: PostgresExit) => void): void;
  /** Ends PostgreSQL: fast shutdown, then immediate, then by force. Safe to call twice. */
  stop(): Promise<void>;
}

/** Name of the superuser, and of the database it owns. */
export const ownerRole = "hinoban";
export const appRole = "hinoban_app";
export const databaseName = "hinoban";
