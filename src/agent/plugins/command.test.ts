import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { SystemClock } from "#adapters/clock/system";
import { millis, seconds } from "#base/duration";
import { until } from "#test/until";
import type { CommandSpec } from "../conf/plugins.ts";
import { openCommandRunner } from "./command.ts";

const runner = openCommandRunner({
  clock: new SystemClock(),
  environment: { PATH: process.env["PATH"], HERE: "yes" },
  platform: process.platform,
});
const spec = (command: string | readonly string[], more: Partial<CommandSpec> = {}): CommandSpec => ({
  command,
  user: undefined,
  env: {},
  timeout: seconds(20),
  ...more,
});

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "agent-command-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`) && !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");

describe.skipIf(process.platform === "win32")("a program", () => {
  test("as a text runs in the shell, as a list without it, with its variables and the inherited ones", async () => {
    const shell = await runner.run(spec('echo "$A $B $HERE"; echo oops >&2; exit 2', { env: { A: "1" } }), { cap: 1000, env: { B: "2" } });
    expect(shell).toEqual({ kind: "exited", code: 2, stdout: "1 2 yes\n", stderr: "oops\n" });
    const list = await runner.run(spec(["echo", "$A", "a b"], { env: { A: "1" } }), { cap: 1000 });
    expect(list).toMatchObject({ code: 0, stdout: "$A a b\n" });
  });

  test("that prints without end is read to its end and kept to the cap", async () => {
    const result = await runner.run(spec("head -c 3000000 /dev/zero | tr '\\0' x"), { cap: 1000 });
    expect(result).toMatchObject({ kind: "exited", code: 0 });
    expect("stdout" in result ? result.stdout.length : 0).toBe(1000);
  });

  test("that takes too long is ended with everything it started", async () => {
    const file = join(folder, "pids");
    const began = performance.now();
    const result = await runner.run(
      spec(`sleep 60 & echo $! > ${file}; trap '' TERM; sleep 61 & echo $! >> ${file}; echo partly; wait; sleep 60`, {
        timeout: millis(300),
      }),
      { cap: 1000 },
    );
    expect(result).toMatchObject({ kind: "timeout", stdout: "partly\n" });
    expect(performance.now() - began).toBeLessThan(15_000);
    const pids = readFileSync(file, "utf8").trim().split("\n").map(Number);
    expect(pids).toHaveLength(2);
    await until("the whole group is gone", 5000, () => pids.every((pid) => !isAlive(pid)));
  });

  test("that leaves a child behind with its output open does not hold us up", async () => {
    const began = performance.now();
    const result = await runner.run(spec("sleep 30 & echo $!; exit 1"), { cap: 1000 });
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(result).toMatchObject({ kind: "exited", code: 1 });
    process.kill(Number("stdout" in result ? result.stdout : 0)); // the daemon that it meant to start lives; it is ours to end
  });

  test("that does not exist, or that a signal ended, says so", async () => {
    expect(await runner.run(spec(["/does/not/exist", "s3cret"]), { cap: 10 })).toEqual({
      kind: "failed",
      why: "/does/not/exist was not found",
    });
    expect(await runner.run(spec("kill -9 $$"), { cap: 10 })).toMatchObject({ kind: "killed", signal: "SIGKILL" });
  });

  test("that no signal can end is told of as late, frees its place, and is not started beside itself", async () => {
    const file = join(folder, "stuck");
    const stuck = spec(`test -e ${file}.over && exit 3; echo $$ >> ${file}; exec sleep 60`, { timeout: millis(300) });
    const refused = vi.spyOn(process, "kill").mockImplementation(() => {
      throw new Error("EPERM");
    });
    try {
      expect(await runner.run(stuck, { cap: 10 })).toMatchObject({ kind: "timeout" });
      expect(await runner.run(stuck, { cap: 10 })).toMatchObject({ kind: "timeout" });
    } finally {
      refused.mockRestore();
    }
    const pids = readFileSync(file, "utf8").trim().split("\n").map(Number);
    expect(pids).toHaveLength(1);
    process.kill(pids[0] ?? 0, "SIGKILL");
    await until("it is gone", 5000, () => !isAlive(pids[0] ?? 0));
    writeFileSync(`${file}.over`, "");
    await until("it may run again", 5000, async () => (await runner.run(stuck, { cap: 10 })).kind === "exited");
  });

  test("is ended when its section is taken out of the configuration", async () => {
    const end = new AbortController();
    const running = runner.run(spec("sleep 60"), { cap: 10, signal: end.signal });
    end.abort();
    expect(await running).toMatchObject({ kind: expect.stringMatching(/killed|failed/u) });
  });

  test("runs as the account that its section names", async () => {
    expect(await runner.run(spec("id -un", { user: userInfo().username }), { cap: 100 })).toMatchObject({
      stdout: `${userInfo().username}\n`,
    });
    const other = await runner.run(spec("id -un; id -gn; echo $HOME", { user: "nobody" }), { cap: 100 });
    if (process.getuid?.() === 0) expect(other).toMatchObject({ code: 0, stdout: "nobody\nnogroup\n/nonexistent\n" });
    else expect(["exited", "failed"]).toContain(other.kind);
    expect(await runner.run(spec("id", { user: "no-such-user" }), { cap: 100 })).not.toMatchObject({ kind: "exited", code: 0 });
    expect(await runner.run(spec("id", { user: "-u root" }), { cap: 100 })).toMatchObject({ kind: "failed" });
  });

  test("waits for its turn when many are asked for at once, and all get one", async () => {
    const results = await Promise.all(Array.from({ length: 30 }, (_, at) => runner.run(spec(["echo", String(at)]), { cap: 10 })));
    expect(results.map((result) => ("stdout" in result ? result.stdout.trim() : ""))).toEqual(
      Array.from({ length: 30 }, (_, at) => String(at)),
    );
  });
});
