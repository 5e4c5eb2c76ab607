import type { Connection, ConnectionOptions } from "mysql2";
import type { Millis } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import type { Secret } from "#base/secret";
import { connectTrouble } from "../common/ask.ts";

/** Where a MySQL or MariaDB listens and as whom it is asked. */
export interface MysqlTarget {
  readonly host: string;
  readonly port: number;
  /** Path of a Unix socket, instead of host and port. */
  readonly socket: string | undefined;
  readonly user: string;
  readonly tls: { readonly ca: string | undefined; readonly verify: boolean } | undefined;
  readonly within: Millis;
}

/** A row by column; every value is text, null stands for absent ones. */
export type Row = Readonly<Record<string, string | null>>;

/** A connection that only reads. */
export interface MysqlSession {
  /** @throws HinobanError "forbidden" when the user may not, "timeout", "unavailable" otherwise */
  rows(sql: string): Promise<readonly Row[]>;
}

/**
 * Connects, hands the session to `use` and disconnects. The driver is loaded at the first call: an agent that watches no MySQL never has it in
 * memory.
 * @throws HinobanError "wrong-credentials", "forbidden", "unavailable" or "timeout"
 */
export async function withMysql<T>(
  target: MysqlTarget,
  password: Secret | undefined,
  use: (session: MysqlSession) => Promise<T>,
): Promise<T> {
  const { createConnection } = await import("mysql2");
  const place = target.socket ?? `${target.host}:${target.port}`;
  const connection = createConnection(settingsOf(target, password));
  connection.on("error", () => undefined); // a connection that breaks fails its query, too
  try {
    await new Promise<void>((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())));
    return await use({ rows: (sql) => ask(connection, sql, target.within) });
  } catch (error) {
    throw error instanceof HinobanError ? error : explain(error, place, target);
  } finally {
    connection.destroy();
  }
}

function settingsOf({ host, port, socket, user, tls, within }: MysqlTarget, password: Secret | undefined): ConnectionOptions {
  return {
    ...(socket === undefined ? { host, port } : { socketPath: socket }),
    user,
    password: password?.reveal() ?? "",
    connectTimeout: within,
    connectAttributes: { program_name: "hinoban-agent" },
    ...(tls ? { ssl: { rejectUnauthorized: tls.verify, ...(tls.ca === undefined ? {} : { ca: tls.ca }) } } : {}),
  };
}

function ask(connection: Connection, sql: string, within: Millis): Promise<readonly Row[]> {
  return new Promise((resolve, reject) => {
    connection.query({ sql, timeout: within, typeCast: (field) => field.string() }, (error, rows) => {
      if (error) reject(error);
      else resolve(Array.isArray(rows) ? rows.map(textRow) : []);
    });
  });
}

const textRow = (row: object): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]): [string, string | null] => [name, typeof value === "string" ? value : null]));

const credentialErrors = new Set(["ER_ACCESS_DENIED_ERROR", "ER_ACCESS_DENIED_NO_PASSWORD_ERROR", "ER_MUST_CHANGE_PASSWORD"]);
const rightErrors = new Set(["ER_SPECIFIC_ACCESS_DENIED_ERROR", "ER_DBACCESS_DENIED_ERROR", "ER_TABLEACCESS_DENIED_ERROR"]);

function explain(cause: unknown, place: string, { user, within }: MysqlTarget): HinobanError {
  const say = (code: HinobanError["code"], text: string): HinobanError => new HinobanError(code, text, { place }, { cause });
  const code = cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";
  const message = messageOf(cause);
  if (rightErrors.has(code)) return say("forbidden", `The user ${user} may not: ${message}`);
  if (credentialErrors.has(code)) return say("wrong-credentials", `MySQL at ${place} refused the user ${user} or its password: ${message}`);
  if (code === "ER_CON_COUNT_ERROR") return say("unavailable", `MySQL at ${place} has no connection left: ${message}`);
  if (code === "ER_HOST_NOT_PRIVILEGED" || code === "ER_HOST_IS_BLOCKED") return say("forbidden", `MySQL at ${place}: ${message}`);
  if (code === "ETIMEDOUT" || code === "PROTOCOL_SEQUENCE_TIMEOUT")
    return say("timeout", `MySQL at ${place} did not answer within ${within / 1000} s.`);
  return say("unavailable", `MySQL: ${connectTrouble(place, cause)}`);
}
