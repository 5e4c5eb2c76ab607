import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { millis, seconds } from "#base/duration";
import { ask, clock as systemClock, eventually, withEmbedded } from "#test/embedded-rig";
import { FakeClock } from "#test/fake-clock";
import { blockedAt, chooseAccount, findSetpriv, giveTo, launch } from "./account.ts";
import { takeLock } from "./lock.ts";
import { PostgresLog } from "./log-file.ts";
import { endGently, identityOf, isAlive, postmasterPid, processesOf, signalTo } from "./processes.ts";
import { asArguments, defaultSettings } from "./settings.ts";

const rig = withEmbedded();
let directory = "";
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), "hinoban-parts-"))));
afterEach(() => rmSync(directory, { recursive: true }));

describe("the supervisor's lock", () => {
  const file = (): string => join(directory, "supervisor.lock");
  const holder = (over: object): string =>
    JSON.stringify({ pid: process.pid, identity: identityOf(process.pid), host: hostname(), token: "another", ...over });

  test("is held by one, and given back", async () => {
    const lock = await takeLock(directory, systemClock);
    await expect(takeLock(directory, systemClock)).rejects.toMatchObject({ code: "conflict", facts: { pid: process.pid } });
    lock.release();
    expect(existsSync(file())).toBe(false);
    (await takeLock(directory, systemClock)).release();
  });

  test("of a process that ended, or whose number a later process got, is taken over", async () => {
    for (const left of [holder({ pid: 4_000_000 }), holder({ identity: "an earlier boot/17" }), "half a li"]) {
      writeFileSync(file(), left);
      utimesSync(file(), 1, 1);
      const lock = await takeLock(directory, systemClock);
      expect(JSON.parse(readFileSync(file(), "utf8"))).toMatchObject({ pid: process.pid });
      lock.release();
    }
  });

  test("of another host is respected while its beat goes on, and taken over once it stays silent", async () => {
    const clock = new FakeClock();
    const touch = (): void => utimesSync(file(), clock.now() / 1000, clock.now() / 1000);
    writeFileSync(file(), holder({ host: "another-container" }));
    touch();
    const beats = clock.every("their beat", seconds(5), touch);
    const refused = takeLock(directory, clock).then(
      () => "taken",
      (error: unknown) => String(error),
    );
    await clock.advance(seconds(7));
    expect(await refused).toContain("on another-container");
    beats.cancel();
    const taken = takeLock(directory, clock);
    await clock.advance(seconds(21));
    const lock = await taken;
    expect(JSON.parse(readFileSync(file(), "utf8"))).toMatchObject({ host: hostname() });
    lock.release();
  });

  test("that somebody else took over meanwhile is not released", async () => {
    const lock = await takeLock(directory, systemClock);
    writeFileSync(file(), holder({ token: "theirs" }));
    lock.release();
    expect(existsSync(file())).toBe(true);
  });

  test("goes to exactly one of many that start at once", async () => {
    writeFileSync(file(), holder({ pid: 4_000_000 }));
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => takeLock(directory, systemClock)));
    const won = outcomes.filter((outcome) => outcome.status === "fulfilled");
    expect(won).toHaveLength(1);
    for (const outcome of won) outcome.value.release();
  });
});

describe("ending a process", () => {
  test("goes from asking to forcing, each with its time", async () => {
    const clock = new FakeClock();
    const sent: string[] = [];
    const ended = endGently(
      clock,
      (signal) => void sent.push(signal),
      () => sent.includes("SIGKILL"),
    );
    await clock.advance(seconds(29));
    expect(sent).toEqual(["SIGINT"]);
    await clock.advance(seconds(2));
    expect(sent).toEqual(["SIGINT", "SIGQUIT"]);
    await clock.advance(seconds(6));
    expect(await ended).toBe("SIGKILL");
  });

  test("gives up on what cannot be ended", async () => {
    const clock = new FakeClock();
    const ended = endGently(
      clock,
      () => undefined,
      () => false,
      [millis(10), millis(10), millis(10)],
    );
    await clock.advance(seconds(1));
    expect(await ended).toBeUndefined();
  });

  test("a stop that had to kill a hanging postmaster leaves a database that the next start recovers", async () => {
    const dataDir = await rig.seeded();
    const postgres = await rig.start({ dataDir });
    await ask(postgres.connection("owner"), "create table kept (id int); insert into kept values (1)");
    const pid = postgres.pid ?? 0;
    process.kill(pid, "SIGSTOP");
    const stopped = postgres.stop();
    process.kill(pid, "SIGKILL"); // what stop() itself does after 35 seconds
    await stopped;
    const again = await rig.start({ dataDir });
    expect(await ask(again.connection("owner"), "select count(*) as n from kept")).toEqual([{ n: "1" }]);
  });

  test("a signal to a process that is gone is no error", () => {
    expect(() => signalTo(4_000_000, "SIGTERM")).not.toThrow();
    expect(isAlive(4_000_000)).toBe(false);
  });
});

