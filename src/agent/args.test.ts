import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { FakeClock } from "#test/fake-clock";
import { commands, parseArguments } from "./args.ts";
import { agentMain, type AgentIo } from "./main.ts";
import { environmentOf, settings } from "./settings.ts";
import { agentVersion } from "./version.ts";

function io(): AgentIo & { readonly output: string[]; readonly errors: string[] } {
  const output: string[] = [];
  const errors: string[] = [];
  return {
    output,
    errors,
    out: (text) => void output.push(text),
    err: (text) => void errors.push(text),
    stdin: process.stdin,
    clock: new FakeClock(),
    random: () => 0,
    onSignal: () => () => undefined,
  };
}

describe("the command line", () => {
  test("run is the default, flags are taken by name, lists repeat", () => {
    expect(parseArguments([])).toEqual({ command: "run", flags: {} });
    expect(parseArguments(["once", "--json"])).toEqual({ command: "once", flags: { json: true } });
    expect(parseArguments(["--server", "http://x", "--roles", "a-b:c-d", "--roles=e-f:g-h", "-c", "f"]).flags).toEqual({
      server: "http://x",
      roles: ["a-b:c-d", "e-f:g-h"],
      config: "f",
    });
    expect(parseArguments(["run", "--conf", "mackerel-agent.conf"]).flags).toEqual({ config: "mackerel-agent.conf" });
  });

  test.each([
    [["rnu"], "did you mean `run`"],
    [["paint"], "there are run, once"],
    [["run", "--sever", "x"], "did you mean --server"],
    [["run", "--key", "secret"], "HINOBAN_AGENT_KEY"],
    [["run", "now"], "takes flags only"],
    [["run", "--memo"], "memo"],
  ])("%j is refused with a hint", (args, hint) => {
    expect(() => parseArguments(args)).toThrow(hint);
  });

  test("mistakes exit with 2 for the command line and 78 for the configuration", async () => {
    const wrong = io();
    expect(await agentMain(["rnu"], wrong)).toBe(2);
    expect(wrong.errors.join("")).toContain("did you mean");
    expect(await agentMain(["run", "--config", "/does/not/exist"], io())).toBe(78);
  });

  test("--help names every setting, --version the version of the package", async () => {
    const asked = io();
    expect(await agentMain(["--help"], asked)).toBe(0);
    for (const { help } of settings) expect(asked.output.join("")).toContain(help);
    const version = io();
    expect(await agentMain(["--version"], version)).toBe(0);
    expect(version.output).toEqual([`${agentVersion}\n`]);
    const packageJson: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    expect(packageJson).toMatchObject({ version: agentVersion });
  });
});

describe("the guide", () => {
  test.each(["en", "ja"])("in %s names every setting and command", (language) => {
    const guide = readFileSync(new URL(`../../docs/guide/${language}/agent.md`, import.meta.url), "utf8");
    for (const { key } of settings) {
      expect(guide).toContain(`\`${key}\``);
      expect(guide).toContain(`\`${environmentOf(key)}\``);
    }
    for (const command of commands) expect(guide).toContain(command);
  });
});
