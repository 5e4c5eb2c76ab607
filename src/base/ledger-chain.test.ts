import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ChainVerifier, entryBytes, noPrevious, type BadEntry, type StoredEntry } from "./ledger-chain.ts";

const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

/** A good record of `length` entries by two devices. */
function goodRecord(length: number): StoredEntry[] {
  const heads = new Map<string, { dseq: number; hash: string }>();
  return Array.from({ length }, (_, i) => {
    const device = i % 3 === 0 ? "server:a" : "server:b";
    const head = heads.get(device) ?? { dseq: 0, hash: noPrevious };
    const place = { org: "o1", device, dseq: head.dseq + 1, dprev: head.hash, wall: 1_700_000_000_000 + i, mono: i };
    const bytes = entryBytes(place, { actor: "person:p", verb: "host.retired", object: `host:${i}`, outcome: "done", detail: { i } });
    const hash = sha256(bytes);
    heads.set(device, { dseq: place.dseq, hash });
    return { seq: i + 1, device, dseq: place.dseq, hash, bytes };
  });
}

function firstBad(entries: readonly StoredEntry[]): BadEntry | undefined {
  const verifier = new ChainVerifier("o1", sha256);
  for (const entry of entries) {
    const bad = verifier.check(entry);
    if (bad) return bad;
  }
  return undefined;
}

test("an untouched record is good", () => {
  expect(firstBad(goodRecord(50))).toBeUndefined();
});

test("an edited entry is named, even when its hash was made to fit", () => {
  const entries = goodRecord(20);
  const victim = entries[7];
  if (!victim) throw new Error("no entry");
  const bytes = victim.bytes.replace("host:7", "host:8");
  entries[7] = { ...victim, bytes };
  expect(firstBad(entries)).toMatchObject({ seq: 8, problem: "the bytes do not match their hash" });
  entries[7] = { ...victim, bytes, hash: sha256(bytes) };
  expect(firstBad(entries)?.problem).toBe("the entry does not continue its device's chain");
});

test("an entry of another organisation does not fit in", () => {
  const verifier = new ChainVerifier("o2", sha256);
  expect(goodRecord(1).map((entry) => verifier.check(entry)?.problem)).toEqual(["the entry belongs to another organisation"]);
});

test("removing, repeating or swapping entries anywhere but at the end is found", () => {
  fc.assert(
    fc.property(fc.nat(28), fc.constantFrom("remove", "repeat", "swap"), (at, how) => {
      const entries = goodRecord(30);
      const [one, two] = [entries[at], entries[at + 1]];
      if (!one || !two) throw new Error("no entry");
      if (how === "remove") entries.splice(at, 1);
      if (how === "repeat") entries.splice(at, 0, one);
      if (how === "swap") entries.splice(at, 2, two, one);
      expect(firstBad(entries)).toBeDefined();
    }),
  );
});
