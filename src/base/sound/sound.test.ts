import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HinobanError } from "../errors.ts";
import { beeps, joined, levelled, trimmed } from "./arrange.ts";
import { decodeMuLaw, encodeMuLaw, fromMuLaw, toMuLaw } from "./mu-law.ts";
import { toPhoneRate } from "./resample.ts";
import { readWav, writeWav } from "./wav.ts";

const tone = (hertz: number, rate: number, seconds: number, size = 10_000): Int16Array =>
  Int16Array.from({ length: Math.round(rate * seconds) }, (_, at) => Math.round(size * Math.sin((2 * Math.PI * hertz * at) / rate)));
const level = (samples: Int16Array): number => Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
const decibels = (samples: Int16Array, of: Int16Array): number => 20 * Math.log10(level(samples) / level(of));

describe("µ-law", () => {
  test.each([
    [0, 0xff],
    [-1, 0x7f],
    [100, 0xf2],
    [-100, 0x72],
    [1000, 0xce],
    [-1000, 0x4e],
    [32_767, 0x80],
    [-32_768, 0x00],
  ])("%d is %d", (sample, byte) => expect(toMuLaw(sample)).toBe(byte));

  test("keeps what it can hold: every byte is read and written back as itself, but for the second zero", () => {
    for (let byte = 0; byte < 256; byte += 1) if (byte !== 0x7f) expect(toMuLaw(fromMuLaw(byte))).toBe(byte);
  });
  test("stays near: within a sixteenth of the sample", () => {
    const samples = tone(440, 8000, 0.1, 30_000);
    decodeMuLaw(encodeMuLaw(samples)).forEach((sample, at) =>
      expect(Math.abs(sample - (samples[at] ?? 0))).toBeLessThanOrEqual(Math.abs(samples[at] ?? 0) / 16 + 8),
    );
  });
});

describe("8,000 samples a second", () => {
  test.each([48_000, 44_100, 22_050, 16_000, 11_025, 8000, 4000])(
    "of %d: as long as before, what a telephone carries unchanged",
    (rate) => {
      const out = toPhoneRate({ rate, samples: tone(1000, rate, 1) });
      expect(Math.abs(out.length - 8000)).toBeLessThanOrEqual(2);
      const middle = out.subarray(1000, 7000);
      expect(Math.abs(decibels(middle, tone(1000, 8000, 0.75)))).toBeLessThan(0.2);
    },
  );
  test.each([4500, 5000, 7000, 9000, 15_000])("%d Hz does not come back as another tone", (hertz) => {
    const out = toPhoneRate({ rate: 48_000, samples: tone(hertz, 48_000, 1) }).subarray(1000, 7000);
    expect(decibels(out, tone(1000, 8000, 1))).toBeLessThan(-55);
  });
});

