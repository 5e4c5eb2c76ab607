import type { ClientConfig } from "pg";
import pg from "pg";
import { HinobanError, messageOf } from "#base/errors";
import { startEmbedded, type EmbeddedOptions, type EmbeddedPostgres } from "./embedded/index.ts";

/** A database that runs, whoever runs it. After opening, nobody else needs to know which it is. */
export interface Database {
  connection(user: "owner" | "app"): ClientConfig;
  readonly description: string;
  /** Absent for a database of the operator's own. */
  readonly embedded: EmbeddedPostgres | undefined;
  stop(): Promise<void>;
}

const oldestMajor = 15;

/** Starts the embedded database, or uses the one behind `databaseUrl`. */
export async function openDatabase(options: EmbeddedOptions & { readonly databaseUrl: string }): Promise<Database> {
  if (options.databaseUrl !== "") return external(options.databaseUrl);
  const embedded = await startEmbedded(options);
  return {
    connection: (user) => embedded.connection(user),
    description: `embedded PostgreSQL ${embedded.version}`,
    embedded,
    stop: () => embedded.stop(),
  };
}

/**
 * The operator's own PostgreSQL. Migrations run as the URL's role; everything else becomes the role hinoban_app at connecting,
 * so the URL's role must be a member of it (the one that creates it is).
 */
async function external(url: string): Promise<Database> {
  const version = await externalVersion(url);
  return {
    connection: (user) => (user === "owner" ? { connectionString: url } : { connectionString: url, options: "-c role=hinoban_app" }),
    description: `PostgreSQL ${version} of your own`,
    embedded: undefined,
    stop: async () => undefined,
  };
}

/**
 * The version of the PostgreSQL behind `url`.
 * @throws HinobanError "unavailable" when it cannot be reached, "conflict" when it is too old.
 */
export async function externalVersion(url: string): Promise<string> {
  const probe = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  probe.on("error", () => undefined);
  try {
    await probe.connect();
    const { rows } = await probe.query<{ number: number; version: string }>(
      "select current_setting('server_version_num')::int as number, current_setting('server_version') as version",
    );
    const { number = 0, version = "" } = rows[0] ?? {};
    if (number < oldestMajor * 10_000)
      throw new HinobanError("conflict", `PostgreSQL ${version} is too old; ${oldestMajor} or newer is needed.`, { version });
    return version;
  } catch (error) {
    if (error instanceof HinobanError) throw error;
    throw new HinobanError("unavailable", `The database behind databaseUrl cannot be reached: ${messageOf(error)}`, {}, { cause: error });
  } finally {
    await probe.end().catch(() => undefined);
  }
}
