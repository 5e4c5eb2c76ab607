import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { unixSeconds } from "#base/duration";
import { FakeClock } from "#test/fake-clock";
import { createLog } from "./log.ts";
import { Spool } from "./spool.ts";

let folder = "";
let lines: string[] = [];
const open = (limit?: number): Promise<Spool> =>
  Spool.open(
    join(folder, "spool"),
    createLog((text) => void lines.push(text), new FakeClock()),
    limit,
  );
const minute = (at: number, value = at) => ({ time: unixSeconds(1_795_300_000 + at * 60), values: { loadavg1: value } });
const timesOf = (spool: Spool): number[] => spool.entries.map((entry) => (entry.time - 1_795_300_000) / 60);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "agent-spool-"));
  lines = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("what was appended is there after a restart, oldest first, for the owner only", async () => {
  const spool = await open();
  for (const at of [3, 1, 2]) await spool.append(minute(at));
  const again = await open();
  expect(timesOf(again)).toEqual([1, 2, 3]);
  const first = again.entries[0];
  expect(first && (await again.read(first))).toEqual(minute(1));
  expect(statSync(join(folder, "spool")).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(join(folder, "spool"))) expect(statSync(join(folder, "spool", name)).mode & 0o777).toBe(0o600);
});

test("removed minutes stay away after a restart", async () => {
  const spool = await open();
  for (const at of [1, 2, 3]) await spool.append(minute(at));
  await spool.remove(spool.entries.slice(0, 2));
  expect(timesOf(spool)).toEqual([3]);
  expect(timesOf(await open())).toEqual([3]);
});

test("the same minute twice keeps both, so that removing the first never loses the second", async () => {
  const spool = await open();
  await spool.append(minute(1, 10));
  const first = spool.entries.slice();
  await spool.append(minute(1, 20));
  await spool.remove(first);
  const left = spool.entries[0];
  expect(left && (await spool.read(left))).toEqual(minute(1, 20));
});

test("beyond its limit the oldest are dropped, counted and logged", async () => {
  const spool = await open(3);
  for (const at of [1, 2, 3, 4, 5]) await spool.append(minute(at));
  expect(timesOf(spool)).toEqual([3, 4, 5]);
  expect(spool.dropped).toBe(2);
  expect(lines[0]).toContain("error The spool is full");
  expect(timesOf(await open(2))).toEqual([4, 5]);
});

test("half-written files of a killed process are swept away, strange files are left alone", async () => {
  const spool = await open();
  await spool.append(minute(1));
  writeFileSync(join(folder, "spool", "1795300120-000002.json.tmp"), '{"time":17953');
  writeFileSync(join(folder, "spool", "notes.txt"), "mine");
  expect(timesOf(await open())).toEqual([1]);
  expect(readdirSync(join(folder, "spool")).sort()).toEqual(["1795300060-000001.json", "notes.txt"]);
});

test("a damaged minute is dropped with a word, and the others are read", async () => {
  const spool = await open();
  await spool.append(minute(1));
  await spool.append(minute(2));
  writeFileSync(join(folder, "spool", "1795300060-000001.json"), "\0\0\0\0");
  const [damaged, good] = spool.entries;
  expect(damaged && (await spool.read(damaged))).toBeUndefined();
  expect(good && (await spool.read(good))).toEqual(minute(2));
  expect(timesOf(spool)).toEqual([2]);
  expect(lines.join("")).toContain("damaged");
});

test("when the disk refuses, minutes wait in memory and the log says so once", async () => {
  const spool = await open();
  rmSync(join(folder, "spool"), { recursive: true });
  writeFileSync(join(folder, "spool"), "a file where the folder was");
  await spool.append(minute(1));
  await spool.append(minute(2));
  expect(timesOf(spool)).toEqual([1, 2]);
  const first = spool.entries[0];
  expect(first && (await spool.read(first))).toEqual(minute(1));
  await spool.remove(spool.entries.slice(0, 1));
  expect(timesOf(spool)).toEqual([2]);
  expect(lines.filter((line) => line.includes("cannot be written"))).toHaveLength(1);
});
