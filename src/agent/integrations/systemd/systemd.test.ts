import { describe, expect, test } from "vitest";
import { minutes } from "#base/duration";
import { damaged, neverAborted, optionsOf, RecordedPrograms, repeatable } from "#test/agent/integration-rig";
import { FakeClock } from "#test/fake-clock";
import { makeSystemd } from "./index.ts";
import { parseListUnits, parseShow, shownProperties } from "./units.ts";

const listJson = JSON.stringify([
  { unit: "nginx.service", load: "loaded", active: "active", sub: "running", description: "A high performance web server" },
  { unit: "backup.service", load: "loaded", active: "failed", sub: "failed", description: "Nightly backup" },
  { unit: "dev-sda1.device", load: "loaded", active: "active", sub: "plugged", description: "EX4000 1" },
  { unit: "apt-daily.service", load: "loaded", active: "inactive", sub: "dead", description: "Daily apt download activities" },
]);

// systemd 245 with --no-legend.
const listColumns = `  nginx.service                 loaded active   running A high performance web server
● backup.service                loaded failed   failed  Nightly backup
  apt-daily.service             loaded inactive dead    Daily apt download activities
`;

const show = (unit: Readonly<Record<string, string>>): string =>
  Object.entries({
    Type: "notify",
    Result: "success",
    NRestarts: "0",
    MemoryCurrent: "12648448",
    CPUUsageNSec: "4000000000",
    TasksCurrent: "5",
    ExecMainStatus: "0",
    LoadState: "loaded",
    ActiveState: "active",
    SubState: "running",
    ...unit,
    Names: unit["Names"] ?? unit["Id"] ?? "",
  })
    .map(([key, value]) => `${key}=${value}`)
    .join("\n");

const listLine = "systemctl list-units --all --full --no-pager --no-legend --output=json";
const showLine = (...units: readonly string[]): string =>
  ["systemctl", "show", `--property=${shownProperties.join(",")}`, "--", ...units].join(" ");

const machine = (): RecordedPrograms => {
  const programs = new RecordedPrograms();
  programs.ends.set(listLine, { stdout: listJson });
  return programs;
};

describe("what systemctl prints", () => {
  test("is read as JSON and as the columns of an older systemd", () => {
    expect(parseListUnits(listJson).map(({ unit, active }) => `${unit} ${active}`)).toEqual([
      "nginx.service active",
      "backup.service failed",
      "dev-sda1.device active",
      "apt-daily.service inactive",
    ]);
    expect(parseListUnits(listColumns).map(({ unit, active }) => `${unit} ${active}`)).toEqual([
      "nginx.service active",
      "backup.service failed",
      "apt-daily.service inactive",
    ]);
  });

  test("numbers that are not set are absent", () => {
    const [unit] = parseShow(show({ Id: "a.service", MemoryCurrent: "[not set]", CPUUsageNSec: "18446744073709551615" }));
    expect(unit).toMatchObject({ memory: undefined, cpu: undefined, tasks: 5 });
  });
});

