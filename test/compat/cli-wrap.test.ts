import { existsSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { withCli, type CliEnd } from "#test/cli";
import { FakeClock } from "#test/fake-clock";
import { withRig } from "#test/inventory-rig";
import { until } from "#test/until";
import { seconds } from "#base/duration";
import { checkNameOf, Ends, shortened } from "../../src/cli/run/wrap.ts";

const rig = withRig();
const cli = withCli(() => ({
  HINOBAN_APIBASE: `http://127.0.0.1:${(rig.app.server.address() as AddressInfo).port}`, // it listens on a port
  HINOBAN_APIKEY: rig.key,
}));

let id = "";
beforeAll(async () => {
  id = (await rig.ask("POST", "/api/v0/hosts?", { body: { name: "cron", meta: {} } })).json.id;
});

interface Check {
  readonly name: string;
  readonly status: string;
  readonly message: string;
}

async function checks(): Promise<Check[]> {
  const { rows } = await rig.people.owner.query<Check>(
    "select name, status, message from inventory_check where host_id = $1 order by name",
    [id],
  );
  return rows;
}
const check = async (name: string): Promise<Check | undefined> => (await checks()).find((one) => one.name === name);
const wrap = (...args: string[]): Promise<CliEnd> => cli.call(["wrap", "-H", id, ...args], { clock: rig.people.clock });

describe("a wrapped job", () => {
  test("that succeeds passes its output through and reports nothing", async () => {
    expect(await wrap("-n", "quiet", "--", "sh", "-c", "echo out; echo err >&2")).toMatchObject({ code: 0, out: "out\n", err: "err\n" });
    expect(await checks()).toEqual([]);
  });

  test("that fails is reported as CRITICAL, with its exit code passed on", async () => {
    const { code, err } = await wrap("-n", "backup", "-N", "nightly", "sh", "-c", "exit 3");
    expect(code).toBe(3);
    expect(err).toBe("     error command exited with code: 3\n");
    expect(await check("backup")).toEqual({
      name: "backup",
      status: "CRITICAL",
      message: "command exited with code: 3\nNote: nightly\n% sh -c exit 3",
    });
  });

  test("reports its output with --detail, WARNING with --warning, and OK with --auto-close", async () => {
    await rig.people.clock.advance(seconds(1));
    expect((await wrap("-n", "backup", "-d", "-w", "-a", "--", "sh", "-c", "echo lost a file; exit 1")).code).toBe(1);
    expect(await check("backup")).toMatchObject({
      status: "WARNING",
      message: "command exited with code: 1\n% sh -c echo lost a file; exit 1\nlost a file\n",
    });
    await rig.people.clock.advance(seconds(1));
    expect((await wrap("-n", "backup", "-auto-close", "--", "true")).code).toBe(0);
    expect(await check("backup")).toMatchObject({ status: "OK" });
  });

  test("that cannot be run is reported too, with the codes that shells use", async () => {
    expect((await wrap("-n", "missing", "--", "/no/such/command")).code).toBe(127);
    expect((await check("missing"))?.message).toContain("command invocation failed");
    expect((await wrap("-n", "directory", "--", "/tmp")).code).toBe(126);
  });

  test("that is killed tells the signal", async () => {
    expect((await wrap("-n", "killed", "--", "sh", "-c", "kill -9 $$")).code).toBe(137);
    expect((await check("killed"))?.message).toContain("command died with signal: 9");
  });

  test("runs although nothing can be reported, and says so", async () => {
    const nowhere = { env: { HINOBAN_APIKEY: "", HINOBAN_APIBASE: "" } };
    const { code, out, err } = await cli.call(["wrap", "--", "sh", "-c", "echo done; exit 4"], nowhere);
    expect([code, out]).toEqual([4, "done\n"]);
    expect(err).toContain("this could not be reported: Which host?");
    expect((await cli.call(["wrap", "-H", id, "--", "true"], nowhere)).code).toBe(0);
  });

  test("tries three times to reach the server, and still ends with the job's code", async () => {
    const clock = new CountingClock();
    const { code, err } = await cli.call(["wrap", "-H", id, "--apibase", "http://127.0.0.1:1", "--", "false"], { clock });
    expect([code, clock.sleeps]).toEqual([1, 2]);
    expect(err).toContain("cannot be reached");
  });

  test("without a name has the one that mkr gives it", () => {
    expect(checkNameOf(["/usr/bin/echo", "a b"])).toBe("mkrwrap-echo-56434f");
    expect(checkNameOf(["./my job.sh"])).toMatch(/^mkrwrap-my_job_sh-[0-9a-f]{6}$/u);
  });
});

test("a long report keeps its beginning and its end within 1,024 letters", () => {
  const text = shortened(`${"あ".repeat(2000)}end`);
  expect([...text]).toHaveLength(1024);
  expect(text).toMatch(/^あ+\n\.\.\.\nあ+end$/u);
  const ends = new Ends();
  for (let at = 0; at < 10_000; at += 1) ends.add(`${at}\n`);
  expect(ends.text.startsWith("0\n1\n")).toBe(true);
  expect(ends.text.endsWith("9998\n9999\n")).toBe(true);
  expect(ends.text.length).toBeLessThan(5000);
});

test("whoever ends the wrapper ends the job, which may still tidy up", async () => {
  const running = wrap("-n", "ended", "--", "sh", "-c", 'trap "echo tidied; exit 9" TERM; touch began; while :; do sleep 0.05; done');
  await until("the job runs", 10_000, () => existsSync(join(cli.folder, "began")));
  process.emit("SIGTERM");
  expect(await running).toMatchObject({ code: 9, out: "tidied\n" });
});

class CountingClock extends FakeClock {
  sleeps = 0;

  override sleep(): Promise<void> {
    this.sleeps += 1;
    return Promise.resolve();
  }
}
