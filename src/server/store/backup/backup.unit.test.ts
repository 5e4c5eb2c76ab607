import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { ask, clock, eventually, withEmbedded } from "#test/embedded-rig";
import type { EmbeddedPostgres } from "../embedded/index.ts";
import { segmentsOf } from "./cluster.ts";
import { backupCluster, createBackup, restoreBackup, restoreCluster } from "./index.ts";

const rig = withEmbedded();

/** Four callers that insert rows one by one until told to stop; `acknowledged` counts what the database said is committed. */
async function writers(postgres: EmbeddedPostgres): Promise<{ acknowledged: () => number; stop: () => Promise<void> }> {
  await ask(postgres.connection("owner"), "create table kept (id bigserial primary key, body text not null)");
  let acknowledged = 0;
  let isWriting = true;
  const write = async (): Promise<void> => {
    const client = new pg.Client(postgres.connection("owner"));
    await client.connect();
    while (isWriting) {
      await client.query("insert into kept (body) select repeat('x', 2000)");
      acknowledged += 1;
    }
    await client.end();
  };
  const running = Array.from({ length: 4 }, write);
  return {
    acknowledged: () => acknowledged,
    stop: async () => {
      isWriting = false;
      await Promise.all(running);
    },
  };
}

const countOf = async (postgres: EmbeddedPostgres): Promise<number> =>
  Number((await ask(postgres.connection("owner"), "select count(*) as n from kept"))[0]?.["n"]);

describe("a copy of the running cluster", () => {
  test("taken under concurrent writes starts elsewhere and holds every row written before it began", async () => {
    const postgres = await rig.start({ dataDir: await rig.seeded() });
    const load = await writers(postgres);
    await eventually("some rows", () => load.acknowledged() > 200);
    const before = load.acknowledged();
    const target = join(rig.directory(), "copy");
    await backupCluster(postgres, target);
    const after = load.acknowledged();
    await load.stop();
    expect(after).toBeGreaterThan(before);
    expect(await ask(postgres.connection("owner"), "select slot_name from pg_replication_slots")).toEqual([]);
    await postgres.stop();

    const dataDir = join(rig.directory(), "postgres");
    await restoreCluster(target, dataDir);
    const restored = await rig.start({ dataDir });
    const count = await countOf(restored);
    expect(count).toBeGreaterThanOrEqual(before);
    expect(count).toBeLessThanOrEqual(after + 4); // what was in flight when the copy ended
    await ask(restored.connection("owner"), "insert into kept (body) values ('goes on')");
  });

  test("is refused by a restore when its first piece of the log is missing, or when the place is taken", async () => {
    const postgres = await rig.start({ dataDir: await rig.seeded() });
    const target = join(rig.directory(), "copy");
    await backupCluster(postgres, target);
    await expect(backupCluster(postgres, target)).rejects.toMatchObject({ code: "conflict" });
    const taken = rig.directory();
    writeFileSync(join(taken, "something"), "");
    await expect(restoreCluster(target, taken)).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("not empty") });
    rmSync(join(target, "pg_wal"), { recursive: true });
    mkdirSync(join(target, "pg_wal"));
    await expect(restoreCluster(target, join(rig.directory(), "postgres"))).rejects.toMatchObject({ code: "storage-damaged" });
  });

  test("works on an installed PostgreSQL 15 as well", async () => {
    const binDir = "/usr/lib/postgresql/15/bin";
    const options = existsSync(binDir) ? { binDir } : {};
    const postgres = await rig.start({ dataDir: join(rig.directory(), "postgres"), ...options });
    await ask(postgres.connection("owner"), "create table kept (id int); insert into kept values (1)");
    const target = join(rig.directory(), "copy");
    await backupCluster(postgres, target);
    const dataDir = join(rig.directory(), "postgres");
    await restoreCluster(target, dataDir);
    expect(await countOf(await rig.start({ dataDir, ...options }))).toBe(1);
  });

  test("needs every piece of the log from the first to the last, across the border of the upper number", () => {
    const names = segmentsOf({ first: "0000000100000001000000FE", last: "000000010000000200000001", segmentSize: 16 * 2 ** 20 });
    expect(names).toEqual(["0000000100000001000000FE", "0000000100000001000000FF", "000000010000000200000000", "000000010000000200000001"]);
  });
});

