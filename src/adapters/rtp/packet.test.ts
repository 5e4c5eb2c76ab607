import fc from "fast-check";
import { expect, it } from "vitest";
import { fuzz } from "#test/fuzz";
import { EventReader } from "./keys.ts";
import { formatRtp, parseRtp } from "./packet.ts";

const packets = fc.record({
  type: fc.nat(63),
  isMarked: fc.boolean(),
  sequence: fc.nat(65_535),
  timestamp: fc.nat(0xff_ff_ff_ff),
  ssrc: fc.nat(0xff_ff_ff_ff),
  payload: fc.uint8Array({ maxLength: 400 }),
});

it("reads what it wrote", () => {
  fc.assert(
    fc.property(packets, (packet) => {
      expect(parseRtp(formatRtp(packet))).toEqual({ ...packet, payload: Buffer.from(packet.payload) });
    }),
  );
});

it("finds the payload behind contributors and extensions, before padding", () => {
  const extended = Buffer.concat([
    Buffer.from([0xb2, 0x80, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]), // padding, extension, two contributors
    Buffer.alloc(8),
    Buffer.from([0xbe, 0xde, 0, 1, 1, 2, 3, 4]),
    Buffer.from("sound"),
    Buffer.from([0, 0, 3]),
  ]);
  expect(parseRtp(extended)?.payload.toString()).toBe("sound");
});

it("takes no RTCP, no other version and nothing that is cut off", () => {
  const good = formatRtp({ type: 0, isMarked: false, sequence: 1, timestamp: 2, ssrc: 3, payload: Buffer.alloc(160) });
  expect(parseRtp(good)).toBeDefined();
  const changed = (at: number, byte: number): Buffer => Buffer.from(good).fill(byte, at, at + 1);
  expect(parseRtp(changed(1, 200)), "a sender report").toBeUndefined();
  expect(parseRtp(changed(0, 0x40)), "version 1").toBeUndefined();
  expect(parseRtp(changed(0, 0xa0)), "a padding of 0").toBeUndefined();
  expect(parseRtp(Buffer.concat([changed(0, 0xa0), Buffer.from([250])])), "a padding longer than the packet").toBeUndefined();
  expect(parseRtp(good.subarray(0, 11))).toBeUndefined();
});

it("never trips over what comes from outside", () => {
  const event = formatRtp({ type: 101, isMarked: true, sequence: 1, timestamp: 2, ssrc: 3, payload: Buffer.from([1, 10, 0, 160]) });
  const reader = new EventReader();
  const { taken } = fuzz(
    [event, formatRtp({ type: 0, isMarked: false, sequence: 1, timestamp: 2, ssrc: 3, payload: Buffer.alloc(160) })],
    (input) => {
      const packet = parseRtp(input);
      if (packet) reader.read(packet.payload, packet.timestamp, 0);
      if (!packet) throw new Error("refused");
    },
    (error) => error instanceof Error && error.message === "refused",
    { runs: 100_000 },
  );
  expect(taken).toBeGreaterThan(10_000);
});
