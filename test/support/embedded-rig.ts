import { chmodSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach } from "vitest";
import { SystemClock } from "#adapters/clock/system";
import { millis, seconds } from "#base/duration";
import { startEmbedded, type EmbeddedOptions, type EmbeddedPostgres } from "../../src/server/store/embedded/index.ts";
import { quietLog } from "./quiet-log.ts";

export const clock = new SystemClock();

/** Temporary directories and servers of one test file, gone after each test. */
export interface EmbeddedRig {
  /** A new directory that every account may enter. */
  directory(): string;
  /** A data directory with an empty database in it: quicker than making one. */
  seeded(): Promise<string>;
  start(options: Omit<EmbeddedOptions, "clock" | "log"> & Partial<EmbeddedOptions>): Promise<EmbeddedPostgres>;
}

export function withEmbedded(): EmbeddedRig {
  const directories: string[] = [];
  const running: EmbeddedPostgres[] = [];
  afterEach(async () => {
    for (const postgres of running.splice(0)) await postgres.stop();
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
  });
  let template: Promise<string> | undefined;
  afterAll(async () => {
    if (template) rmSync(await template, { recursive: true, force: true });
  });
  const directory = (): string => {
    directories.push(openDirectory());
    return directories.at(-1) ?? "";
  };
  return {
    directory,
    seeded: async () => {
      template ??= makeTemplate();
      const dataDir = join(directory(), "postgres");
      cpSync(await template, dataDir, { recursive: true });
      return dataDir;
    },
    start: async (options) => {
      const postgres = await startEmbedded({ clock, log: quietLog, ...options });
      running.push(postgres);
      return postgres;
    },
  };
}

function openDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "hinoban-"));
  chmodSync(directory, 0o711);
  return directory;
}

async function makeTemplate(): Promise<string> {
  const dataDir = openDirectory();
  const postgres = await startEmbedded({ clock, log: quietLog, dataDir });
  await postgres.stop();
  return dataDir;
}

/** The rows of one statement on a connection of its own. */
export async function ask(config: pg.ClientConfig, statement: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client(config);
  client.on("error", () => undefined); // the failing call reports it
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(statement);
    return rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Polls until `condition` gives true; fails the test when that takes more than 20 seconds. */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = clock.mono() + seconds(20);
  while (!(await condition())) {
    if (clock.mono() > deadline) throw new Error(`waited in vain for: ${what}`);
    await clock.sleep("test.poll", millis(20));
  }
}