describe("the integration", () => {
  test("tells failed units, unless they are ignored, and counts all", async () => {
    const clock = new FakeClock();
    const { metrics, checks } = await makeSystemd(optionsOf({}), "systemd", clock, machine().run).collect(neverAborted());
    expect(metrics).toEqual({
      "custom.systemd.units.active": 2,
      "custom.systemd.units.failed": 1,
      "custom.systemd.units.activating": 0,
      "custom.systemd.units.other": 1,
    });
    expect(checks).toEqual([{ name: "systemd failed units", status: "WARNING", message: "backup.service failed" }]);
    const ignoring = makeSystemd(optionsOf({ ignore: ["backup*"] }), "systemd", clock, machine().run);
    expect((await ignoring.collect(neverAborted())).checks).toMatchObject([{ status: "OK", message: "none of 4 units failed" }]);
  });

  test.each([
    [{ ActiveState: "active" }, "OK"],
    [{ ActiveState: "failed", SubState: "failed", Result: "exit-code", ExecMainStatus: "3" }, "CRITICAL"],
    [{ ActiveState: "inactive", SubState: "dead" }, "CRITICAL"],
    [{ ActiveState: "inactive", SubState: "dead", Type: "oneshot" }, "OK"],
    [{ ActiveState: "inactive", SubState: "dead", Type: "oneshot", Result: "exit-code" }, "CRITICAL"],
    [{ ActiveState: "activating", SubState: "auto-restart" }, "CRITICAL"],
    [{ ActiveState: "activating", SubState: "start" }, "WARNING"],
    [{ LoadState: "not-found", ActiveState: "inactive", SubState: "dead" }, "CRITICAL"],
    [{ LoadState: "masked", ActiveState: "inactive", SubState: "dead" }, "CRITICAL"],
  ])("a named unit with %o is %s", async (state, expected) => {
    const programs = machine();
    programs.ends.set(showLine("web.service"), { stdout: show({ Id: "web.service", ...state }) });
    const { checks } = await makeSystemd(optionsOf({ units: ["web"] }), "systemd", new FakeClock(), programs.run).collect(neverAborted());
    expect(checks?.[1]).toMatchObject({ name: "systemd web.service", status: expected });
  });

  test("the message of a failed unit says how it ended", async () => {
    const programs = machine();
    const state = { ActiveState: "failed", SubState: "failed", Result: "exit-code", ExecMainStatus: "3" };
    programs.ends.set(showLine("web.service"), { stdout: show({ Id: "web.service", ...state }) });
    const { checks } = await makeSystemd(optionsOf({ units: ["web"] }), "systemd", new FakeClock(), programs.run).collect(neverAborted());
    expect(checks?.[1]?.message).toBe("web.service is failed (exit-code 3)");
  });

  test("patterns match several units, aliases count, and a pattern without a unit is critical", async () => {
    const programs = machine();
    const shown = [show({ Id: "postgresql@15-main.service" }), show({ Id: "mariadb.service", Names: "mysql.service mariadb.service" })];
    programs.ends.set(showLine("postgresql@*.service", "mysql.service", "redis*.service"), { stdout: shown.join("\n\n") });
    const integration = makeSystemd(optionsOf({ units: ["postgresql@*", "mysql", "redis*"] }), "systemd", new FakeClock(), programs.run);
    const { checks, metrics } = await integration.collect(neverAborted());
    expect(checks?.slice(1).map(({ name, status }) => `${name} ${status}`)).toEqual([
      "systemd postgresql@*.service OK",
      "systemd mysql.service OK",
      "systemd redis*.service CRITICAL",
    ]);
    expect(metrics).toMatchObject({
      "custom.systemd.memory.postgresql_15-main.bytes": 12_648_448,
      "custom.systemd.tasks.mariadb.count": 5,
    });
  });

  test("restarts are told for ten minutes and CPU time becomes percent", async () => {
    const programs = machine();
    const clock = new FakeClock();
    const integration = makeSystemd(optionsOf({ units: ["web"] }), "systemd", clock, programs.run);
    const round = async (restarts: string, cpu: string): Promise<Awaited<ReturnType<typeof integration.collect>>> => {
      programs.ends.set(showLine("web.service"), { stdout: show({ Id: "web.service", NRestarts: restarts, CPUUsageNSec: cpu }) });
      return integration.collect(neverAborted());
    };
    expect((await round("4", "0")).checks?.[1]?.status).toBe("OK"); // before we looked: nobody knows when
    await clock.advance(minutes(1));
    const second = await round("6", "30000000000");
    expect(second.checks?.[1]).toMatchObject({ status: "WARNING", message: "web.service was restarted 2 times in 10 min" });
    expect(second.metrics?.["custom.systemd.cpu.web.percentage"]).toBe(50);
    await clock.advance(minutes(10));
    expect((await round("6", "30000000000")).checks?.[1]?.status).toBe("OK");
  });

  test("where systemd does not run, its own sentence is the error", async () => {
    const programs = new RecordedPrograms();
    programs.ends.set(listLine, {
      code: 1,
      stderr: "System has not been booted with systemd as init system (PID 1). Can't operate.\nFailed to connect to bus: Host is down\n",
    });
    await expect(makeSystemd(optionsOf({}), "systemd", new FakeClock(), programs.run).collect(neverAborted())).rejects.toThrow(
      "systemctl does not answer: System has not been booted with systemd",
    );
  });

  test("a name that systemctl could take for an option is refused with its line", () => {
    const options = optionsOf({ restart_warning: 3, units: ["--root=/tmp"] }, "systemd");
    expect(() => makeSystemd(options, "systemd", new FakeClock(), machine().run)).toThrow(
      /agent\.conf line 3, integrations\.systemd\.units/u,
    );
  });
});

test("200,000 damaged outputs are read without an exception", () => {
  const random = repeatable(11);
  const seeds = [listJson, listColumns, show({ Id: "a.service" }), `${show({ Id: "a.service" })}\n\n${show({ Id: "b.service" })}`];
  for (let round = 0; round < 200_000; round += 1) {
    const text = damaged(seeds[round % seeds.length] ?? "", random);
    parseListUnits(text);
    for (const unit of parseShow(text)) if (unit.memory !== undefined && !Number.isSafeInteger(unit.memory)) throw new Error(text);
  }
});
