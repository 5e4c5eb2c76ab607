import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { SystemClock } from "#adapters/clock/system";
import { openEmbeddedMetricStore } from "#adapters/metric-store/embedded/index";
import type { Clock } from "#base/clock";
import { HinobanError } from "#base/errors";
import { Lifetime } from "#base/lifetime";
import { version } from "#base/version";
import { record } from "#features/ledger";
import { createBackup, installationScope, openDatabase, restoreBackup, type Database, type Db } from "#store";
import type { MetricStore } from "#ports/metric-store/port";
import type { Settings } from "./config.ts";
import { askServer, type ControlAction } from "./control.ts";
import type { Log } from "./log.ts";

interface Out {
  readonly out: { write(text: string): unknown };
}

interface BackupParts {
  readonly database: Database;
  readonly metrics: Pick<MetricStore, "snapshot">;
  readonly dataDir: string;
  readonly keyFile: string;
  readonly clock: Clock;
  /** Absent while the server does not run: then nobody writes the ledger either. */
  readonly db?: Db;
}

interface BackupInput {
  readonly file: string;
  readonly overwrite: boolean;
  readonly includeKeys: boolean;
}

type Say = (line: string) => void;

/** Makes a backup inside a running server. */
export const backupAction =
  (parts: BackupParts): ControlAction =>
  (input, progress) =>
    backUp(parts, input as BackupInput, progress); // written by runBackup, over a socket of our own account

async function backUp(parts: BackupParts, input: BackupInput, say: Say): Promise<void> {
  const pg = parts.database.embedded;
  if (!pg) throw new HinobanError("conflict", "The database is one of your own: back it up with pg_dump or its own tools.");
  let percentSaid = -1;
  const report = await createBackup({
    pg,
    metrics: parts.metrics,
    dataDir: parts.dataDir,
    file: input.file,
    version,
    clock: parts.clock,
    overwrite: input.overwrite,
    files: await ownFiles(parts, input.includeKeys),
    onProgress: ({ bytes }) => {
      const tenths = Math.floor(bytes / (64 * 1024 * 1024));
      if (tenths > percentSaid) say(`${(bytes / 1e6).toFixed(0)} MB read …`);
      percentSaid = tenths;
    },
  });
  const { db, clock } = parts;
  await db?.tx(installationScope, (tx) =>
    record(tx, {
      at: clock.now(),
      actor: "system:backup",
      verb: "backup.made",
      object: "installation:self",
      outcome: "done",
      detail: { bytes: report.bytes },
    }),
  );
  say(`${report.file}: ${(report.bytes / 1e6).toFixed(1)} MB, ${report.files} files`);
  if (!input.includeKeys) say(`The key file ${parts.keyFile} is not in it: keep a copy of that file somewhere else.`);
}

/** What else belongs to an installation: who it is in the ledger, its agent's identity, and the keys when asked for. */
async function ownFiles({ dataDir, keyFile }: BackupParts, includeKeys: boolean): Promise<Record<string, string>> {
  const wanted = ["device", "hinoban.yaml", "agent/id", ...(includeKeys ? ["secrets/agent.key"] : [])];
  const files: Record<string, string> = includeKeys ? { "secrets/server.key": keyFile } : {};
  for (const path of wanted) {
    const exists = await stat(join(dataDir, path)).then(
      () => true,
      () => false,
    );
    if (exists) files[path] = join(dataDir, path);
  }
  return files;
}

export const keyFileOf = (settings: Settings): string => settings.keyFile || join(settings.dataDir, "secrets", "server.key");

/** `hinoban backup FILE`: through the running server, or with the database started for it. */
export async function runBackup(settings: Settings, words: readonly string[], log: Log, io: Out): Promise<void> {
  const options = new Set(words.filter((word) => word.startsWith("--")));
  const names = words.filter((word) => !word.startsWith("--"));
  const [file] = names;
  const strange = [...options].filter((option) => option !== "--overwrite" && option !== "--include-keys");
  if (file === undefined || names.length > 1 || strange.length > 0)
    throw new HinobanError("invalid-input", "Usage: hinoban backup FILE [--overwrite] [--include-keys] [--data-dir DIR]");
  const input: BackupInput = { file: resolve(file), overwrite: options.has("--overwrite"), includeKeys: options.has("--include-keys") };
  const say: Say = (line) => void io.out.write(`${line}\n`);
  if (!(await askServer(settings.dataDir, "backup", input, say))) await backUpAlone(settings, input, log, say);
}

async function backUpAlone(settings: Settings, input: BackupInput, log: Log, say: Say): Promise<void> {
  const clock = new SystemClock();
  const life = new Lifetime();
  try {
    const database = await openDatabase({
      databaseUrl: settings.databaseUrl,
      dataDir: join(settings.dataDir, "postgres"),
      clock,
      log,
      binDir: settings.pgBin || undefined,
    });
    life.own("database", () => database.stop());
    const metrics = await openEmbeddedMetricStore({
      directory: join(settings.dataDir, "metrics"),
      clock,
      log,
      retentionDays: settings.retentionDays,
    });
    life.own("metrics", () => metrics.close());
    await backUp({ database, metrics, dataDir: settings.dataDir, keyFile: keyFileOf(settings), clock }, input, say);
  } finally {
    await life.close();
  }
}

/** `hinoban restore FILE` into an empty data directory. */
export async function runRestore(settings: Settings, words: readonly string[], io: Out): Promise<void> {
  const [file] = words;
  if (file === undefined || words.length > 1 || file.startsWith("--"))
    throw new HinobanError("invalid-input", "Usage: hinoban restore FILE [--data-dir DIR]");
  const restored = await restoreBackup({
    file: resolve(file),
    dataDir: settings.dataDir,
    clock: new SystemClock(),
    binDir: settings.pgBin || undefined,
  });
  const hasKey = await stat(keyFileOf(settings)).then(
    () => true,
    () => false,
  );
  io.out.write(`Restored into ${settings.dataDir}, as it was at ${restored.createdAt}.\n`);
  if (!hasKey)
    io.out.write(
      `Now put the server's key file at ${keyFileOf(settings)}; without it API keys and sealed secrets of the backup are useless.\n`,
    );
}
