import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { linearToMulaw } from "#test/phones/mulaw";
import { decode, encode, silenceOf } from "./g711.ts";

const all = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768);
const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index);
const digest = (bytes: Uint8Array | Int16Array): string =>
  createHash("sha256")
    .update(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    .digest("hex");

it("codes µ-law as the recommendation's tables do", () => {
  const samples = [0, -1, 100, -100, 1000, -1000, 32_767, -32_768];
  expect([...encode("PCMU", Int16Array.from(samples))]).toEqual([0xff, 0x7f, 0xf2, 0x72, 0xce, 0x4e, 0x80, 0x00]);
  expect(encode("PCMU", all)).toEqual(Uint8Array.from(all, linearToMulaw));
});

it("codes A-law as the recommendation's tables do", () => {
  const samples = [0, -1, 100, -100, 1000, -1000, 32_767, -32_768, 255, 256];
  expect([...encode("PCMA", Int16Array.from(samples))]).toEqual([0xd5, 0x55, 0xd3, 0x53, 0xfa, 0x7a, 0xaa, 0x2a, 0xda, 0xc5]);
});

it("agrees with another implementation over every sample and every byte", () => {
  // Digests of what Python's audioop makes of the same.
  expect(digest(encode("PCMA", all))).toBe("38488f6fd710f4686360edc4d38639f96c491595ef93f8eb8d62d5e07ca6ce7b");
  expect(digest(decode("PCMA", everyByte))).toBe("e04788d110e58ff8c70c93b8480190d973e3b67876b6119abbaec766cc75c174");
  expect(digest(decode("PCMU", everyByte))).toBe("3dab54339e520bb2c924826e3b72a917a2b612e9fd12fc867500f1d983a75827");
});

it("gives every byte back that it decoded, and hears silence as silence", () => {
  for (const codec of ["PCMU", "PCMA"] as const) {
    const again = encode(codec, decode(codec, everyByte));
    // µ-law has two zeros; the negative one comes back as the positive.
    expect([...again]).toEqual([...everyByte].map((byte) => (codec === "PCMU" && byte === 0x7f ? 0xff : byte)));
    expect(Math.abs(decode(codec, Uint8Array.of(silenceOf[codec]))[0] ?? 99)).toBeLessThanOrEqual(8);
  }
});
