import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { withCli } from "#test/cli";
import { commands } from "../table/index.ts";

const cli = withCli();
let script = "";

beforeAll(async () => {
  script = join(cli.folder, "hinoban.bash");
  writeFileSync(script, (await cli.call(["completion", "bash"])).out);
  writeFileSync(join(cli.folder, "file.json"), "");
});

/** What bash offers behind the words; the last one is being typed. */
function offered(...words: string[]): string[] {
  const list = ["hinoban", ...words].map((word) => `'${word}'`).join(" ");
  const line = `source '${script}'; COMP_WORDS=(${list}); COMP_CWORD=${words.length}; _hinoban; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync("bash", ["--norc", "-c", line], { cwd: cli.folder, encoding: "utf8" })
    .split("\n")
    .filter((word) => word !== "");
}

describe("bash completes", () => {
  test("the commands, and the commands in commands", () => {
    expect(offered("")).toEqual(commands.map((command) => command.name));
    expect(offered("ho")).toEqual(["hosts"]);
    expect(offered("dashboards", "pu")).toEqual(["pull", "push"]);
    expect(offered("help", "met")).toEqual(["metrics", "metric-names"]);
  });

  test("flags of the command, of all commands, and their values", () => {
    expect(offered("hosts", "--st")).toEqual(["--status"]);
    expect(offered("hosts", "--ap")).toEqual(["--apibase", "--apikey-file"]);
    expect(offered("hosts", "--status", "")).toEqual(["working", "standby", "maintenance", "poweroff"]);
    expect(offered("--apibase", "http://x", "hosts", "--st")).toEqual(["--status"]);
    expect(offered("completion", "z")).toEqual(["zsh"]);
    expect(offered("import", "mackerel", "--only", "me")).toEqual(["metadata", "metrics"]);
  });

  test("files where files belong, and nothing where it could be anything", () => {
    expect(offered("dashboards", "push", "-F", "fi")).toEqual(["file.json"]);
    expect(offered("import", "zabbix", "fi")).toEqual(["file.json"]);
    expect(offered("hosts", "--name", "")).toEqual([]);
    expect(offered("wrap", "-a", "--", "basenam")).toContain("basename");
  });
});

test("zsh and fish are told every command with its sentence", async () => {
  for (const shell of ["zsh", "fish"]) {
    const { code, out } = await cli.call(["completion", shell], { env: { LANG: "ja_JP.UTF-8" } });
    expect(code).toBe(0);
    for (const { name, does } of commands) {
      expect(out).toContain(name);
      expect(out.replaceAll("\\:", ":")).toContain(does.ja);
    }
    expect(out).toContain("working standby maintenance poweroff");
  }
  const other = await cli.call(["completion", "ksh"]);
  expect([other.code, other.err]).toEqual([2, expect.stringContaining("bash, zsh and fish")]);
});
