import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { claim, withNewKey } from "#test/api-client";
import { openFolder } from "#test/folder";
import { freePort, startServer, type ServerProcess } from "#test/server-process";

const bundle = fileURLToPath(new URL("../../dist/hinoban.js", import.meta.url));
const folder = openFolder("hinoban-cli-e2e-");
let server: ServerProcess;
let key = "";

beforeAll(async () => {
  server = await startServer({ dataDir: join(folder, "data"), port: await freePort(), args: ["--no-agent"] });
  key = (await withNewKey(await claim(server.url, server.setupUrl))).apiKey;
});
afterAll(async () => {
  await server?.end();
  rmSync(folder, { recursive: true, force: true });
});

interface End {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** One line of a shell, in which `hinoban` is the built program. */
function shell(line: string, env: Readonly<Record<string, string>> = {}): Promise<End> {
  const all = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    LANG: "C",
    HINOBAN_APIBASE: server.url,
    HINOBAN_APIKEY: key,
    NODE: process.execPath,
    BUNDLE: bundle,
    ...env,
  };
  const child = spawn("bash", ["--norc", "-c", `set -o pipefail; hinoban() { "$NODE" "$BUNDLE" "$@"; }; ${line}`], {
    env: all,
    cwd: folder,
  });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => void (out += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => void (err += chunk));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, out, err })));
}

describe("the built command line", () => {
  test("makes a host, throws a metric to it and reads it back, from a shell", async () => {
    const line = `id=$(hinoban create -q -f json -R Shop:db db01 | jq -r .id) &&
      printf 'load\\t1.5\\t%s\\n' "$(date +%s)" | hinoban throw -q -H "$id" &&
      hinoban fetch -n custom.load "$id" --jq '.[]["custom.load"].value' && hinoban hosts --table`;
    const { code, out, err } = await shell(line);
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(out).toMatch(/^1\.5\nID .*\n\S+ +db01 +working +Shop:db /u);
  });

  test("keeps a key in a file that nobody else can read, and works without the environment then", async () => {
    const bare = { HINOBAN_APIBASE: "", HINOBAN_APIKEY: "" };
    const { code, out } = await shell(
      `hinoban login --apibase ${server.url} <<< ${key} 2>/dev/null && stat -c %a .config/hinoban/profiles.json && hinoban org --jq .name`,
      bare,
    );
    expect([code, out]).toEqual([0, "600\nmain\n"]);
  });

  test("passes the exit code of a wrapped job on, and its standard input in", async () => {
    expect(await shell("echo in | hinoban wrap -q -- sh -c 'cat; exit 7' 2>/dev/null")).toMatchObject({ code: 7, out: "in\n" });
  });

  test("tells its mistakes by exit codes", async () => {
    expect(await shell("hinoban hsots")).toMatchObject({ code: 2, err: 'hinoban: there is no command "hsots"; did you mean `hosts`?\n' });
    expect((await shell("hinoban status 123456789AB")).code).toBe(1);
    expect((await shell("hinoban hosts", { HINOBAN_APIKEY: "nobody" })).code).toBe(3);
    expect((await shell("hinoban hosts --apibase http://127.0.0.1:1")).code).toBe(4);
    expect((await shell("hinoban", { LANG: "ja_JP.UTF-8" })).out).toContain("コマンド:");
  });

  test("is not offended by a reader that leaves", async () => {
    const { err } = await shell("hinoban completion fish | head -1");
    expect(err).toBe("");
  });

  test("starts at once: help within a second, a call within two, on a busy machine", async () => {
    const lengthOf = async (line: string): Promise<number> => {
      const startedAt = performance.now();
      await shell(line);
      return performance.now() - startedAt;
    };
    const best = async (line: string): Promise<number> => Math.min(await lengthOf(line), await lengthOf(line), await lengthOf(line));
    const [help, call] = [await best("hinoban hosts --help"), await best("hinoban hosts")];
    console.log(`hinoban hosts --help: ${help.toFixed(0)} ms, hinoban hosts: ${call.toFixed(0)} ms`);
    expect(help).toBeLessThan(1000);
    expect(call).toBeLessThan(2000);
  });
});
