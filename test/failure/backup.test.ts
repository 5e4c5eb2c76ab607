import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ApiClient, claim, signIn, withNewKey } from "#test/api-client";
import { openFolder } from "#test/folder";
import { freePort, startServer, type ServerProcess } from "#test/server-process";

const bundle = fileURLToPath(new URL("../../dist/hinoban.js", import.meta.url));
const folder = openFolder("hinoban backup ");
const dataDir = join(folder, "first");
const restoredDir = join(folder, "second");
const archive = join(folder, "everything.hinoban");
let server: ServerProcess;
let owner: ApiClient;
let key: ApiClient;
let hostId: string;
const minute = Math.floor(Date.now() / 60_000) * 60;

const hinoban = (...args: string[]) => promisify(execFile)(process.execPath, [bundle, ...args]);

beforeAll(async () => {
  server = await startServer({ dataDir, port: await freePort(), args: ["--no-agent"] });
  owner = await claim(server.url, server.setupUrl);
  key = await withNewKey(owner);
  hostId = (await key.get<{ id: string }>("POST", "/api/v0/hosts", { name: "kept", meta: {} })).id;
  await key.get("POST", "/api/v0/tsdb", [{ hostId, name: "custom.kept.value", time: minute, value: 42.5 }]);
});
afterAll(async () => {
  await server.end();
  rmSync(folder, { recursive: true, force: true });
});

test("a backup of the running server, restored elsewhere, has the people, the hosts, the points and an intact history", async () => {
  await hinoban("backup", archive, "--include-keys", "--data-dir", dataDir);
  await key.get("POST", "/api/v0/tsdb", [{ hostId, name: "custom.kept.value", time: minute, value: 99 }]);
  await hinoban("restore", archive, "--data-dir", restoredDir);
  const restored = await startServer({ dataDir: restoredDir, port: await freePort(), args: ["--no-agent"] });
  try {
    expect(restored.setupUrl).toBeUndefined();
    await signIn(restored.url);
    const there = new ApiClient(restored.url, { "x-api-key": key.apiKey });
    const { metrics } = await there.get<{ metrics: { time: number; value: number }[] }>(
      "GET",
      `/api/v0/hosts/${hostId}/metrics?name=custom.kept.value&from=${minute - 60}&to=${minute + 60}`,
    );
    expect(metrics).toEqual([{ time: minute, value: 42.5 }]);
    expect(await there.get("POST", "/api/v1/orgs/main/ledger/verification")).toMatchObject({ isIntact: true });
  } finally {
    await restored.end();
  }
});

test("a backup is not overwritten, and a data directory in use is not restored into", async () => {
  await expect(hinoban("backup", archive, "--data-dir", dataDir)).rejects.toMatchObject({
    stderr: expect.stringContaining("exists") as string,
  });
  await expect(hinoban("restore", archive, "--data-dir", restoredDir)).rejects.toMatchObject({
    stderr: expect.stringContaining("empty") as string,
  });
});

test("the history is verified from the command line, with the server running or not", async () => {
  const { stdout } = await hinoban("ledger", "verify", "--data-dir", dataDir);
  expect(stdout).toMatch(/^ok .*: \d+ entries$/mu);
  const alone = await hinoban("ledger", "verify", "--data-dir", restoredDir);
  expect(alone.stdout).toMatch(/^ok .*: \d+ entries$/mu);
});

test("the doctor finds nothing wrong beside a running server", async () => {
  const { stdout } = await hinoban("doctor", "--json", "--data-dir", dataDir);
  const findings = JSON.parse(stdout) as { what: string; state: string; found: string }[];
  expect(findings.filter((finding) => finding.state === "wrong")).toEqual([]);
  expect(findings.find((finding) => finding.what === "port")?.found).toContain(server.url);
});
