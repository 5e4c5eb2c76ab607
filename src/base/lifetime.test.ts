import { expect, test } from "vitest";
import { newId, isId } from "./ids.ts";
import { Lifetime } from "./lifetime.ts";
import { Secret } from "./secret.ts";
import { inspect } from "node:util";
import { readFileSync } from "node:fs";
import { version } from "./version.ts";

test("things close in reverse order, and one failure keeps none open", async () => {
  const closed: string[] = [];
  const life = new Lifetime();
  life.own("first", () => closed.push("first"));
  life.own("second", () => Promise.reject(new Error("stuck")));
  life.own("third", async () => void closed.push("third"));
  await expect(life.close()).rejects.toThrow("second: stuck");
  expect(closed).toEqual(["third", "first"]);
  expect(life.isEnding).toBe(true);
});

test("closing twice closes once", async () => {
  let count = 0;
  const life = new Lifetime();
  life.own("one", () => (count += 1));
  await Promise.all([life.close(), life.close()]);
  expect(count).toBe(1);
});

test("what was given back is not closed", async () => {
  const life = new Lifetime();
  const giveBack = life.own("one", () => Promise.reject(new Error("closed")));
  giveBack();
  await life.close();
});

test("ids are well formed, and ten thousand of them are all different", () => {
  const ids = new Set(Array.from({ length: 10_000 }, newId));
  expect(ids.size).toBe(10_000);
  expect([...ids].every(isId)).toBe(true);
  expect(isId("0OIl0000000")).toBe(false);
});

test("a secret never prints", () => {
  const secret = new Secret("hunter2");
  expect([String(secret), JSON.stringify({ secret }), inspect(secret)].join()).not.toContain("hunter2");
  expect(secret.reveal()).toBe("hunter2");
});

test("the version is the package's", () => {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
  expect(version).toBe(manifest.version);
});
