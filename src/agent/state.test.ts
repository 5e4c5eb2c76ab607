import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StateFolder } from "./state.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "agent-state-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("the id is kept for the owner only, and nothing is left beside it", async () => {
  const state = new StateFolder(join(folder, "new", "state"));
  await state.make();
  expect(await state.readId()).toBeUndefined();
  await state.writeId("9rxGOHfVF8F");
  expect(await state.readId()).toBe("9rxGOHfVF8F");
  expect(statSync(state.idPath).mode & 0o777).toBe(0o600);
  expect(statSync(state.path).mode & 0o777).toBe(0o700);
  await state.removeId();
  expect(await state.readId()).toBeUndefined();
});

test("the installation's name is made once", async () => {
  const state = new StateFolder(folder);
  const first = await state.instance();
  expect(first.isNew).toBe(true);
  expect(await state.instance()).toEqual({ name: first.name, isNew: false });
});

test("a folder that another living agent uses is refused, one of a dead agent is taken", async () => {
  const state = new StateFolder(folder);
  writeFileSync(join(folder, "agent.pid"), `${process.ppid}\n`);
  expect(() => state.lock()).toThrow(`process ${process.ppid}`);
  writeFileSync(join(folder, "agent.pid"), "999999999 12345\n");
  const release = state.lock();
  expect(readFileSync(join(folder, "agent.pid"), "utf8")).toMatch(new RegExp(`^${process.pid} `, "u"));
  await release();
  expect(state.holder()).toBeUndefined();
});

test.runIf(process.platform === "linux")("a number that was given to another process since then does not count", () => {
  const state = new StateFolder(folder);
  writeFileSync(join(folder, "agent.pid"), `${process.ppid} 1\n`);
  expect(state.holder()).toBeUndefined();
});

test("a folder that cannot be made is told with what to do", async () => {
  writeFileSync(join(folder, "file"), "");
  await expect(new StateFolder(join(folder, "file", "state")).make()).rejects.toThrow("state_dir");
});
