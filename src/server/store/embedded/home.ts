import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { HinobanError, messageOf } from "#base/errors";
import { blockedAt, type Account } from "./account.ts";
import { isCode } from "./system-error.ts";
import type { Log } from "./types.ts";

/** Where a root-owned data directory that the unprivileged account cannot reach keeps its database. */
export const defaultRelocateTo = "/var/lib/hinoban";

const pointerName = "location.json"; // in the data directory: where the database is
const originName = "origin.json"; // beside the database: which data directory it belongs to

/** Name of PostgreSQL's own directory in a home. */
export const clusterName = "cluster";

export interface FindHome {
  readonly dataDir: string;
  readonly relocateTo: string;
  readonly log: Log;
  /** The account for a home with this cluster; undefined when we are not root. */
  readonly accountFor: (clusterDir: string) => Account | undefined;
}

export interface Home {
  /** The directory that holds cluster, passwords, socket, log and lock. */
  readonly path: string;
  readonly account: Account | undefined;
}

/**
 * The directory that holds everything of the embedded database: `dataDir`, or, when we are root and the unprivileged account cannot
 * enter `dataDir` (it lies below /root, say), an own directory below `relocateTo` to which `dataDir/location.json` points.
 * A database that stands in the unreachable place already (restored, or made by another account) is moved.
 * @throws HinobanError "conflict" when a copied data directory points to the database of another one, "unavailable" when no place works.
 */
export function findHome(options: FindHome): Home {
  const dataDir = resolve(options.dataDir);
  const account = options.accountFor(join(dataDir, clusterName));
  makeDirectory(dataDir, account);
  const pointer = readPath(join(dataDir, pointerName));
  if (pointer !== undefined) return followPointer(dataDir, pointer, options);
  const blocked = account && blockedAt(dataDir, account);
  if (account === undefined || blocked === undefined) return { path: dataDir, account };
  return relocate(dataDir, blocked, account, options);
}

/** The account needs to enter the directory but not to list it. */
function makeDirectory(path: string, account: Account | undefined): void {
  const mode = account ? 0o711 : 0o700;
  try {
    const first = mkdirSync(path, { recursive: true, mode });
    // A strict umask must not close the directories that we made ourselves.
    if (first !== undefined) for (let made = path; made.length >= first.length; made = dirname(made)) chmodSync(made, mode);
  } catch (error) {
    throw new HinobanError(
      "unavailable",
      `The data directory ${path} cannot be made: ${messageOf(error)}`,
      { directory: path },
      { cause: error },
    );
  }
  if (account) chmodSync(path, mode);
}

function followPointer(dataDir: string, home: string, options: FindHome): Home {
  if (!existsSync(home)) {
    throw new HinobanError(
      "unavailable",
      `The database of ${dataDir} should be in ${home}, but that directory is gone. Restore a backup into an empty data directory, or bring the directory back.`,
      { directory: dataDir, expected: home },
    );
  }
  const origin = readPath(join(home, originName));
  if (origin !== undefined && origin !== dataDir && readPath(join(origin, pointerName)) === home) {
    throw new HinobanError(
      "conflict",
      `The database in ${home} belongs to ${origin}; ${dataDir} is a copy of that directory. Use hinoban backup and restore to copy an installation.`,
      { directory: dataDir, database: home, belongsTo: origin },
    );
  }
  if (origin !== dataDir) writePath(join(home, originName), dataDir);
  return { path: home, account: options.accountFor(join(home, clusterName)) };
}

function relocate(dataDir: string, blocked: string, account: Account, options: FindHome): Home {
  const home = makeHome(dataDir, blocked, account, options);
  const standing = join(dataDir, clusterName);
  if (existsSync(standing)) moveDirectory(standing, join(home, clusterName));
  writePath(join(home, originName), dataDir);
  writePath(join(dataDir, pointerName), home);
  options.log.info(
    { directory: home, blocked },
    `The account that runs PostgreSQL may not enter ${blocked}, so the database is kept in ${home}; ${join(dataDir, pointerName)} says so.`,
  );
  warnOfOrphans(options);
  return { path: home, account };
}

function makeHome(dataDir: string, blocked: string, account: Account, options: FindHome): string {
  let reason: string;
  try {
    mkdirSync(options.relocateTo, { recursive: true, mode: 0o755 });
    const alsoBlocked = blockedAt(options.relocateTo, account);
    if (alsoBlocked === undefined) {
      const home = mkdtempSync(join(options.relocateTo, "database-"));
      chmodSync(home, 0o711);
      return home;
    }
    reason = `neither may it enter ${alsoBlocked}`;
  } catch (error) {
    reason = messageOf(error);
  }
  throw new HinobanError(
    "unavailable",
    `PostgreSQL runs as uid ${account.uid}, which may not enter ${blocked}; ${options.relocateTo} cannot hold the database instead (${reason}). Choose a data directory that others may enter, such as /srv/hinoban, with --data-dir or HINOBAN_DATA_DIR.`,
    { directory: dataDir, blocked, uid: account.uid },
  );
}

/** Moves a directory, across file systems if need be; a half-made copy never has the final name. */
function moveDirectory(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!isCode(error, "EXDEV")) throw error;
    const half = `${to}.half`;
    rmSync(half, { recursive: true, force: true });
    cpSync(from, half, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    renameSync(half, to);
    rmSync(from, { recursive: true });
  }
}

/** Databases whose data directory was deleted are never removed by us, but somebody should know of them. */
function warnOfOrphans(options: FindHome): void {
  for (const name of readdirSync(options.relocateTo)) {
    const home = join(options.relocateTo, name);
    const origin = readPath(join(home, originName));
    if (origin !== undefined && readPath(join(origin, pointerName)) !== home) {
      options.log.warn(
        { directory: home, belongedTo: origin },
        `The database in ${home} belonged to ${origin}, which is gone. Delete it when it is no longer needed.`,
      );
    }
  }
}

function readPath(file: string): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (isCode(error, "ENOENT", "ENOTDIR")) return undefined;
    throw new HinobanError("storage-damaged", `${file} cannot be read: ${messageOf(error)}`, { file }, { cause: error });
  }
  return typeof parsed === "object" && parsed !== null && "path" in parsed && typeof parsed.path === "string" ? parsed.path : undefined;
}

function writePath(file: string, path: string): void {
  writeFileSync(`${file}.new`, `${JSON.stringify({ path })}\n`, { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
}
