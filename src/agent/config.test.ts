import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { demandServer, loadConfig, programEnvironment } from "./config.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "agent-config-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode });
  return path;
}

describe("where a setting comes from", () => {
  test("flags win over environment, environment over file, file over default", () => {
    const config = file("a.conf", 'server = "http://file"\nmemo = "file"\ndisplay_name = "file"\nroles = ["s-1:r-1"]\n');
    const environment = {
      HINOBAN_AGENT_SERVER: "http://environment",
      HINOBAN_AGENT_MEMO: "environment",
      HINOBAN_AGENT_ROLES: "a-b:c-d, e-f:g-h",
    };
    const read = loadConfig({ config, server: "http://flag" }, environment);
    expect(read).toMatchObject({
      file: config,
      memo: "environment",
      displayName: "file",
      roles: ["a-b:c-d", "e-f:g-h"],
      logLevel: "info",
      firstInterval: 3000,
    });
    expect(read.server?.origin).toBe("http://flag");
    expect(read.warnings).toEqual([]);
  });

  test("an empty variable counts as not set, and `none` reads no file", () => {
    expect(loadConfig({ config: "none" }, { HINOBAN_AGENT_SERVER: "" }).server).toBeUndefined();
  });

  test("a key never shows when the configuration is printed", () => {
    const read = loadConfig({ config: "none" }, { HINOBAN_AGENT_KEY: "very-secret" });
    expect(JSON.stringify(read)).not.toContain("very-secret");
    expect(read.key?.reveal()).toBe("very-secret");
  });

  test("a key file in the environment wins over a key in the configuration file", () => {
    const config = file("b.conf", 'key = "from-config"\n');
    const keyFile = file("key", "  from-key-file\n");
    expect(loadConfig({ config }, { HINOBAN_AGENT_KEY_FILE: keyFile }).key?.reveal()).toBe("from-key-file");
    expect(loadConfig({ config, "key-file": keyFile }, { HINOBAN_AGENT_KEY: "from-environment" }).key?.reveal()).toBe("from-key-file");
    expect(loadConfig({ config: "none" }, { HINOBAN_AGENT_KEY: "k", HINOBAN_AGENT_KEY_FILE: keyFile }).warnings[0]).toContain("Both");
  });

  test("programs of plugins get the environment without what is the agent's own", () => {
    expect(
      programEnvironment({ PATH: "/bin", HINOBAN_AGENT_KEY: "very-secret", HINOBAN_AGENT_HTTP_PROXY: "x", HINOBAN_DATA_DIR: "y" }),
    ).toEqual({ PATH: "/bin" });
  });

  test("files that the file includes add to it and win over it", () => {
    mkdirSync(join(folder, "conf.d"), { recursive: true });
    file("conf.d/b.conf", 'memo = "from b"\n[plugin.checks.b]\ncommand = "b"\n');
    file("conf.d/a.conf", 'memo = "from a"\nroles = ["s-2:r-2"]\ninclude = "more"\n[plugin.checks.a]\ncommand = "a"\n');
    file("conf.d/c.conf.bak", "not [toml");
    const config = file(
      "main.conf",
      'memo = "main"\nroles = ["s-1:r-1"]\ninclude = "conf.d/[ab]*.conf"\n[plugin.checks.m]\ncommand = "m"\n',
    );
    const read = loadConfig({ config }, {});
    expect(read).toMatchObject({ memo: "from b", roles: ["s-2:r-2"] });
    expect(read.plugins.checks.map(({ name }) => name)).toEqual(["m", "a", "b"]);
    expect(read.warnings).toEqual([expect.stringContaining("a.conf line 3: an included file cannot include others")]);
    file("conf.d/b.conf", "memo = \n");
    expect(() => loadConfig({ config }, {})).toThrow(/conf\.d\/b\.conf line 1: this is not TOML/u);
  });

  test("a file of mackerel-agent's needs nothing but its address and key", () => {
    const config = file(
      "mackerel.conf",
      'apibase = "https://hinoban.example/"\napikey = "k3y"\ndisplay_name = ""\n[host_status]\non_start = "working"\non_stop = "poweroff"\n',
    );
    const read = loadConfig({ config }, {});
    expect(read).toMatchObject({ onStart: "working", onStop: "poweroff", displayName: undefined, mackerelRoot: "/var/lib/mackerel-agent" });
    expect([read.server?.origin, read.key?.reveal(), read.warnings]).toEqual(["https://hinoban.example", "k3y", []]);
    expect(loadConfig({ config: file("both.conf", 'apibase = "http://a"\nserver = "http://b"\n') }, {}).server?.origin).toBe("http://b");
  });

  test.skipIf(process.platform === "win32")("a file that others may read is warned about", () => {
    expect(loadConfig({ config: file("open.conf", "", 0o644) }, {}).warnings[0]).toContain("chmod 600");
  });
});

