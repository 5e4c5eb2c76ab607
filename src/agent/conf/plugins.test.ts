import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { minutes, seconds } from "#base/duration";
import { HinobanError, type FieldProblem } from "#base/errors";
import { readSections, type FileSections } from "./file-sections.ts";
import { goMinutes, goPattern } from "./go-syntax.ts";
import { readToml } from "./toml.ts";

function read(...texts: readonly string[]): {
  readonly sections: FileSections;
  readonly warnings: string[];
  readonly problems: FieldProblem[];
} {
  const warnings: string[] = [];
  const problems: FieldProblem[] = [];
  const files = texts.map((text, index) => readToml(text, `f${index + 1}`));
  return { sections: readSections(files, (sentence) => void warnings.push(sentence), problems), warnings, problems };
}

describe("plugins of mackerel-agent's file", () => {
  test("are read with everything that their sections say", () => {
    const { sections, warnings, problems } = read(`
[plugin.metrics.linux]
command = "mackerel-plugin-linux -x"
user = "nobody"
env = { A = "1", B = 2, "C.d" = true }
timeout_seconds = 60
include_pattern = '(?i)^CPU\\.'
exclude_pattern = '^cpu\\.guest$'
custom_identifier = "other"
use_plugin_timestamp = true

[plugin.checks."a b"]
command = ["check_tcp", "-p", "22"]
check_interval = "1h"
max_check_attempts = 3
notification_interval = 60
prevent_alert_auto_close = false
memo = "call somebody"
perfdata = true
timeout = "1m30s"
action = { command = "restart.sh", user = "root", timeout_seconds = 5, env = { X = "y" } }

[plugin.metadata.facts]
command = "facts"
execution_interval = 60
`);
    expect([warnings, problems]).toEqual([[], []]);
    const { metrics, checks, metadata } = sections.plugins;
    expect(metrics).toEqual([
      {
        name: "linux",
        signature: expect.stringMatching(/^[0-9a-f]{64}$/u),
        run: { command: "mackerel-plugin-linux -x", user: "nobody", env: { A: "1", B: "2", "C.d": "true" }, timeout: seconds(60) },
        include: /^CPU\./iu,
        exclude: /^cpu\.guest$/u,
        customIdentifier: "other",
        usesOwnTime: true,
      },
    ]);
    expect(checks[0]).toMatchObject({
      name: "a b",
      run: { command: ["check_tcp", "-p", "22"], timeout: seconds(90) },
      interval: minutes(60),
      maxCheckAttempts: 3,
      notificationInterval: 60,
      memo: "call somebody",
      perfdata: true,
      action: { command: "restart.sh", user: "root", timeout: seconds(5), env: { X: "y" } },
    });
    expect(metadata[0]).toMatchObject({ name: "facts", interval: minutes(60) });
  });

  test("get their defaults, and limits as mackerel-agent has them", () => {
    const { sections, warnings } = read(`
[plugin.checks.plain]
command = "true"
[plugin.checks.odd]
command = "true"
check_interval = 90
notification_interval = 3
max_check_attempts = 5
prevent_alert_auto_close = true
memo = "${"あ".repeat(251)}"
[plugin.metadata.often]
command = "true"
execution_interval = 1
`);
    const [plain, odd] = sections.plugins.checks;
    expect(plain).toMatchObject({ interval: minutes(1), perfdata: false, preventAutoClose: false, run: { timeout: seconds(30) } });
    expect(plain).toMatchObject({ maxCheckAttempts: undefined, notificationInterval: undefined, action: undefined });
    expect(odd).toMatchObject({ interval: minutes(60), notificationInterval: 10, maxCheckAttempts: 1 });
    expect([...(odd?.memo ?? "")]).toHaveLength(250);
    expect(sections.plugins.metadata[0]?.interval).toBe(minutes(10));
    expect(warnings).toEqual([
      "f1 line 8, plugin.checks.odd.max_check_attempts: counts as 1 together with prevent_alert_auto_close",
      "f1 line 6, plugin.checks.odd.check_interval: must be from 1 to 60 minutes; 60 is used",
      "f1 line 10, plugin.checks.odd.memo: is cut at 250 characters",
      "f1 line 13, plugin.metadata.often.execution_interval: must be at least 10 minutes; 10 is used",
    ]);
  });

  test("with a mistake are told with file and line, and without what a password may stand in", () => {
    const { problems, warnings } = read(`
[plugin.checks.a]
command = []
check_interval = "soon"
[plugin.checks.b]
comand = "s3cret"
env = { P = ["s3cret"] }
[plugin.checks]
c = "s3cret"
[plugin.metadata."a b"]
command = "x"
[plugin.strange.x]
[plugin.metrics.m]
command = "x"
include_pattern = "(?<!a)("
action = { }
`);
    expect(problems.map(({ field, problem }) => `${field}: ${problem}`)).toEqual([
      "f1 line 9, plugin.checks.c: must be a section like [plugin.checks.c]",
      'f1 line 3, plugin.checks.a.command: must be a text like "check_load -w 5" or a list like ["check_load", "-w", "5"]',
      'f1 line 4, plugin.checks.a.check_interval: must be whole minutes, or a text like "1h30m"',
      'f1 line 5, plugin.checks.b.command: must be a text like "check_load -w 5" or a list like ["check_load", "-w", "5"]',
      'f1 line 7, plugin.checks.b.env.P: must be a text in quotes, like "text"',
      "f1 line 10, plugin.metadata.a b: the name becomes the namespace: letters, digits, - and _, but not mackerel",
    ]);
    expect(warnings.join("\n")).toContain("f1 line 12: [plugin.strange] is not known and was left out");
    expect(warnings.join("\n")).toContain("f1 line 6: `comand` is not known in [plugin.checks.b]");
    expect(warnings.join("\n")).toContain("f1 line 15, plugin.metrics.m.include_pattern: is no regular expression");
    expect(JSON.stringify([problems, warnings])).not.toContain("s3cret");
  });

  test("of a later file replace those of an earlier one, and say so", () => {
    const { sections, warnings } = read(
      '[plugin.checks.a]\ncommand = "one"\n[plugin.checks.b]\ncommand = "b"',
      '[plugin.checks.a]\ncommand = "two"',
    );
    expect(sections.plugins.checks.map(({ name, run }) => [name, run.command])).toEqual([
      ["a", "two"],
      ["b", "b"],
    ]);
    expect(warnings).toEqual(["f2 line 1: [plugin.checks.a] replaces the one in f1."]);
  });

  test("have another signature exactly when something in their section changed", () => {
    const signature = (text: string): string | undefined => read(text).sections.plugins.checks[0]?.signature;
    const before = signature('[plugin.checks.a]\ncommand = "x"\nenv = { A = "1" }');
    expect(signature('# moved\n\n[plugin.checks.a]\ncommand = "x" # same\n[plugin.checks.a.env]\nA = "1"')).toBe(before);
    expect(signature('[plugin.checks.a]\ncommand = "x"\nenv = { A = "2" }')).not.toBe(before);
  });
});

