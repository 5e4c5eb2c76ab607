import { randomBytes } from "node:crypto";
import { lstatSync, readdirSync } from "node:fs";
import { cp, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import pg from "pg";
import { HinobanError } from "#base/errors";
import { clusterName } from "../embedded/home.ts";
import type { EmbeddedPostgres } from "../embedded/types.ts";
import { isCode } from "../embedded/system-error.ts";
import { syncToDisk } from "./archive.ts";
import { fileEntry, textEntry, type DirectoryEntry, type Entry, type FileEntry } from "./entry.ts";

/** Directories whose content PostgreSQL makes anew; the directories themselves must exist. */
const emptied = new Set(["pg_wal", "pg_replslot", "pg_dynshmem", "pg_notify", "pg_serial", "pg_snapshots", "pg_stat_tmp", "pg_subtrans"]);
const leftOut =
  /^(postmaster\.(pid|opts)|backup_label(\.old)?|tablespace_map(\.old)?|current_logfiles.*|pg_internal\.init.*|pgsql_tmp.*)$/u;
const segmentName = /^[0-9A-F]{24}$/u;
const control = "global/pg_control";

interface Span {
  /** Names of the first and last segment of the write-ahead log that the copy needs. */
  readonly first: string;
  readonly last: string;
  /** Bytes of one segment. */
  readonly segmentSize: number;
}

/**
 * Everything of a consistent copy of the running cluster, while others write: files as they are, the log from start to stop, and
 * `backup_label`. What is restored from it is the state at the end of the iteration. A temporary replication slot keeps the log.
 * @throws HinobanError "conflict" when the cluster has table spaces of its own, "storage-damaged" when a part of the log is missing.
 */
export async function* clusterEntries(postgres: EmbeddedPostgres): AsyncGenerator<Entry> {
  const client = new pg.Client(postgres.connection("owner", "postgres"));
  client.on("error", () => undefined); // the next query reports it
  await client.connect();
  try {
    await begin(client);
    yield* walk(postgres.clusterDir, "");
    yield await settledFile(postgres.clusterDir, control);
    const { label, span } = await end(client);
    yield textEntry("backup_label", label);
    yield* log(postgres.clusterDir, span);
  } finally {
    await client.end().catch(() => undefined); // ends an unfinished backup and drops the slot
  }
}

async function begin(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ spcname: string }>(
    "select spcname from pg_tablespace where spcname not in ('pg_default', 'pg_global')",
  );
  if (rows[0]) throw new HinobanError("conflict", `The table space ${rows[0].spcname} lies outside the database; a backup cannot hold it.`);
  const slot = `hinoban_backup_${randomBytes(6).toString("hex")}`;
  await client.query("select pg_create_physical_replication_slot($1, true, true)", [slot]);
  await client.query("select pg_backup_start($1, true)", [slot]);
}

async function end(client: pg.Client): Promise<{ label: string; span: Span }> {
  const { rows } = await client.query<{ labelfile: string; last: string; size: string }>(
    `select labelfile, pg_walfile_name(lsn) as last, (select setting from pg_settings where name = 'wal_segment_size') as size from pg_backup_stop(false)`,
  );
  const row = rows[0];
  if (!row) throw new HinobanError("internal", "PostgreSQL did not end the backup.");
  return { label: row.labelfile, span: { first: firstSegment(row.labelfile), last: row.last, segmentSize: Number(row.size) } };
}

/** The segment in which recovery begins, as `backup_label` names it. */
function firstSegment(label: string): string {
  const name = /^START WAL LOCATION: \S+ \(file ([0-9A-F]{24})\)/mu.exec(label)?.[1];
  if (name === undefined) throw new HinobanError("storage-damaged", "backup_label does not name the write-ahead log it needs.");
  return name;
}

async function* walk(root: string, below: string): AsyncGenerator<Entry> {
  for (const name of readdirSync(join(root, below)).sort()) {
    const path = below === "" ? name : `${below}/${name}`;
    if (leftOut.test(name) || path === control) continue;
    const found = lstatSync(join(root, path), { throwIfNoEntry: false });
    if (!found) continue;
    if (found.isDirectory()) {
      yield { kind: "directory", path };
      if (emptied.has(path)) continue;
      yield* walk(root, path);
    } else if (found.isFile()) {
      yield* fileEntry(path, join(root, path));
    }
  }
}

/** A small file that PostgreSQL overwrites in place: read until two readings agree. */
async function settledFile(root: string, path: string): Promise<FileEntry> {
  let before = await readFile(join(root, path));
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const now = await readFile(join(root, path));
    if (now.equals(before)) {
      return {
        kind: "file",
        path,
        size: now.length,
        read: async function* () {
          yield now;
        },
      };
    }
    before = now;
  }
  throw new HinobanError("unavailable", `${path} changes too fast to be copied. Try again.`);
}

