import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ask, eventually, withEmbedded } from "#test/embedded-rig";
import { rememberingLog } from "#test/quiet-log";
import { chooseAccount, launch } from "./account.ts";
import { processesOf } from "./processes.ts";
import type { EmbeddedPostgres, PostgresExit } from "./types.ts";

const rig = withEmbedded();
const mode = (path: string): number => statSync(path).mode & 0o777;
const insert = (postgres: EmbeddedPostgres): Promise<unknown> =>
  ask(postgres.connection("owner"), "create table if not exists kept (id int); insert into kept values (1)");
const count = async (postgres: EmbeddedPostgres): Promise<unknown> =>
  (await ask(postgres.connection("owner"), "select count(*) as n from kept"))[0]?.["n"];

describe("starting and stopping", () => {
  test("a first start makes a private database with two roles, and a second start finds what was written", async () => {
    const dataDir = join(rig.directory(), "postgres");
    const first = await rig.start({ dataDir });
    expect(await ask(first.connection("app"), "select current_user as me, current_database() as here")).toEqual([
      { me: "hinoban_app", here: "hinoban" },
    ]);
    expect(
      await ask(
        first.connection("owner"),
        "select rolsuper, rolbypassrls, rolcreatedb, rolcreaterole from pg_roles where rolname = 'hinoban_app'",
      ),
    ).toEqual([{ rolsuper: false, rolbypassrls: false, rolcreatedb: false, rolcreaterole: false }]);
    const [shown] = await ask(
      first.connection("owner"),
      `select current_setting('listen_addresses') as listens, current_setting('fsync') as fsync, current_setting('data_checksums') as checksums,
         pg_encoding_to_char(encoding) as encoding, 'a' < 'B' collate "default" as by_language from pg_database where datname = 'hinoban'`,
    );
    expect(shown).toEqual({ listens: "", fsync: "on", checksums: "on", encoding: "UTF8", by_language: false });
    expect([
      mode(join(dataDir, "owner.password")),
      mode(join(dataDir, "app.password")),
      mode(first.clusterDir),
      mode(join(dataDir, "run")),
    ]).toEqual([0o600, 0o600, 0o700, 0o700]);
    await insert(first);
    await first.stop();
    expect(processesOf(first.clusterDir)).toEqual([]);
    expect(existsSync(join(dataDir, "supervisor.lock"))).toBe(false);
    const second = await rig.start({ dataDir });
    expect(await count(second)).toBe("1");
  });

  test("a wrong password is refused", async () => {
    const postgres = await rig.start({ dataDir: await rig.seeded() });
    await expect(ask({ ...postgres.connection("owner"), password: "guessed" }, "select 1")).rejects.toThrow(
      /password authentication failed/u,
    );
    await expect(ask({ ...postgres.connection("app"), user: "postgres" }, "select 1")).rejects.toThrow(/password authentication failed/u);
  });

  test("a path with spaces, quotes and Japanese letters works", async () => {
    const postgres = await rig.start({ dataDir: join(rig.directory(), "監視 の 'データ'", "postgres") });
    expect(await ask(postgres.connection("app"), "select 1 as one")).toEqual([{ one: 1 }]);
  });

  test("a path too long for a socket gets a short private socket directory, which a stop removes", async () => {
    const dataDir = join(rig.directory(), "x".repeat(120), "postgres");
    const postgres = await rig.start({ dataDir });
    const socket = String(postgres.connection("app").host);
    expect(Buffer.byteLength(join(socket, ".s.PGSQL.5432"))).toBeLessThan(104);
    expect(mode(socket)).toBe(0o700);
    expect(await ask(postgres.connection("app"), "select 1 as one")).toEqual([{ one: 1 }]);
    await postgres.stop();
    expect(existsSync(socket)).toBe(false);
  });

  test("a second supervisor on the same directory is told which process holds it", async () => {
    const dataDir = await rig.seeded();
    const postgres = await rig.start({ dataDir });
    await expect(rig.start({ dataDir })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(`process ${process.pid}`),
    });
    expect(await ask(postgres.connection("app"), "select 1 as one")).toEqual([{ one: 1 }]);
  });

  test("a start that fails shows what PostgreSQL said and leaves the directory free", async () => {
    const dataDir = await rig.seeded();
    await expect(rig.start({ dataDir, settings: { shared_buffers: "plenty" } })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("plenty"),
    });
    await rig.start({ dataDir });
  });

  test("programs that do not exist are reported with what to do", async () => {
    const dataDir = await rig.seeded();
    await expect(rig.start({ dataDir, binDir: "/nowhere/bin" })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("HINOBAN_PG_BIN"),
    });
  });

  test("a database of another major version is refused, not touched", async () => {
    const dataDir = await rig.seeded();
    const postgres = await rig.start({ dataDir });
    await postgres.stop();
    writeFileSync(join(postgres.clusterDir, "PG_VERSION"), "14\n");
    await expect(rig.start({ dataDir })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("made by PostgreSQL 14"),
    });
  });
});