describe("looking at processes", () => {
  test("one that is a zombie does not live, and each life has its own identity", async () => {
    expect(identityOf(process.pid)).toBe(identityOf(process.pid));
    expect(identityOf(4_000_000)).toBeUndefined();
    const shell = spawn("/bin/sh", ["-c", "sleep 0 & echo $!; exec sleep 30"], { stdio: ["ignore", "pipe", "ignore"] });
    const zombie = await new Promise<number>((resolve) => shell.stdout.once("data", (data: Buffer) => resolve(Number(data.toString()))));
    await eventually("the zombie", () => identityOf(zombie) === undefined);
    shell.kill("SIGKILL");
  });

  test("a shell that stands in the cluster's directory is not taken for PostgreSQL", async () => {
    const shell = spawn("/bin/sh", ["-c", "echo here; exec sleep 30"], { cwd: directory, stdio: ["ignore", "pipe", "ignore"] });
    await new Promise((resolve) => shell.stdout.once("data", resolve));
    expect(processesOf(directory)).toEqual([]);
    shell.kill("SIGKILL");
  });

  test("a lock file without a sensible number names nobody", () => {
    for (const text of ["", "abc", "0", "1", "-5"]) {
      writeFileSync(join(directory, "postmaster.pid"), text);
      expect(postmasterPid(directory)).toBeUndefined();
    }
  });
});

describe("the account", () => {
  const nobody = { uid: 65_534, gid: 65_534 };
  const passwd = (text: string): string => {
    const path = join(directory, "passwd");
    writeFileSync(path, text);
    return path;
  };

  test("is that of the cluster, else 'hinoban', else 'nobody'; without any the operator is told what to do", () => {
    const both = passwd("root:x:0:0::/root:/bin/sh\nnobody:x:65534:65533::/:/bin/false\nhinoban:x:777:778::/:/bin/false\n");
    const isRoot = process.getuid?.() === 0;
    expect(chooseAccount(undefined, both)).toEqual(isRoot ? { uid: 777, gid: 778 } : undefined);
    const one = passwd("nobody:x:65534:65533::/:/bin/false\n");
    expect(chooseAccount(join(directory, "missing"), one)).toEqual(isRoot ? { uid: 65_534, gid: 65_533 } : undefined);
    if (isRoot) expect(() => chooseAccount(undefined, passwd("root:x:0:0::/root:/bin/sh\n"))).toThrow(/useradd/u);
  });

  test("may enter a directory by the bits that are for it", () => {
    const own = process.getuid?.() ?? 0;
    const closed = join(directory, "closed");
    mkdirSync(join(closed, "below"), { recursive: true, mode: 0o755 });
    expect(blockedAt(join(closed, "below"), { uid: 64_123, gid: 64_123 })).toBe(directory); // made 0700 by mkdtemp
    expect(blockedAt(join(closed, "below", "not yet"), { uid: own, gid: 1 })).toBeUndefined();
  });

  test("is given a tree without following links out of it", () => {
    mkdirSync(join(directory, "tree"));
    writeFileSync(join(directory, "outside"), "");
    symlinkSync(join(directory, "outside"), join(directory, "tree", "link"));
    const me = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
    giveTo(join(directory, "tree"), process.getuid?.() === 0 ? nobody : me);
    expect(statSync(join(directory, "outside")).uid).toBe(me.uid);
  });

  test("is changed to by setpriv where it can, by Node where it cannot", () => {
    const program = "/bin/postgres";
    expect(launch({ account: nobody, setpriv: undefined }, program, ["-D"], "INT")).toEqual({
      command: program,
      args: ["-D"],
      ids: nobody,
    });
    expect(launch({ account: undefined, setpriv: "/bin/setpriv" }, program, ["-D"], "INT")).toEqual({
      command: "/bin/setpriv",
      args: ["--no-new-privs", "--pdeathsig", "INT", "--", program, "-D"],
      ids: {},
    });
    expect(launch({ account: nobody, setpriv: "/bin/setpriv" }, program, [], "KILL").args).toEqual(
      expect.arrayContaining(["--reuid=65534", "--clear-groups"]),
    );
  });

  test("a setpriv that cannot do what is needed, as busybox's, is not used", () => {
    const busybox = join(directory, "setpriv");
    writeFileSync(busybox, "#!/bin/sh\necho 'Usage: setpriv [OPTIONS] PROG ARGS: --nnp --inh-caps'\n", { mode: 0o755 });
    expect(findSetpriv([busybox, join(directory, "missing")])).toBeUndefined();
  });
});

test("PostgreSQL's log stays below two files of 4 MiB, and its last lines are at hand", async () => {
  const file = join(directory, "postgres.log");
  const log = new PostgresLog(file);
  for (let round = 0; round < 100; round += 1) {
    for (let line = 0; line < 1_000; line += 1) log.add(`${round}-${line} ${"x".repeat(90)}`);
    await log.flush();
  }
  expect(statSync(file).size + statSync(`${file}.1`).size).toBeLessThan(2 * 4 * 1024 * 1024 + 300_000);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(log.lastLines).toHaveLength(30);
  expect(log.lastLines.at(-1)).toMatch(/^99-999 /u);
});

test("the asynchronous reader that needs extra processes is switched off only where it exists", () => {
  expect(defaultSettings(15)).not.toHaveProperty("io_method");
  expect(asArguments({ io_method: defaultSettings(18)["io_method"] ?? "" })).toEqual(["-c", "io_method=sync"]);
});