describe("the rest of the file", () => {
  test("devices, folder, verbosity and connection are understood, and what has no effect is said", () => {
    const { sections, warnings, problems } = read(`
apibase = "https://x"
apikey = "k"
pidfile = "/var/run/mackerel-agent.pid"
root = "/srv/mackerel"
verbose = true
diagnostic = true
disable_http_keep_alive = true
[filesystems]
ignore = "/dev/ram.*"
use_mountpoint = true
[interfaces]
ignore = "docker.*"
[disks]
ignore = "\\\\Asda[[:digit:]]+\\\\z"
[connection]
post_metrics_buffer_size = 360
`);
    expect(problems).toEqual([]);
    expect(sections).toMatchObject({ mackerelRoot: "/srv/mackerel", verbosity: "debug", keepsAlive: false });
    expect(sections.devices).toEqual({
      filesystemsIgnored: /\/dev\/ram.*/u,
      usesMountpoint: true,
      interfacesIgnored: /docker.*/u,
      disksIgnored: /^sda[0-9]+$/u,
    });
    expect(warnings).toEqual([
      "f1 line 7: `diagnostic` has no effect: this agent's own state is told by `hinoban-agent status`.",
      "f1 line 16: `connection` has no effect: this agent paces its posts by how fast the server answers.",
    ]);
    expect(read("silent = true").sections).toMatchObject({ verbosity: "error", mackerelRoot: undefined });
    expect(read('apibase = "https://x"').sections.mackerelRoot).toBe("/var/lib/mackerel-agent");
  });

  test("integrations are sections of kinds and instances; tables inside them are options", () => {
    const { sections, problems } = read(`
[integrations.systemd]
[integrations.nginx]
url = "http://x"
labels = { a = "b" }
[integrations.postgresql.main]
host = "a"
[integrations.postgresql.main.tls]
ca = "x"
[integrations.http.one.headers]
a = "b"
[integrations]
wrong = 1
`);
    expect(
      sections.integrations.map(({ config: { kind, name, line, options } }) => [kind, name, line, JSON.parse(JSON.stringify(options))]),
    ).toEqual([
      ["systemd", "systemd", 2, {}],
      ["nginx", "nginx", 3, { url: "http://x", labels: { a: "b" } }],
      ["postgresql", "postgresql.main", 6, { host: "a", tls: { ca: "x" } }],
      ["http", "http.one", 10, { headers: { a: "b" } }],
    ]);
    expect(sections.integrations[2]?.config.lineOf("tls.ca")).toBe(9);
    expect(problems[0]?.field).toBe("f1 line 13, integrations.wrong");
  });

  test("Go's lengths and patterns are read as Go reads them", () => {
    expect([1, 0, "90m", "1h30m", "30s", "1.5h"].map(goMinutes)).toEqual([1, 0, 90, 90, 0.5, 90].map(minutes));
    for (const wrong of ["", "1d", "h", -1, 1.5, true]) expect(goMinutes(wrong)).toBeUndefined();
    expect(goPattern("(?P<x>a)-\\-")?.test("a--")).toBe(true);
    expect(goPattern("(?i)abc")?.test("ABC")).toBe(true);
    expect(goPattern("(")).toBeUndefined();
  });

  test("whatever stands in it is read or refused with a place, in 200,000 inputs", { timeout: 120_000 }, () => {
    const text = fc.array(
      fc.oneof(
        fc.constantFrom(
          "[plugin.checks.a]\n",
          "[plugin]\n",
          "[[plugin.metrics]]\n",
          "[integrations.a.b]\n",
          "[integrations]\n",
          'command = "x"\n',
          "command = [1]\n",
          "action = { command = 1979-05-27 }\n",
          "env = [ ]\n",
          "check_interval = 99999999999999999999\n",
          "check_interval = nan\n",
          "timeout_seconds = -1\n",
          'plugin = "x"\n',
          "a.b.c = 1\n",
          '"__proto__" = 1\n',
          '"""',
          "'",
          "{",
          "]",
          "\\",
          "#",
          "\n",
          " = ",
          "\u0000",
          "filesystems = 3\n",
          "root = 1\n",
        ),
        fc.string({ maxLength: 4 }),
      ),
      { maxLength: 7 },
    );
    let count = 0;
    fc.assert(
      fc.property(text, (parts) => {
        count += 1;
        try {
          read(parts.join(""));
        } catch (error) {
          if (!(error instanceof HinobanError) || !/^f1 line \d+: /u.test(error.message)) throw error;
        }
      }),
      { numRuns: 200_000 },
    );
    expect(count).toBeGreaterThanOrEqual(200_000);
  });
});
