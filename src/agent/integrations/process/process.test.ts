import { describe, expect, test } from "vitest";
import { minutes } from "#base/duration";
import { HinobanError } from "#base/errors";
import { FixtureReader } from "#test/agent/fixture-reader";
import { damaged, neverAborted, optionsOf, repeatable, sectionOf } from "#test/agent/integration-rig";
import { FakeClock } from "#test/fake-clock";
import type { Integration } from "../integration.ts";
import { processes } from "./index.ts";
import { fits, parseCommandLine, parseStat, residentBytes, userId, userOf } from "./processes.ts";

const stat = (pid: number, command: string, ticks: number, state = "S", startedAt = 5000): string =>
  `${pid} (${command}) ${state} 1 ${pid} ${pid} 0 -1 4194304 100 0 0 0 ${ticks} 10 0 0 20 0 4 0 ${startedAt} 227000320 2500 18446744073709551615 1 1 0 0\n`;
const status = (uid: number): string =>
  `Name:\tnginx\nUmask:\t0022\nState:\tS (sleeping)\nPid:\t812\nUid:\t0\t${uid}\t0\t0\nVmHWM:\t   90000 kB\nVmRSS:\t   10240 kB\nThreads:\t4\n`;

class Machine {
  readonly clock = new FakeClock();
  readonly reader = new FixtureReader();

  constructor() {
    this.reader.files.set("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33::/var/www:/usr/sbin/nologin\n");
    this.reader.folders.set("/proc", ["self", "meminfo"]);
  }

  run(pid: number, command: string, commandLine: string, { ticks = 90, uid = 33, state = "S", startedAt = 5000 } = {}): void {
    const { files, folders } = this.reader;
    files.set(`/proc/${pid}/stat`, stat(pid, command, ticks, state, startedAt));
    files.set(`/proc/${pid}/cmdline`, commandLine.replaceAll(" ", "\0") + (commandLine === "" ? "" : "\0"));
    files.set(`/proc/${pid}/status`, status(uid));
    folders.set(`/proc/${pid}/fd`, ["0", "1", "2"]);
    folders.set("/proc", [...new Set([...(folders.get("/proc") ?? []), String(pid)])]);
  }

  make(values: Readonly<Record<string, unknown>>, name = "process.web", platform = "linux"): Integration {
    const deps = {
      clock: this.clock,
      reader: this.reader,
      platform,
      stateFolder: () => Promise.reject(new Error("none")),
      log: noLog,
    };
    return processes(optionsOf(values, name), deps, sectionOf(name, values));
  }
}
const noLog = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

