import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { SystemClock } from "#adapters/clock/system";
import { startEmbedded, type EmbeddedPostgres } from "../../src/server/store/embedded/index.ts";
import { migrate } from "../../src/server/store/migrate.ts";
import { testDatabaseBin } from "./config.ts";
import { quietLog } from "./quiet-log.ts";

/** How a test reaches the cluster of its run. */
export interface TestCluster {
  readonly owner: Signin;
  readonly app: Signin;
  /** Database that holds the migrated schema and is only ever cloned. */
  readonly template: string;
  /** For example "18.4". */
  readonly version: string;
}

export interface Signin {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

declare module "vitest" {
  export interface ProvidedContext {
    cluster: TestCluster;
  }
}

const template = "hinoban_template";

/** Nothing of a test run has to outlive the machine's power, so nothing waits for the disk. */
const fastSettings = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  max_connections: "200",
  max_wal_size: "1GB",
  autovacuum: "off",
};

/** Vitest's globalSetup: one PostgreSQL per run, migrated once into a template that each test file clones. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = mkdtempSync(join(tmpdir(), "hinoban-test-"));
  chmodSync(directory, 0o711); // PostgreSQL runs as another account when the tests run as root
  const postgres = await startEmbedded({
    dataDir: join(directory, "postgres"),
    clock: new SystemClock(),
    log: quietLog,
    binDir: testDatabaseBin,
    settings: fastSettings,
  });
  const teardown = async (): Promise<void> => {
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await makeTemplate(postgres);
  } catch (error) {
    await teardown();
    throw error;
  }
  project.provide("cluster", { owner: signin(postgres, "owner"), app: signin(postgres, "app"), template, version: postgres.version });
  return teardown;
}

async function makeTemplate(postgres: EmbeddedPostgres): Promise<void> {
  const admin = new pg.Client(postgres.connection("owner"));
  await admin.connect();
  try {
    await admin.query(`create database ${template}`);
    await migrate(postgres.connection("owner", template));
    await admin.query(`alter database ${template} is_template true allow_connections false`);
  } finally {
    await admin.end();
  }
}

function signin(postgres: EmbeddedPostgres, who: "owner" | "app"): Signin {
  const { host = "", port = 0, user = "", password } = postgres.connection(who);
  return { host, port, user, password: typeof password === "string" ? password : "" };
}