describe("a backup file", () => {
  const metrics = {
    snapshot: async (directory: string): Promise<void> => {
      mkdirSync(join(directory, "blocks"));
      writeFileSync(join(directory, "blocks", "0001"), "points");
    },
  };

  /** An installation with rows, metrics and a key file, and a backup of it. */
  async function backedUp(): Promise<{ postgres: EmbeddedPostgres; file: string; dataDir: string }> {
    const dataDir = rig.directory();
    cpSync(await rig.seeded(), join(dataDir, "postgres"), { recursive: true });
    mkdirSync(join(dataDir, "secrets"));
    writeFileSync(join(dataDir, "secrets", "server.key"), "the key");
    const postgres = await rig.start({ dataDir: join(dataDir, "postgres") });
    await ask(postgres.connection("owner"), "create table kept (id int); insert into kept select generate_series(1, 500)");
    const file = join(rig.directory(), "hinoban.backup");
    await createBackup({ pg: postgres, metrics, dataDir, file, version: "0.1.0", clock });
    return { postgres, file, dataDir };
  }

  test("holds description, metrics, database and manifest, no key unless asked for, and restores to a running installation", async () => {
    const { postgres, file, dataDir } = await backedUp();
    const listed = execFileSync("tar", ["tzf", file], { encoding: "utf8" }).trim().split("\n");
    expect([listed[0], listed.at(-1)]).toEqual(["backup.json", "manifest.json"]);
    expect(listed).toEqual(
      expect.arrayContaining(["metrics/blocks/0001", "postgres/PG_VERSION", "postgres/backup_label", "postgres/global/pg_control"]),
    );
    expect(listed.filter((name) => /password|server\.key|postmaster\.pid/u.test(name))).toEqual([]);
    expect(readdirSync(dataDir).sort()).toEqual(["postgres", "secrets"]);
    await postgres.stop();

    const target = rig.directory();
    const description = await restoreBackup({ file, dataDir: target, clock });
    expect(description).toMatchObject({ product: "hinoban", version: "0.1.0", postgres: postgres.version });
    expect(readFileSync(join(target, "metrics", "blocks", "0001"), "utf8")).toBe("points");
    expect(readdirSync(target).sort()).toEqual(["metrics", "postgres"]);
    const restored = await rig.start({ dataDir: join(target, "postgres") });
    expect(await countOf(restored)).toBe(500);
    expect(await ask(restored.connection("app"), "select current_user as me")).toEqual([{ me: "hinoban_app" }]);
  });

  test("may hold the key file, which comes back to its place", async () => {
    const { postgres, dataDir } = await backedUp();
    const file = join(rig.directory(), "with-key.backup");
    await createBackup({
      pg: postgres,
      dataDir,
      file,
      version: "0.1.0",
      clock,
      files: { "secrets/server.key": join(dataDir, "secrets", "server.key") },
    });
    const target = join(rig.directory(), "new");
    await restoreBackup({ file, dataDir: target, clock });
    expect(readFileSync(join(target, "secrets", "server.key"), "utf8")).toBe("the key");
  });

  test("that is damaged leaves the data directory empty and is reported with the damaged member", async () => {
    const { file } = await backedUp();
    const bytes = readFileSync(file);
    bytes.fill(0, bytes.length - 200_000, bytes.length - 199_000);
    writeFileSync(file, bytes);
    const target = rig.directory();
    await expect(restoreBackup({ file, dataDir: target, clock })).rejects.toMatchObject({
      code: "storage-damaged",
      facts: { member: expect.stringMatching(/^postgres\//u) },
    });
    expect(readdirSync(target)).toEqual([]);
  });

  test("is not restored over anything, nor with programs of another major version", async () => {
    const { file, dataDir } = await backedUp();
    await expect(restoreBackup({ file, dataDir, clock })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("not empty"),
    });
    const fifteen = join(rig.directory(), "bin");
    mkdirSync(fifteen);
    writeFileSync(join(fifteen, "postgres"), "#!/bin/sh\necho 'postgres (PostgreSQL) 15.9'\n", { mode: 0o755 });
    const target = rig.directory();
    await expect(restoreBackup({ file, dataDir: target, clock, binDir: fifteen })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("HINOBAN_PG_BIN"),
    });
    expect(readdirSync(target)).toEqual([]);
  });
});