describe("files of the kernel", () => {
  test("a command with blanks and brackets is read whole", () => {
    expect(parseStat(stat(812, "tmux: server (x)", 90))).toEqual({
      pid: 812,
      command: "tmux: server (x)",
      state: "S",
      ticks: 100,
      threads: 4,
      startedAt: 5000,
    });
    expect(parseStat("812 (cut")).toBeUndefined();
    expect(parseStat("")).toBeUndefined();
  });

  test("arguments, memory and users", () => {
    expect(parseCommandLine("nginx: worker\0process\0\0")).toBe("nginx: worker process");
    expect(residentBytes(status(33))).toBe(10_485_760);
    expect(userOf(status(33))).toBe(33);
    expect(userId("a:x:1:1::/:/\nwww-data:x:33:33::/:/\n", "www-data")).toBe(33);
  });

  test.each([
    [{ name: "nginx" }, "nginx", "nginx: master process /usr/sbin/nginx", true],
    [{ name: "nginx" }, "nginx-debug", "/usr/sbin/nginx-debug", false],
    [{ name: "systemd-networkd" }, "systemd-network", "/lib/systemd/systemd-networkd", true],
    [{ name: "gunicorn" }, "python3", "gunicorn: master [app]", true],
    [{ pattern: /celery .*-Q mail/u }, "python3", "/usr/bin/python3 /usr/bin/celery worker -Q mail", true],
    [{ name: "java", pattern: /-jar shop\.jar/u }, "java", "/opt/jdk/bin/java -jar other.jar", false],
    [{ pattern: /^\[kworker/u }, "kworker/0:1", "", true],
  ])("%o and %s (%s): %s", (filter, command, commandLine, expected) => {
    expect(fits({ name: undefined, pattern: undefined, ...filter }, command, commandLine)).toBe(expected);
  });
});

describe("the integration", () => {
  test("counts, and adds up threads, memory and open files", async () => {
    const machine = new Machine();
    for (const pid of [812, 813]) machine.run(pid, "nginx", "nginx: worker process");
    machine.run(900, "bash", "-bash");
    const { metrics, checks } = await machine.make({ name: "nginx" }).collect(neverAborted());
    expect(metrics).toEqual({
      "custom.process.processes.web.count": 2,
      "custom.process.threads.web.count": 8,
      "custom.process.memory.web.rss": 20_971_520,
      "custom.process.files.web.count": 6,
    });
    expect(checks).toEqual([{ name: "process web", status: "OK", message: "2 processes of nginx" }]);
  });

  test("too few are critical, too many a warning; a zombie does not run", async () => {
    const machine = new Machine();
    machine.run(812, "nginx", "", { state: "Z" });
    expect((await machine.make({ name: "nginx" }).collect(neverAborted())).checks?.[0]).toMatchObject({
      status: "CRITICAL",
      message: "0 processes of nginx, at least 1 shall run",
    });
    for (const pid of [1, 2, 3]) machine.run(pid, "nginx", "nginx");
    const { checks } = await machine.make({ name: "nginx", min: 0, max: 2 }).collect(neverAborted());
    expect(checks?.[0]).toMatchObject({ status: "WARNING", message: "3 processes of nginx, at most 2 shall run" });
  });

  test("CPU is what each process used since the minute before, whoever came and went", async () => {
    const machine = new Machine();
    machine.run(1, "nginx", "nginx", { ticks: 990 });
    machine.run(2, "nginx", "nginx", { ticks: 5000 });
    const integration = machine.make({ name: "nginx" });
    expect((await integration.collect(neverAborted())).metrics).not.toHaveProperty("custom.process.cpu.web.percentage");
    await machine.clock.advance(minutes(1));
    machine.run(1, "nginx", "nginx", { ticks: 3990 }); // 30 s
    machine.run(2, "nginx", "nginx", { ticks: 290, startedAt: 9000 }); // another process with a used number: 3 s
    expect((await integration.collect(neverAborted())).metrics?.["custom.process.cpu.web.percentage"]).toBeCloseTo(55, 6);
  });

  test("users are told apart, by name and number, and an unknown one is an error", async () => {
    const machine = new Machine();
    machine.run(1, "nginx", "nginx", { uid: 0 });
    machine.run(2, "nginx", "nginx", { uid: 33 });
    expect(
      (await machine.make({ name: "nginx", user: "www-data" }).collect(neverAborted())).metrics?.["custom.process.processes.web.count"],
    ).toBe(1);
    expect((await machine.make({ name: "nginx", user: "0" }).collect(neverAborted())).metrics?.["custom.process.processes.web.count"]).toBe(
      1,
    );
    await expect(machine.make({ name: "nginx", user: "nobody7" }).collect(neverAborted())).rejects.toThrow("There is no user nobody7");
  });

  test("open files that may not be seen are left out, not zero", async () => {
    const machine = new Machine();
    machine.run(1, "nginx", "nginx");
    machine.reader.folders.delete("/proc/1/fd");
    expect((await machine.make({ name: "nginx" }).collect(neverAborted())).metrics).not.toHaveProperty("custom.process.files.web.count");
  });

  test("another system than Linux is told so", async () => {
    await expect(new Machine().make({ name: "nginx" }, "process.web", "darwin").collect(neverAborted())).rejects.toThrow("only Linux has");
  });

  test("wrong options are told with their lines", () => {
    const machine = new Machine();
    expect(() => machine.make({ min: 3, max: 2 })).toThrow(HinobanError);
    expect(() => machine.make({ min: 3, max: 2 })).toThrow(/process\.web\.name: or `pattern` is missing.*line 3, .*at least min \(3\)/su);
    expect(() => machine.make({ pattern: "(" })).toThrow("not a regular expression");
  });
});

test("200,000 damaged files of the kernel are read without an exception", () => {
  const random = repeatable(17);
  for (let round = 0; round < 200_000; round += 1) {
    parseStat(damaged(stat(812, "tmux: server (x)", 90), random));
    const text = damaged(status(33), random);
    residentBytes(text);
    userOf(text);
    parseCommandLine(damaged("nginx\0-g\0daemon off;\0", random));
  }
});