describe("what is wrong", () => {
  test("every mistake is named at once, with its place and what would be right", () => {
    const config = file(
      "bad.conf",
      [
        "# a comment",
        'server = "https://x/hinoban/"',
        "memo = 3",
        'roles = "web:app"',
        'on_start = "up"',
        "first_interval = 99",
        'custom_identifier = ""',
      ].join("\n"),
    );
    let message = "";
    try {
      loadConfig({ config }, { HINOBAN_AGENT_LOG_LEVEL: "loud" });
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain(`${config} line 2, server: must end after the host: the API lives at its root. Write https://x`);
    expect(message).toContain(`${config} line 3, memo: must be a text in quotes`);
    expect(message).toContain(`${config} line 4, roles: must be a list like ["a", "b"]`);
    expect(message).toContain(`${config} line 5, on_start: must be one of working, standby, maintenance, poweroff, not \`up\``);
    expect(message).toContain(`${config} line 6, first_interval: must be a whole number from 1 to 30`);
    expect(message).toContain(`${config} line 7, custom_identifier: must not be empty`);
    expect(message).toContain("HINOBAN_AGENT_LOG_LEVEL, log_level: must be one of debug, info, warn, error, not `loud`");
  });

  test("an unknown setting is a warning with its line and what was probably meant, never a failure", () => {
    const config = file("unknown.conf", '\nsever = "http://x"\n[filesystems]\nignored = "a"\n[hoste]\n');
    expect(loadConfig({ config }, {}).warnings).toEqual([
      `${config} line 2: \`sever\` is not a setting and was left out; did you mean \`server\`?`,
      `${config} line 4: \`filesystems.ignored\` is not a setting and was left out; did you mean \`filesystems.ignore\`?`,
      `${config} line 5: \`hoste\` is not a setting and was left out`,
    ]);
  });

  test.each(["ftp://x", "hinoban.example", "http://user:pw@x", "http://x/?a=1"])("the server %s is refused", (server) => {
    expect(() => loadConfig({ config: "none", server }, {})).toThrow("flag --server, server: must");
  });

  test("a named file that is missing, and an unreadable key file, are told by name", () => {
    expect(() => loadConfig({ config: "/does/not/exist" }, {})).toThrow("/does/not/exist: this file does not exist");
    expect(() => loadConfig({ config: "none", "key-file": "/does/not/exist" }, {})).toThrow(
      "flag --key-file, key_file: /does/not/exist cannot be read",
    );
  });

  test("a key with a line break inside is refused without being printed", () => {
    expect(() => loadConfig({ config: "none" }, { HINOBAN_AGENT_KEY: "top\nsecret" })).toThrow(
      /HINOBAN_AGENT_KEY, key: must be 1-512 visible/u,
    );
  });

  test("without server and key the sentence says how to give both", () => {
    expect(() => demandServer(loadConfig({ config: "none" }, {}))).toThrow(/server and key.*HINOBAN_AGENT_SERVER.*HINOBAN_AGENT_KEY/u);
  });
});