describe("going on after a crash", () => {
  test("a killed postmaster is started again, and what was committed is there", async () => {
    const postgres = await rig.start({ dataDir: await rig.seeded() });
    await insert(postgres);
    const exits: PostgresExit[] = [];
    postgres.onExit((exit) => exits.push(exit));
    const before = postgres.pid ?? 0;
    process.kill(before, "SIGKILL");
    await eventually("an answer of the new postmaster", async () => {
      if (exits.length === 0) return false;
      return count(postgres).then(
        (n) => n === "1",
        () => false,
      );
    });
    expect(exits).toMatchObject([{ code: null, signal: "SIGKILL" }]);
    expect(postgres.pid).not.toBe(before);
  });

  test("three kills in a row are survived", async () => {
    const postgres = await rig.start({ dataDir: await rig.seeded() });
    for (let round = 0; round < 3; round += 1) {
      const before = postgres.pid ?? 0;
      process.kill(before, "SIGKILL");
      await eventually("a new postmaster that answers", () =>
        ask(postgres.connection("app"), "select 1").then(
          () => postgres.pid !== before,
          () => false,
        ),
      );
      expect(postgres.pid).toBeGreaterThan(1);
    }
  });

  test("a killed backend costs the connections but not the postmaster", async () => {
    const postgres = await rig.start({ dataDir: await rig.seeded() });
    await insert(postgres);
    const before = postgres.pid;
    const victim = ask(postgres.connection("owner"), "select pg_sleep(60) /* victim */");
    victim.catch(() => undefined); // looked at below
    const find = "select pid from pg_stat_activity where query like '%victim%' and pid <> pg_backend_pid()";
    let pid = 0;
    await eventually("the victim's query", async () => {
      pid = Number((await ask(postgres.connection("owner"), find))[0]?.["pid"] ?? 0);
      return pid > 0;
    });
    process.kill(pid, "SIGKILL");
    await expect(victim).rejects.toThrow(/terminat/u);
    await eventually("an answer after the crash of a part", () =>
      count(postgres)
        .then((n) => n === "1")
        .catch(() => false),
    );
    expect(postgres.pid).toBe(before);
  });

  test("a stop while PostgreSQL is being restarted ends it for good", async () => {
    const postgres = await rig.start({ dataDir: await rig.seeded() });
    const told = new Promise<void>((resolve) => postgres.onExit(() => resolve()));
    process.kill(postgres.pid ?? 0, "SIGKILL");
    await told;
    await postgres.stop();
    expect(processesOf(postgres.clusterDir)).toEqual([]);
  });

  test("passwords that were lost, as after a restore, are replaced without opening the door", async () => {
    const dataDir = await rig.seeded();
    const first = await rig.start({ dataDir });
    await insert(first);
    await first.stop();
    rmSync(join(dataDir, "owner.password"));
    rmSync(join(dataDir, "app.password"));
    const second = await rig.start({ dataDir });
    expect(await count(second)).toBe("1");
    await expect(ask({ ...second.connection("owner"), password: "guessed" }, "select 1")).rejects.toThrow(
      /password authentication failed/u,
    );
    await expect(ask(first.connection("owner"), "select 1")).rejects.toThrow(/password authentication failed/u);
    expect(readFileSync(join(second.clusterDir, "pg_hba.conf"), "utf8")).not.toContain("trust");
  });

  test("a lock file that names a living stranger does not keep the database down", async () => {
    const dataDir = await rig.seeded();
    const first = await rig.start({ dataDir });
    await first.stop();
    writeFileSync(join(first.clusterDir, "postmaster.pid"), `${process.pid}\n${first.clusterDir}\n1\n5432\n/tmp\n\n  1 1\n`);
    const second = await rig.start({ dataDir });
    expect(await ask(second.connection("app"), "select 1 as one")).toEqual([{ one: 1 }]);
  });

  test("a PostgreSQL that an earlier run left behind is ended, also one started without setpriv", async () => {
    const dataDir = await rig.seeded();
    const first = await rig.start({ dataDir });
    await insert(first);
    await first.stop();
    const { command, args, ids } = launch(
      { account: chooseAccount(first.clusterDir), setpriv: undefined },
      join(first.binDir, "postgres"),
      ["-D", first.clusterDir, "-k", join(dataDir, "run"), "-c", "listen_addresses="],
      "INT",
    );
    const orphan = spawn(command, args, { cwd: "/", stdio: "ignore", detached: true, ...ids });
    await eventually("the orphan's start", () => processesOf(first.clusterDir).length > 3);
    const log = rememberingLog();
    const second = await rig.start({ dataDir, log });
    expect(orphan.exitCode ?? orphan.signalCode).not.toBeNull();
    expect(log.lines).toContain("ending a PostgreSQL that an earlier run left behind");
    expect(await count(second)).toBe("1");
  });
});

test("an installed PostgreSQL can be used instead of the package", async () => {
  const installed = ["/usr/lib/postgresql", "/opt/homebrew/opt"]
    .filter(existsSync)
    .flatMap((base) => readdirSync(base).map((name) => join(base, name, "bin")));
  const usable = installed.filter((binDir) => existsSync(join(binDir, "initdb")));
  for (const binDir of usable) {
    const postgres = await rig.start({ dataDir: join(rig.directory(), "postgres"), binDir });
    expect(postgres.binDir).toBe(binDir);
    const [row] = await ask(postgres.connection("app"), "select current_setting('server_version') as version, 'a' < 'B' as by_language");
    expect(row).toMatchObject({ version: expect.stringContaining(postgres.version), by_language: false });
    await postgres.stop();
  }
});
