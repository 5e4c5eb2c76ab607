import { join, resolve } from "node:path";
import { HinobanError } from "#base/errors";
import { Lifetime } from "#base/lifetime";
import { chooseAccount, findSetpriv } from "./account.ts";
import { findBinaries } from "./binaries.ts";
import { clusterName, defaultRelocateTo, findHome } from "./home.ts";
import { checkCluster, ensureCluster } from "./initialise.ts";
import { takeLock } from "./lock.ts";
import { PostgresLog } from "./log-file.ts";
import { endLeftovers, Postmaster } from "./postmaster.ts";
import { connectionOf, ensureAccess, Passwords, writeAccessRules } from "./roles.ts";
import { defaultSettings } from "./settings.ts";
import { socketDirectory, socketPort } from "./socket-directory.ts";
import type { EmbeddedOptions, EmbeddedPostgres } from "./types.ts";

export type { EmbeddedOptions, EmbeddedPostgres, Log } from "./types.ts";

/**
 * Starts Hinoban's own PostgreSQL, making the database at the first start, and keeps it running until `stop`.
 * Call it from the main thread: the kernel ends PostgreSQL when the calling thread ends.
 * @throws HinobanError "conflict" when another supervisor runs on `dataDir` or the database was made by another major version,
 *   "unavailable" when PostgreSQL cannot run here, each saying what to do.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  if (process.platform === "win32") {
    throw new HinobanError(
      "unavailable",
      "The embedded PostgreSQL needs Unix sockets. On Windows, set HINOBAN_DATABASE_URL to a PostgreSQL 15 or newer.",
    );
  }
  const life = new Lifetime();
  try {
    return await start(options, life);
  } catch (error) {
    await life.close().catch(() => undefined); // the first failure is the one to tell
    throw error;
  }
}

async function start(options: EmbeddedOptions, life: Lifetime): Promise<EmbeddedPostgres> {
  const { clock, log } = options;
  const { path: home, account } = findHome({
    dataDir: resolve(options.dataDir),
    relocateTo: options.relocateTo ?? defaultRelocateTo,
    log,
    accountFor: chooseAccount,
  });
  const clusterDir = join(home, clusterName);
  const lock = await takeLock(home, clock);
  life.own("lock", () => lock.release());
  const launcher = { account, setpriv: findSetpriv() };
  const binaries = findBinaries({ launcher, copyTo: home, binDir: options.binDir, packageRoot: options.packageRoot });
  checkCluster(home, binaries, launcher);
  await endLeftovers({ clusterDir, clock, log });
  const passwords = new Passwords(home);
  const isNew = await ensureCluster({ home, binaries, launcher, ownerPassword: passwords.of("owner").reveal(), log });
  writeAccessRules(home, launcher, "usual");

  const directory = socketDirectory(home, launcher);
  life.own("socket", () => directory.remove());
  const socket = { host: directory.path, port: socketPort };
  const output = new PostgresLog(join(home, "postgres.log"));
  const settings = { ...defaultSettings(binaries.major), ...options.settings };
  const probe = () => connectionOf(socket, "owner", passwords.of("owner"), "postgres");
  const postmaster = new Postmaster({ binaries, launcher, clusterDir, socket, settings, clock, log, output, probe });
  life.own("postgres", () => postmaster.stop());
  await postmaster.start();
  await ensureAccess({ home, launcher, passwords, clock, socket, reload: () => postmaster.reload() });
  log.info({ version: binaries.version, directory: home, pid: postmaster.pid, isNew }, "PostgreSQL is ready");
  return {
    connection: (user, database) => connectionOf(socket, user, passwords.of(user), database),
    version: binaries.version,
    binDir: binaries.binDir,
    clusterDir,
    get pid() {
      return postmaster.pid;
    },
    onExit: (listener) => postmaster.onExit(listener),
    stop: () => life.close(),
  };
}
