import type { Client, ClientConfig } from "pg";
import type { Millis } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import type { Secret } from "#base/secret";
import { connectTrouble } from "../common/ask.ts";

/** Where a PostgreSQL listens and as whom it is asked. */
export interface PostgresTarget {
  /** Name, address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly tls: { readonly ca: string | undefined; readonly verify: boolean } | undefined;
  readonly within: Millis;
}

/** One row of text, number, boolean or null values. */
export type Row = Readonly<Record<string, unknown>>;

/** A connection that only reads. */
export interface PostgresSession {
  /** @throws HinobanError "forbidden" when the role may not, "timeout", "unavailable" otherwise */
  rows(sql: string): Promise<readonly Row[]>;
}

/**
 * Connects, hands the session to `use` and disconnects. The driver is loaded at the first call: an agent that watches no PostgreSQL never has it in
 * memory.
 * @throws HinobanError "wrong-credentials", "forbidden", "not-found" (no such database), "unavailable" or "timeout"
 */
export async function withPostgres<T>(
  target: PostgresTarget,
  password: Secret | undefined,
  use: (session: PostgresSession) => Promise<T>,
): Promise<T> {
  const { default: pg } = await import("pg");
  const client = new pg.Client(settingsOf(target, password));
  client.on("error", () => undefined); // a connection that breaks fails its query, too
  try {
    await client.connect();
  } catch (error) {
    void client.end().catch(() => undefined);
    throw explain(error, target);
  }
  try {
    // Cancelled by the server, so that a question that nobody waits for does not go on there.
    await client.query(`set statement_timeout = ${target.within}; set default_transaction_read_only = on`);
    return await use(sessionOf(client, target));
  } finally {
    await client.end().catch(() => undefined);
  }
}

const placeOf = ({ host, port }: PostgresTarget): string => (host.startsWith("/") ? `${host}/.s.PGSQL.${port}` : `${host}:${port}`);

function settingsOf({ host, port, user, database, tls, within }: PostgresTarget, password: Secret | undefined): ClientConfig {
  return {
    host,
    port,
    user,
    database,
    // Without an answer of ours the driver would look for a password in the environment and in files of its own.
    password: () => password?.reveal() ?? "",
    application_name: "hinoban-agent",
    connectionTimeoutMillis: within,
    query_timeout: within + 1000,
    ssl: tls ? { rejectUnauthorized: tls.verify, ...(tls.ca === undefined ? {} : { ca: tls.ca }) } : false,
  };
}

function sessionOf(client: Client, target: PostgresTarget): PostgresSession {
  return {
    rows: async (sql) => {
      try {
        const { rows } = await client.query<Row>(sql);
        return rows;
      } catch (error) {
        throw explain(error, target);
      }
    },
  };
}

interface Case {
  /** SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html. */
  readonly state?: string;
  /** What the driver says when the server sent no SQLSTATE. */
  readonly message?: RegExp;
  readonly code: HinobanError["code"];
  readonly say: (target: PostgresTarget, message: string) => string;
}

const cases: readonly Case[] = [
  { state: "28P01", code: "wrong-credentials", say: ({ user }) => `refused the password of the role ${user}.` },
  { state: "28000", code: "forbidden", say: ({ user }, message) => `does not let the role ${user} in: ${message}.` },
  { state: "3D000", code: "not-found", say: ({ database }) => `has no database ${database}.` },
  {
    state: "42501",
    code: "forbidden",
    say: ({ user }, message) => `does not let the role ${user} look: ${message}. GRANT pg_monitor TO ${user}; lets it.`,
  },
  { state: "53300", code: "unavailable", say: (_target, message) => `has no connection left: ${message}.` },
  { state: "57P03", code: "unavailable", say: (_target, message) => `is not ready: ${message}.` },
  { state: "57014", code: "timeout", say: ({ within }) => `did not answer within ${within / 1000} s.` },
  { message: /timeout/iu, code: "timeout", say: ({ within }) => `did not answer within ${within / 1000} s.` },
  { message: /SASL|password must be/u, code: "wrong-credentials", say: () => "wants a password; set password_file." },
  { message: /does not support SSL/u, code: "unavailable", say: () => "does not speak TLS; leave `tls = true` out." },
];

function explain(cause: unknown, target: PostgresTarget): HinobanError {
  const place = placeOf(target);
  const state = cause instanceof Error && "code" in cause ? cause.code : undefined;
  const message = messageOf(cause);
  const found = cases.find((one) => (one.state === undefined ? one.message?.test(message) : one.state === state));
  const text = found ? `PostgreSQL at ${place} ${found.say(target, message)}` : `PostgreSQL: ${connectTrouble(place, cause)}`;
  return new HinobanError(found?.code ?? "unavailable", text, { place }, { cause });
}
