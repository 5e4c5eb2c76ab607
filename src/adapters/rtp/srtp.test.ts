import { randomBytes } from "node:crypto";
import { fuzz } from "#test/fuzz";
import { expect, it } from "vitest";
import { formatRtp } from "./packet.ts";
import { sessionKeys, Srtp, srtpSuites } from "./srtp.ts";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
const master = hex("E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6");

const packetOf = (sequence: number, payload = Buffer.from("some sound")): Buffer =>
  formatRtp({ type: 0, isMarked: false, sequence, timestamp: sequence * 160, ssrc: 0xca_fe_ba_be, payload });

it("derives the keys of RFC 3711, appendix B.3", () => {
  const { cipher, salt, auth } = sessionKeys(master);
  expect(cipher.toString("hex")).toBe("c61e7a93744f39ee10734afe3ff7a087");
  expect(salt.toString("hex")).toBe("30cbbc08863d8c85d49db34a9ae1");
  expect(auth.toString("hex")).toBe("cebe321f6ff7716b6fd4ab49af256a156d38baa4");
});

it("seals and opens the packet that libsrtp proves itself with", () => {
  const plain = hex("800f1234decafbadcafebabe abababababababababababababababab");
  const sealed = hex("800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb");
  expect(new Srtp("AES_CM_128_HMAC_SHA1_80", master).protect(plain).toString("hex")).toBe(sealed.toString("hex"));
  expect(new Srtp("AES_CM_128_HMAC_SHA1_80", master).open(sealed)).toEqual(plain);
});

it.each(srtpSuites)("opens what it sealed, once, in any order, over a rollover of the numbers: %s", (suite) => {
  const ours = new Srtp(suite, master);
  const theirs = new Srtp(suite, master);
  const plain = Array.from({ length: 4000 }, (_, index) => packetOf((63_000 + index) % 65_536));
  const sealed = plain.map((packet) => ours.protect(packet));
  const none = Buffer.alloc(0);
  const wrong: number[] = [];
  for (let at = 0; at < sealed.length; at += 2) {
    // Neighbours change places on the way, and the first of them comes twice.
    for (const index of [at + 1, at]) if (!theirs.open(sealed[index] ?? none)?.equals(plain[index] ?? none)) wrong.push(index);
    if (theirs.open(sealed[at] ?? none)) wrong.push(-at);
  }
  expect(wrong).toEqual([]);
  expect(theirs.open(sealed[3000] ?? Buffer.alloc(0)), "too old").toBeUndefined();
});

it("opens nothing that was changed, is of another key, or is no packet", () => {
  const sealed = new Srtp("AES_CM_128_HMAC_SHA1_80", master).protect(packetOf(7));
  const theirs = new Srtp("AES_CM_128_HMAC_SHA1_80", master);
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    const changed = Buffer.from(sealed);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(theirs.open(changed), `bit ${bit}`).toBeUndefined();
  }
  expect(new Srtp("AES_CM_128_HMAC_SHA1_80", randomBytes(30)).open(sealed)).toBeUndefined();
  for (let length = 0; length < sealed.length; length += 1) expect(theirs.open(sealed.subarray(0, length))).toBeUndefined();
  expect(theirs.open(sealed)).toEqual(packetOf(7));
});

it("never trips over what comes from outside", () => {
  const theirs = new Srtp("AES_CM_128_HMAC_SHA1_32", master);
  const sealed = new Srtp("AES_CM_128_HMAC_SHA1_32", master).protect(packetOf(7));
  fuzz(
    [sealed, packetOf(7)],
    (input) => theirs.open(input),
    () => false,
    { runs: 50_000 },
  );
});