/** A WAV file by hand. */
function wav(options: {
  code?: number;
  channels?: number;
  rate?: number;
  bits?: number;
  data?: Uint8Array;
  size?: number;
  before?: Uint8Array;
}): Uint8Array {
  const { code = 1, channels = 1, rate = 8000, bits = 16, data = new Uint8Array(4), before = new Uint8Array(0) } = options;
  const bytes = Buffer.alloc(36);
  bytes.write("RIFF", 0);
  bytes.write("WAVEfmt ", 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(code, 20);
  bytes.writeUInt16LE(channels, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt16LE(bits, 34);
  const head = Buffer.alloc(8);
  head.write("data");
  head.writeUInt32LE(options.size ?? data.length, 4);
  return Buffer.concat([bytes, before, head, data]);
}

describe("WAV files", () => {
  test("come back as they were written", () => {
    const samples = tone(300, 8000, 0.01);
    expect(readWav(writeWav({ rate: 8000, samples }))).toEqual({ rate: 8000, samples });
  });
  test("channels become one", () => {
    const data = Buffer.alloc(8);
    [1000, 3000, -2000, -4000].forEach((value, at) => data.writeInt16LE(value, at * 2));
    expect([...readWav(wav({ channels: 2, data })).samples]).toEqual([2000, -3000]);
  });
  test("of 8, 24 and 32 bits, floats, µ-law and A-law are read", () => {
    expect([...readWav(wav({ bits: 8, data: Uint8Array.of(128, 255, 0) })).samples]).toEqual([0, 32_512, -32_768]);
    expect([...readWav(wav({ bits: 24, data: Uint8Array.of(9, 0xe8, 0x03) })).samples]).toEqual([1000]);
    expect([...readWav(wav({ bits: 32, data: Uint8Array.of(1, 2, 0xe8, 0x03) })).samples]).toEqual([1000]);
    const floats = Buffer.alloc(12);
    [0.5, 4, Number.NaN].forEach((value, at) => floats.writeFloatLE(value, at * 4));
    expect([...readWav(wav({ code: 3, bits: 32, data: floats })).samples]).toEqual([16_384, 32_767, 0]);
    expect([...readWav(wav({ code: 7, bits: 8, data: Uint8Array.of(0xff, 0x80) })).samples]).toEqual([0, 32_124]);
    expect([...readWav(wav({ code: 6, bits: 8, data: Uint8Array.of(0xd5, 0xaa) })).samples]).toEqual([8, 32_256]);
  });
  test("may promise more than they hold, and hold other things before their sound", () => {
    const before = Buffer.concat([Buffer.from("LIST"), Buffer.from([3, 0, 0, 0]), Buffer.from("abc\0")]);
    expect(readWav(wav({ size: 0x7fff_f000, before })).samples.length).toBe(2);
  });
  test.each([
    ["nothing", new Uint8Array(0), "no WAV file"],
    ["a picture", Buffer.from("\u0089PNG\r\n\u001a\n0000000000000000"), "no WAV file"],
    ["no sound", wav({}).subarray(0, 36), "no sound"],
    ["MP3 inside", wav({ code: 0x55, bits: 16 }), "cannot be read"],
    ["no channel", wav({ channels: 0 }), "0 channels"],
    ["too fast", wav({ rate: 4_000_000 }), "samples a second"],
  ])("of %s are refused with a reason", (_, bytes, reason) => {
    expect(() => readWav(bytes)).toThrow(reason);
  });
  test("of any bytes are read or refused", () => {
    const whole = wav({ data: new Uint8Array(64) });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 12 }), fc.nat(whole.length), (changes, length) => {
        const bytes = Uint8Array.from(whole);
        for (const [at, value] of changes) bytes[at] = value;
        try {
          readWav(bytes.subarray(0, length));
        } catch (error) {
          expect(error).toBeInstanceOf(HinobanError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("sound for the telephone", () => {
  test("loses the silence around it, but for what is asked", () => {
    const samples = joined([new Int16Array(4000), tone(440, 8000, 0.5), new Int16Array(4000)], 0);
    expect(trimmed(samples, 0.1).length / 8000).toBeCloseTo(0.7, 2);
    expect(trimmed(new Int16Array(800), 0.1).length).toBe(0);
  });
  test("is as loud as other sound, and never distorted", () => {
    const [quiet, loud] = [levelled(tone(440, 8000, 1, 2000)), levelled(tone(440, 8000, 1, 32_000))];
    expect(Math.abs(decibels(quiet, loud))).toBeLessThan(0.5);
    expect(levelled(tone(440, 8000, 1, 3)).reduce((most, one) => Math.max(most, Math.abs(one)), 0)).toBeLessThan(30);
    expect(levelled(new Int16Array(0)).length).toBe(0);
  });
  test("has pauses between its parts only", () => {
    expect(joined([new Int16Array(10), new Int16Array(20)], 0.01).length).toBe(110);
    expect(joined([], 1).length).toBe(0);
  });
  test("beeps when there is nothing to say", () => expect(level(beeps())).toBeGreaterThan(3000));
});
