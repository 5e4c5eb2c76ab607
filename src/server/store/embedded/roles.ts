import { randomBytes } from "node:crypto";
import { chownSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import type { Clock } from "#base/clock";
import { millis, seconds } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import { Secret } from "#base/secret";
import type { Launcher } from "./account.ts";
import { clusterName } from "./home.ts";
import { appRole, databaseName, ownerRole, type DatabaseUser } from "./types.ts";

const roleOf: Record<DatabaseUser, string> = { owner: ownerRole, app: appRole };

/** The two passwords, each in a file of mode 0600 beside the cluster. */
export class Passwords {
  readonly #home: string;
  readonly #known = new Map<DatabaseUser, Secret>();

  constructor(home: string) {
    this.#home = home;
  }

  /** The password of `user`; made and written when there is none yet. */
  of(user: DatabaseUser): Secret {
    const known = this.#known.get(user);
    if (known) return known;
    const file = this.#file(user);
    const text = existsSync(file) ? readFileSync(file, "utf8").trim() : "";
    const secret = text === "" ? this.#write(user, randomBytes(32).toString("base64url")) : new Secret(text);
    this.#known.set(user, secret);
    return secret;
  }

  #write(user: DatabaseUser, text: string): Secret {
    const file = this.#file(user);
    writeFileSync(`${file}.new`, `${text}\n`, { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
    return new Secret(text);
  }

  #file(user: DatabaseUser): string {
    return join(this.#home, `${user}.password`);
  }
}

/** How `pg` reaches the server in `socket`. */
export function connectionOf(
  socket: { host: string; port: number },
  user: DatabaseUser,
  password: Secret,
  database = databaseName,
): pg.ClientConfig {
  return { ...socket, user: roleOf[user], password: password.reveal(), database, ssl: false };
}

const accessRules = {
  /** Everybody needs a password, also inside the private socket directory. */
  usual: "local all all scram-sha-256\n",
  /** While a lost or foreign password is replaced: whoever can enter the private socket directory is believed to be the owner. */
  resetting: `local all ${ownerRole} trust\n`,
};

/** Writes pg_hba.conf; a running server reads it at the next SIGHUP. */
export function writeAccessRules(home: string, launcher: Launcher, which: keyof typeof accessRules): void {
  const file = join(home, clusterName, "pg_hba.conf");
  writeFileSync(`${file}.new`, `# Written by Hinoban at every start.\n${accessRules[which]}`, { mode: 0o600 });
  if (launcher.account) chownSync(`${file}.new`, launcher.account.uid, launcher.account.gid);
  renameSync(`${file}.new`, file);
}

/** What a try to sign in to the server told. */
export type Attempt = { outcome: "in" } | { outcome: "wrong-password" } | { outcome: "no-database" } | { outcome: "not-yet"; why: string };

/** Connects, runs `work` and disconnects. */
export async function tryConnect(config: pg.ClientConfig, work?: (client: pg.Client) => Promise<void>): Promise<Attempt> {
  const client = new pg.Client({ ...config, connectionTimeoutMillis: 5_000 });
  client.on("error", () => undefined); // the failing call reports it
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    return refusal(error);
  }
  try {
    await work?.(client);
  } finally {
    await client.end();
  }
  return { outcome: "in" };
}

function refusal(error: unknown): Attempt {
  const code = error instanceof pg.DatabaseError ? error.code : undefined;
  // 28P01 invalid password; 28000 role does not exist or may not log in; 3D000 no such database
  if (code === "28P01" || code === "28000") return { outcome: "wrong-password" };
  if (code === "3D000") return { outcome: "no-database" };
  return { outcome: "not-yet", why: messageOf(error) };
}

export interface Access {
  readonly home: string;
  readonly launcher: Launcher;
  readonly passwords: Passwords;
  readonly clock: Clock;
  readonly socket: { readonly host: string; readonly port: number };
  /** Makes the server read its access rules again. */
  readonly reload: () => void;
}

/**
 * Makes both roles and the database, and sets passwords that do not work (a restored cluster still has those of its origin).
 * Changes nothing when all is as it should be.
 */
export async function ensureAccess(access: Access): Promise<void> {
  const owner = connectionOf(access.socket, "owner", access.passwords.of("owner"), "postgres");
  const first = await tryConnect(owner);
  if (first.outcome === "wrong-password") await resetOwner(access, owner);
  const app = connectionOf(access.socket, "app", access.passwords.of("app"));
  if ((await tryConnect(app)).outcome === "in") return;
  await tryConnect(owner, async (client) => {
    const { rows } = await client.query<{ rolname: string }>("select rolname from pg_roles where rolname = $1", [appRole]);
    const password = client.escapeLiteral(access.passwords.of("app").reveal());
    const verb = rows.length === 0 ? "create" : "alter";
    await client.query(
      `${verb} role ${appRole} with login nosuperuser nobypassrls nocreatedb nocreaterole noreplication password ${password}`,
    );
    const found = await client.query("select from pg_database where datname = $1", [databaseName]);
    if (found.rows.length === 0) await client.query(`create database ${databaseName} owner ${ownerRole}`);
  });
  const attempt = await tryConnect(app);
  if (attempt.outcome !== "in")
    throw new HinobanError("internal", `The application's database role cannot sign in (${attempt.outcome}).`, { ...attempt });
}

async function resetOwner(access: Access, owner: pg.ClientConfig): Promise<void> {
  const reload = (which: keyof typeof accessRules): void => {
    writeAccessRules(access.home, access.launcher, which);
    access.reload();
  };
  reload("resetting");
  try {
    await until(access.clock, async () => {
      const attempt = await tryConnect(owner, async (client) => {
        const password = client.escapeLiteral(access.passwords.of("owner").reveal());
        await client.query(`alter role ${ownerRole} with password ${password}`);
      });
      return attempt.outcome === "in";
    });
  } finally {
    reload("usual");
  }
  const stranger = { ...owner, password: "not the password" };
  await until(access.clock, async () => (await tryConnect(stranger)).outcome === "wrong-password");
}

async function until(clock: Clock, condition: () => Promise<boolean>): Promise<void> {
  const deadline = clock.mono() + seconds(15);
  while (!(await condition())) {
    if (clock.mono() > deadline) throw new HinobanError("timeout", "PostgreSQL did not take over its changed access rules.");
    await clock.sleep("embedded.access", millis(20));
  }
}
