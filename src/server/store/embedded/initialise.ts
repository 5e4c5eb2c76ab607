import { spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { HinobanError } from "#base/errors";
import { giveTo, launch, type Launcher } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import { clusterName } from "./home.ts";
import { ownerRole, type Log } from "./types.ts";

const halfPrefix = "initialising-";

export interface Initialise {
  readonly home: string;
  readonly binaries: Binaries;
  readonly launcher: Launcher;
  readonly ownerPassword: string;
  readonly log: Log;
}

/**
 * Makes sure that `home` holds a cluster these binaries can run. A new one is made in a directory of its own and renamed when complete,
 * so that a start that was killed half way leaves nothing that looks like a cluster.
 * @returns whether the cluster is new.
 */
export async function ensureCluster(options: Initialise): Promise<boolean> {
  const cluster = join(options.home, clusterName);
  for (const name of readdirSync(options.home)) {
    if (name.startsWith(halfPrefix)) rmSync(join(options.home, name), { recursive: true, force: true });
  }
  if (existsSync(cluster)) return false;
  const half = mkdtempSync(join(options.home, halfPrefix));
  const { account } = options.launcher;
  const passwordFile = join(half, "password");
  writeFileSync(passwordFile, `${options.ownerPassword}\n`, { mode: 0o600 });
  if (account) {
    chownSync(passwordFile, account.uid, account.gid);
    chownSync(half, account.uid, account.gid);
  }
  const made = join(half, clusterName);
  await runInitdb(options, made, passwordFile);
  renameSync(made, cluster);
  rmSync(half, { recursive: true });
  return true;
}

/**
 * Looks whether these binaries and this account can run the cluster that stands in `home`, if one does.
 * @throws HinobanError "conflict" when it was made by another major version or belongs to another account.
 */
export function checkCluster(home: string, binaries: Binaries, launcher: Launcher): void {
  const cluster = join(home, clusterName);
  if (!existsSync(cluster)) return;
  checkOwner(cluster, launcher);
  checkVersion(cluster, binaries);
}

function checkVersion(cluster: string, binaries: Binaries): void {
  let text: string;
  try {
    text = readFileSync(join(cluster, "PG_VERSION"), "utf8").trim();
  } catch (error) {
    throw new HinobanError(
      "storage-damaged",
      `${cluster} is not a PostgreSQL directory: PG_VERSION is missing. Restore a backup.`,
      { cluster },
      { cause: error },
    );
  }
  if (text === String(binaries.major)) return;
  throw new HinobanError(
    "conflict",
    `The database in ${cluster} was made by PostgreSQL ${text}, but the program in ${binaries.binDir} is version ${binaries.version}. Set HINOBAN_PG_BIN to the bin directory of a PostgreSQL ${text}, or start with another data directory.`,
    { cluster, databaseVersion: text, programVersion: binaries.version },
  );
}

/** A cluster made as root belongs to the unprivileged account; one that was restored or copied by root is given to it. */
function checkOwner(cluster: string, launcher: Launcher): void {
  const { uid } = statSync(cluster);
  if (launcher.account) {
    if (uid !== launcher.account.uid) giveTo(cluster, launcher.account);
  } else if (process.getuid && uid !== process.getuid()) {
    throw new HinobanError(
      "conflict",
      `The database in ${cluster} belongs to uid ${uid}, but Hinoban runs as uid ${process.getuid()}. Start it as root or as that user, or give it the data directory (chown -R).`,
      { cluster, owner: uid, uid: process.getuid() },
    );
  }
  chmodSync(cluster, 0o700);
}

/** initdb's arguments: UTF-8 everywhere and text sorted by code point, by PostgreSQL's own provider where it has one (17 and newer). */
export function initdbArguments(directory: string, passwordFile: string, major: number): string[] {
  const locale = process.platform === "darwin" ? "C" : "C.UTF-8"; // macOS has no C.UTF-8; the builtin provider does the sorting anyway
  const provider = major >= 17 ? ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] : [];
  const auth = ["--auth=scram-sha-256", `--pwfile=${passwordFile}`];
  return ["-D", directory, "-U", ownerRole, "--encoding=UTF8", ...provider, `--locale=${locale}`, "--data-checksums", ...auth];
}

async function runInitdb(options: Initialise, directory: string, passwordFile: string): Promise<void> {
  const { binaries, launcher, log } = options;
  const args = initdbArguments(directory, passwordFile, binaries.major);
  const { command, args: all, ids } = launch(launcher, join(binaries.binDir, "initdb"), args, "KILL");
  log.info({ directory: options.home, version: binaries.version }, "making a new database");
  const child = spawn(command, all, {
    cwd: "/",
    env: { LC_ALL: "C", TZ: "UTC", PATH: "/usr/bin:/bin" },
    stdio: ["ignore", "pipe", "pipe"],
    ...ids,
  });
  let output = "";
  const keep = (chunk: Buffer): void => void (output = (output + chunk.toString()).slice(-4000));
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const outcome = await new Promise<string | undefined>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(code === 0 ? undefined : `ended with ${code ?? signal}`));
  });
  if (outcome === undefined) return;
  const lines = output.trim().split("\n").slice(-10);
  throw new HinobanError("unavailable", `A new database could not be made (initdb ${outcome}): ${lines.join(" / ")}`, {
    directory: options.home,
    lines,
  });
}

/** Makes a directory of `mode` that belongs to the account PostgreSQL runs as. */
export function ownedDirectory(path: string, launcher: Launcher, mode = 0o700): void {
  mkdirSync(path, { recursive: true, mode });
  chmodSync(path, mode);
  if (launcher.account) chownSync(path, launcher.account.uid, launcher.account.gid);
}
