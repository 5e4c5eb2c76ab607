import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildAgent } from "#test/agent/bundle";
import { installScript } from "./install-script.ts";

let folder = "";
let server: Server;
let agent: Buffer;
let url = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "install-script-"));
  await buildAgent(join(folder, "agent.js"));
  agent = readFileSync(join(folder, "agent.js"));
  server = createServer((request, response) => {
    if (request.url === "/agent.js") response.end(agent);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  url = `http://127.0.0.1:${isAddress(address) ? address.port : 0}`;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

const isAddress = (address: AddressInfo | string | null): address is AddressInfo => typeof address === "object" && address !== null;
const sha256 = (): string => createHash("sha256").update(agent).digest("hex");
const facts = () => ({ serverUrl: url, keyPlaceholderOrKey: "the-key-1234", agentUrl: `${url}/agent.js`, sha256: sha256() });

interface Ran {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Pipes the script into `sh`, as the install line does. */
function sh(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env["PATH"] ?? "", TMPDIR: folder, ...env }, encoding: "utf8" } as const;
    const child = execFile("/bin/sh", ["-s", "--", ...args], options, (error, output, errors) => {
      resolve({ code: error ? Number(error.code) : 0, output, errors });
    });
    child.stdin?.on("error", () => undefined); // a script that ends early leaves the rest unread
    child.stdin?.end(script);
  });
}

test("the script fetches the agent, verifies it and shows what it would install", async () => {
  const ran = await sh(installScript(facts()), ["--dry-run", "--roles", "web:app"]);
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.errors).toContain(`fetching ${url}/agent.js`);
  expect(ran.output).toContain("would write /etc/hinoban-agent.conf (0600)");
  expect(ran.output + ran.errors).not.toContain("the-key-1234");
});

test("it really installs below another root, with the key of the script or of the environment", async () => {
  const root = join(folder, "root");
  expect(await sh(installScript(facts()), ["--root", root])).toMatchObject({ code: 0 });
  expect(readFileSync(join(root, "etc/hinoban-agent.conf"), "utf8")).toContain(`server = "${url}"\nkey = "the-key-1234"`);
  expect(readFileSync(join(root, "usr/local/lib/hinoban-agent/hinoban-agent.mjs"))).toEqual(agent);
  expect(await sh(installScript(facts()), ["--root", root], { HINOBAN_AGENT_KEY: "another-key" })).toMatchObject({ code: 0 });
  expect(readFileSync(join(root, "etc/hinoban-agent.conf"), "utf8")).toContain('key = "another-key"');
});

test("a file that is not the expected one is not run", async () => {
  const ran = await sh(installScript({ ...facts(), sha256: "0".repeat(64) }), ["--dry-run"]);
  expect(ran.code).toBe(1);
  expect(ran.errors).toContain(`SHA-256 ${sha256()} instead of ${"0".repeat(64)}`);
  expect(ran.output).toBe("");
});

test("a file that is not there is told", async () => {
  const ran = await sh(installScript({ ...facts(), agentUrl: `${url}/gone.js` }), ["--dry-run"]);
  expect(ran.code).toBe(1);
  expect(ran.errors).toContain(`${url}/gone.js could not be fetched`);
});

test("without Node.js 20 it says so, with the version that it found", async () => {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  for (const tool of ["uname", "id", "curl", "mktemp", "rm"]) symlinkSync(`/usr/bin/${tool}`, join(bin, tool));
  writeFileSync(join(bin, "node"), "#!/bin/sh\necho 18\n");
  chmodSync(join(bin, "node"), 0o755);
  const script = installScript(facts()).replace("/usr/local/bin/node /usr/bin/node /opt/node/bin/node", "");
  const ran = await sh(script, ["--dry-run"], { PATH: bin });
  expect(ran.code).toBe(1);
  expect(ran.errors).toContain(`Node.js 20 or newer is needed (${bin}/node is version 18)`);
});

test("whatever the values hold, the shell sees words and no commands", async () => {
  const mark = join(folder, "pwned");
  const evil = `x'; touch ${mark}; '$(touch ${mark})\`touch ${mark}\``;
  const ran = await sh(installScript({ serverUrl: evil, keyPlaceholderOrKey: evil, agentUrl: evil, sha256: evil }), ["--dry-run"]);
  expect(ran.code).toBe(1);
  expect(ran.errors).toContain(`fetching ${evil}`);
  expect(() => readFileSync(mark)).toThrow("ENOENT");
});

test("a script that was cut off on the way does nothing", async () => {
  const script = installScript(facts());
  for (const share of [0.2, 0.5, 0.9, 0.99]) {
    const ran = await sh(script.slice(0, Math.floor(script.length * share)), ["--dry-run"]);
    expect(ran.output).toBe("");
    expect(ran.errors).not.toContain("fetching");
  }
});