async function* log(clusterDir: string, span: Span): AsyncGenerator<Entry> {
  const directory = join(clusterDir, "pg_wal");
  yield { kind: "directory", path: "pg_wal/archive_status" };
  for (const name of (await readdir(directory)).sort())
    if (name.endsWith(".history")) yield* fileEntry(`pg_wal/${name}`, join(directory, name));
  for (const name of segmentsOf(span)) {
    let isThere = false;
    for await (const entry of fileEntry(`pg_wal/${name}`, join(directory, name))) {
      isThere = true;
      yield entry;
    }
    if (!isThere)
      throw new HinobanError("storage-damaged", `The write-ahead log ${name} is gone; the backup cannot be used and was given up.`, {
        segment: name,
      });
  }
}

/** Names of all segments from first to last: timeline, then the upper and lower part of the segment's number, 8 hexadecimal digits each. */
export function segmentsOf(span: Span): string[] {
  const perUpper = 2 ** 32 / span.segmentSize;
  const number = (name: string): number => Number.parseInt(name.slice(8, 16), 16) * perUpper + Number.parseInt(name.slice(16), 16);
  const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, "0");
  const names: string[] = [];
  for (let at = number(span.first); at <= number(span.last); at += 1) {
    names.push(`${span.first.slice(0, 8)}${hex(Math.floor(at / perUpper))}${hex(at % perUpper)}`);
  }
  return names;
}

/**
 * Copies the running cluster into the new directory `target`, ready for {@link restoreCluster}.
 * @throws HinobanError "conflict" when `target` exists and is not empty.
 */
export async function backupCluster(postgres: EmbeddedPostgres, target: string): Promise<void> {
  await demandEmpty(target);
  await mkdir(target, { recursive: true, mode: 0o700 });
  const directories = new Set([target]);
  for await (const entry of clusterEntries(postgres)) directories.add(await store(entry, target));
  for (const directory of directories) await syncToDisk(directory);
  await syncToDisk(dirname(target));
}

/** Writes one entry below `target`; returns the directory it changed. */
async function store(entry: DirectoryEntry | FileEntry, target: string): Promise<string> {
  const path = join(target, entry.path);
  if (entry.kind === "directory") {
    await mkdir(path, { recursive: true, mode: 0o700 });
    return path;
  }
  const handle = await open(path, "wx", 0o600);
  try {
    for await (const chunk of entry.read()) await handle.writeFile(chunk);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  return dirname(path);
}

/**
 * Puts a copy made by {@link backupCluster} into the data directory of an embedded database, which must be empty.
 * `startEmbedded` then recovers it, gives it to its account and sets new passwords.
 * @throws HinobanError "conflict" when `dataDir` is not empty, "storage-damaged" when the copy is not complete.
 */
export async function restoreCluster(source: string, dataDir: string): Promise<void> {
  await demandEmpty(dataDir);
  await demandComplete(source);
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  const half = join(dataDir, `${clusterName}.half`);
  try {
    await cp(source, half, { recursive: true, errorOnExist: true, force: false });
    await syncTree(half);
    await rename(half, join(dataDir, clusterName));
    await syncToDisk(dataDir);
  } catch (error) {
    await rm(half, { recursive: true, force: true });
    throw error;
  }
}

/** @throws HinobanError "storage-damaged" unless `cluster` holds what PostgreSQL needs to begin recovery. */
export async function demandComplete(cluster: string): Promise<void> {
  const text = async (name: string): Promise<string> => {
    try {
      return await readFile(join(cluster, name), "utf8");
    } catch (error) {
      throw new HinobanError(
        "storage-damaged",
        `${cluster} is not a complete backup: ${name} is missing.`,
        { missing: name },
        { cause: error },
      );
    }
  };
  await text("PG_VERSION");
  await text(control);
  const first = firstSegment(await text("backup_label"));
  if (!segmentName.test(first) || !(await readdir(join(cluster, "pg_wal"))).includes(first)) {
    throw new HinobanError("storage-damaged", `${cluster} is not a complete backup: the write-ahead log ${first} is missing.`, {
      missing: first,
    });
  }
}

/** @throws HinobanError "conflict" unless `directory` is missing or empty. */
export async function demandEmpty(directory: string): Promise<void> {
  try {
    const [first] = await readdir(directory);
    if (first !== undefined) {
      throw new HinobanError(
        "conflict",
        `${directory} is not empty (it holds ${first}). A backup is only restored into an empty directory.`,
        { directory },
      );
    }
  } catch (error) {
    if (!isCode(error, "ENOENT")) throw error;
  }
}

/** Makes a whole tree survive a loss of power. */
export async function syncTree(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else if (entry.isFile()) await syncToDisk(path);
  }
  await syncToDisk(directory);
}
