import { expect, it } from "vitest";
import { keyTone } from "#test/phones/capture";
import { babble, tone } from "#test/phones/pcm";
import { decode, encode } from "./g711.ts";
import { ToneReader } from "./tones.ts";

const keys = "0123456789*#ABCD";

const joined = (...parts: readonly Int16Array[]): Int16Array => Int16Array.from(parts.flatMap((part) => [...part]));
const louder = (samples: Int16Array, by: number): Int16Array => samples.map((sample) => sample * by);
const silence = (milliseconds: number): Int16Array => new Int16Array(milliseconds * 8);

/** What comes out when it comes in packets of 20 ms. */
function heard(samples: Int16Array): string {
  const reader = new ToneReader();
  let out = "";
  const coded = decode("PCMU", encode("PCMU", samples));
  for (let at = 0; at < coded.length; at += 160) out += reader.read(coded.subarray(at, at + 160)).join("");
  return out;
}

const typed = (text: string, held: number, gap: number): Int16Array =>
  joined(...[...text].flatMap((key) => [keyTone(key, held), silence(gap)]));

it("hears every key, once for each press, however long it is held", () => {
  expect(heard(typed(keys, 60, 60))).toBe(keys);
  expect(heard(typed(keys, 500, 100))).toBe(keys);
  expect(heard(typed("1111", 80, 80))).toBe("1111");
});

it("hears the shortest presses that telephones may make, wherever they begin", () => {
  for (let shift = 0; shift < 20; shift += 1)
    expect(heard(joined(new Int16Array(shift * 11), typed("1590", 50, 50))), `${shift * 11}`).toBe("1590");
});

it("hears quiet and unequal tones, but not a whisper", () => {
  expect(heard(louder(typed("27", 100, 100), 0.08))).toBe("27");
  expect(heard(louder(typed("27", 100, 100), 0.01))).toBe("");
  const unequal = Int16Array.from(
    { length: 800 },
    (_, at) => 9000 * Math.sin((at * 2 * Math.PI * 770) / 8000) + 4500 * Math.sin((at * 2 * Math.PI * 1336) / 8000),
  );
  expect(heard(joined(unequal, silence(100)))).toBe("5");
});

it("hears no key in one tone, in three, in noise or in something like speech", () => {
  expect(heard(tone(697, 500))).toBe("");
  expect(heard(joined(tone(400, 300), tone(1000, 300), tone(2000, 300)))).toBe("");
  expect(heard(keyTone("1", 500).map((sample, at) => sample + 9000 * Math.sin((at * 2 * Math.PI * 941) / 8000)))).toBe("");
  let state = 1;
  const noise = Int16Array.from({ length: 80_000 }, () => ((state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 17) - 16_384);
  expect(heard(noise)).toBe("");
  for (let seed = 1; seed < 20; seed += 1) expect(heard(babble(10_000, seed)), `seed ${seed}`).toBe("");
});
