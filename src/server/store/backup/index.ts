import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Clock } from "#base/clock";
import { HinobanError } from "#base/errors";
import { newId } from "#base/ids";
import { findBinaries } from "../embedded/binaries.ts";
import { clusterName } from "../embedded/home.ts";
import type { EmbeddedPostgres } from "../embedded/types.ts";
import { readArchive, syncToDisk, writeArchive, type OnProgress } from "./archive.ts";
import { clusterEntries, demandComplete, demandEmpty } from "./cluster.ts";
import { fileEntry, textEntry, type Entry } from "./entry.ts";
import { describe, parseDescription, type Description } from "./description.ts";

export { backupCluster, restoreCluster } from "./cluster.ts";
export type { Description } from "./description.ts";

export interface CreateBackup {
  readonly pg: EmbeddedPostgres;
  /** The metric store; `snapshot` fills an empty directory with a consistent copy. */
  readonly metrics?: { snapshot(directory: string): Promise<void> } | undefined;
  /** The installation's data directory: takes the metric store's snapshot for a while. */
  readonly dataDir: string;
  readonly file: string;
  /** Version of Hinoban. */
  readonly version: string;
  readonly clock: Clock;
  /**
   * More files: where each lies in the data directory → the file to read. The key file belongs here only when the operator
   * asked for it: whoever has it and the backup can read every sealed secret.
   */
  readonly files?: Readonly<Record<string, string>> | undefined;
  /** Replaces an existing `file`. */
  readonly overwrite?: boolean | undefined;
  readonly onProgress?: OnProgress | undefined;
}

export interface BackupReport {
  readonly file: string;
  /** Size of the compressed file. */
  readonly bytes: number;
  /** Number of files in it, and their bytes before compression. */
  readonly files: number;
  readonly uncompressed: number;
}

const descriptionPath = "backup.json";
const clusterFolder = "postgres";
const metricFolder = "metrics";
const filesFolder = "files";

/**
 * Writes a backup of the running installation to one file. Metrics are copied first and the database last, so that everything the
 * copied metrics belong to is in the copied database.
 * @throws HinobanError "conflict" when `file` exists, "storage-full" when the disk is full.
 */
export async function createBackup(options: CreateBackup): Promise<BackupReport> {
  const staging = join(options.dataDir, `backing-up-${newId()}`);
  const now = options.clock.now();
  try {
    const { bytes, files } = await writeArchive(resolve(options.file), {
      entries: backupEntries(options, staging, describe(options.version, options.pg.version, now)),
      now,
      overwrite: options.overwrite,
      onProgress: options.onProgress,
    });
    return { file: options.file, bytes, files: files.length, uncompressed: files.reduce((sum, one) => sum + one.size, 0) };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function* backupEntries(options: CreateBackup, staging: string, description: Description): AsyncGenerator<Entry> {
  yield textEntry(descriptionPath, `${JSON.stringify(description, null, 1)}\n`);
  for (const [path, source] of Object.entries(options.files ?? {})) yield* fileEntry(`${filesFolder}/${path}`, source);
  if (options.metrics) {
    const snapshot = join(staging, metricFolder);
    await mkdir(snapshot, { recursive: true, mode: 0o700 });
    await options.metrics.snapshot(snapshot);
    yield* treeEntries(snapshot, metricFolder);
  }
  for await (const entry of clusterEntries(options.pg)) yield { ...entry, path: `${clusterFolder}/${entry.path}` };
}

async function* treeEntries(directory: string, path: string): AsyncGenerator<Entry> {
  yield { kind: "directory", path };
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const below = `${path}/${entry.name}`;
    if (entry.isDirectory()) yield* treeEntries(join(directory, entry.name), below);
    else if (entry.isFile()) yield* fileEntry(below, join(directory, entry.name));
  }
}

export interface RestoreBackup {
  readonly file: string;
  /** The data directory to fill: missing or empty. */
  readonly dataDir: string;
  readonly clock: Clock;
  /** The programs that are going to run the database; default: the npm package's. */
  readonly binDir?: string | undefined;
  readonly packageRoot?: string | undefined;
  readonly onProgress?: OnProgress | undefined;
}

const halfPrefix = ".restoring-";

/**
 * Fills an empty data directory from a backup. Everything is unpacked and checked beside its place first, so that a damaged backup
 * or a full disk leaves the directory empty.
 * @throws HinobanError "conflict" when the directory is not empty or the programs do not fit the backup, "storage-damaged" naming
 *   the damaged member, "storage-full".
 */
export async function restoreBackup(options: RestoreBackup): Promise<Description> {
  const dataDir = resolve(options.dataDir);
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  for (const name of await readdir(dataDir)) if (name.startsWith(halfPrefix)) await rm(join(dataDir, name), { recursive: true });
  await demandEmpty(dataDir);
  const half = join(dataDir, `${halfPrefix}${newId()}`);
  await mkdir(half, { mode: 0o700 });
  let description: Description | undefined;
  try {
    const look = (text: string): void => {
      description = parseDescription(text);
      demandFit(description, options, half);
    };
    const files = await readArchive(options.file, half, { inspect: { path: descriptionPath, look }, onProgress: options.onProgress });
    if (!description)
      throw new HinobanError("storage-damaged", `The backup ${options.file} does not say what it is: ${descriptionPath} is missing.`);
    await demandComplete(join(half, clusterFolder));
    const directories = new Set(files.map((one) => dirname(join(half, one.path))));
    for (const directory of directories) await syncToDisk(directory);
    await putInPlace(half, dataDir);
    return description;
  } catch (error) {
    await rm(half, { recursive: true, force: true });
    throw error;
  }
}

function demandFit(description: Description, options: RestoreBackup, half: string): void {
  const launcher = { account: undefined, setpriv: undefined };
  const found = findBinaries({ launcher, copyTo: half, binDir: options.binDir, packageRoot: options.packageRoot });
  const wanted = Number.parseInt(description.postgres, 10);
  if (found.major !== wanted) {
    throw new HinobanError(
      "conflict",
      `The backup holds a database of PostgreSQL ${description.postgres}, but the program here is version ${found.version}. Set HINOBAN_PG_BIN to the bin directory of a PostgreSQL ${wanted}.`,
      { backup: description.postgres, program: found.version },
    );
  }
  if (description.arch !== process.arch) {
    throw new HinobanError("conflict", `The backup was made on a ${description.arch} machine and cannot run on this ${process.arch} one.`, {
      backup: description.arch,
      machine: process.arch,
    });
  }
}

async function putInPlace(half: string, dataDir: string): Promise<void> {
  const postgres = join(dataDir, clusterFolder);
  await mkdir(postgres, { mode: 0o711 });
  await rename(join(half, clusterFolder), join(postgres, clusterName));
  await syncToDisk(postgres);
  const rest = new Set(await readdir(half));
  if (rest.has(metricFolder)) await rename(join(half, metricFolder), join(dataDir, metricFolder));
  if (rest.has(filesFolder)) {
    for (const name of await readdir(join(half, filesFolder))) await rename(join(half, filesFolder, name), join(dataDir, name));
  }
  await rm(half, { recursive: true });
  await syncToDisk(dataDir);
}
