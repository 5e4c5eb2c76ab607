import fc from "fast-check";
import { expect, test } from "vitest";
import { addTime, millis, unixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { Secret } from "#base/secret";
import { ActTokens, type ActToken } from "./tokens.ts";

const tokens = new ActTokens(new Secret("0".repeat(64)));
const at = unixMs(Date.UTC(2026, 10, 22));
const facts: ActToken = {
  organisationId: "9rxGOHfVF8F",
  incidentId: "2u4PP3TJqbu",
  action: "take",
  to: { kind: "person", id: "3yAYEDLXKL5" },
  deliveryId: "4bFFaYGBLHj",
  expiresAt: addTime(at, millis(60_000)),
};

test("what was minted is read again, and fits into a link", () => {
  const token = tokens.mint(facts);
  expect(tokens.read(token, at)).toEqual(facts);
  expect(token).toMatch(/^[\w-]+\.[\w-]{43}$/u);
  expect(token.length).toBeLessThan(160);
  const channel: ActToken = { ...facts, action: "resolve", to: { kind: "channel", id: "c" } };
  expect(tokens.read(tokens.mint(channel), at)).toEqual(channel);
});

test("it expires to the second", () => {
  const token = tokens.mint(facts);
  expect(tokens.read(token, addTime(at, millis(59_999)))).toEqual(facts);
  expect(() => tokens.read(token, addTime(at, millis(60_000)))).toThrow(expect.objectContaining({ code: "gone" }));
});

test("one of another server key is not ours", () => {
  const other = new ActTokens(new Secret("1".repeat(64)));
  expect(() => tokens.read(other.mint(facts), at)).toThrow(expect.objectContaining({ code: "wrong-credentials" }));
});

test("no change of a single character, no other spelling and no noise is taken for ours", () => {
  const token = tokens.mint(facts);
  const read = (text: string) => () => tokens.read(text, at);
  const forged = expect.objectContaining({ code: "wrong-credentials" });
  for (let i = 0; i < token.length; i += 1) {
    for (const letter of ["A", "_", "=", ".", " ", "é"]) {
      if (token[i] === letter) continue;
      expect(read(token.slice(0, i) + letter + token.slice(i + 1))).toThrow(forged);
    }
  }
  const [text = "", signature = ""] = token.split(".");
  for (const wrong of ["", ".", text, `${text}.`, `.${signature}`, `${token}=`, `${token}.x`, ` ${token}`, "x".repeat(100_000)])
    expect(read(wrong)).toThrow(forged);
  fc.assert(
    fc.property(fc.string(), (noise) => {
      try {
        tokens.read(noise, at);
        return false;
      } catch (error) {
        return error instanceof HinobanError && error.code === "wrong-credentials";
      }
    }),
  );
});
