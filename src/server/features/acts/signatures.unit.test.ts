import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { unixMs } from "#base/duration";
import { Secret } from "#base/secret";
import { isSameText, judgeSlackSignature, workspaceOf } from "./signatures.ts";

const secret = new Secret("shhh");
const body = Buffer.from("payload=%7B%7D");
const timestamp = "1531420618";
const signature = "v0=44927ec1fc79e84eaa8d4231d8f0e5c2cff4baf11e749c5febd0acabe57a18b6";
const at = (second: number) => unixMs(second * 1000);

test("a request that Slack signed is right for five minutes in both directions", () => {
  for (const off of [-300, 0, 300]) expect(judgeSlackSignature(secret, { signature, timestamp }, body, at(1531420618 + off))).toBe("right");
  for (const off of [-301, 301]) expect(judgeSlackSignature(secret, { signature, timestamp }, body, at(1531420618 + off))).toBe("stale");
});

test("another body, another time, another secret or another form of the signature is wrong", () => {
  const now = at(1531420618);
  expect(judgeSlackSignature(secret, { signature, timestamp }, Buffer.from("payload=%7b%7d"), now)).toBe("wrong");
  expect(judgeSlackSignature(secret, { signature, timestamp: "1531420619" }, body, now)).toBe("wrong");
  expect(judgeSlackSignature(new Secret("other"), { signature, timestamp }, body, now)).toBe("wrong");
  expect(judgeSlackSignature(secret, { signature: signature.slice(3), timestamp }, body, now)).toBe("wrong");
  expect(judgeSlackSignature(secret, { signature: signature.toUpperCase(), timestamp }, body, now)).toBe("wrong");
});

test("a request without a signature or with no time is unsigned", () => {
  expect(judgeSlackSignature(secret, { signature: "", timestamp }, body, at(0))).toBe("unsigned");
  for (const odd of ["", "now", "-1", "1e9", "9".repeat(13)]) {
    expect(judgeSlackSignature(secret, { signature, timestamp: odd }, body, at(0)), odd).toBe("unsigned");
  }
});

test("an old time is told only to whoever holds the secret", () => {
  const forged = `v0=${createHmac("sha256", "guess").update(`v0:1:`).update(body).digest("hex")}`;
  expect(judgeSlackSignature(secret, { signature: forged, timestamp: "1" }, body, at(1531420618))).toBe("wrong");
});

test("texts are the same only when every character is", () => {
  expect([isSameText("abc", "abc"), isSameText("abc", "abcd"), isSameText("", "a"), isSameText("", "")]).toEqual([
    true,
    false,
    false,
    true,
  ]);
});

test("users of a workspace are others under another secret", () => {
  expect(workspaceOf("T1", secret)).toBe(workspaceOf("T1", new Secret("shhh")));
  expect(
    new Set([workspaceOf("T1", secret), workspaceOf("T2", secret), workspaceOf("T1", new Secret("x")), workspaceOf("T1", undefined)]).size,
  ).toBe(4);
});
