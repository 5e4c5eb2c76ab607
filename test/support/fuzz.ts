/** Bytes that parsers trip over: brackets, quotes, escapes, signs, control characters, broken UTF-8, large lengths. */
const nasty = [0x00, 0x01, 0x0a, 0x20, 0x22, 0x2c, 0x2d, 0x30, 0x5b, 0x5c, 0x5d, 0x65, 0x7b, 0x7d, 0x7f, 0x80, 0xc0, 0xed, 0xfe, 0xff];

/** Mulberry32: the same numbers for the same seed, so that a failure can be repeated. */
function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

type Random = ReturnType<typeof randomOf>;
type Mutation = (input: Buffer, random: Random, seeds: readonly Buffer[]) => Buffer;

const cut = (input: Buffer, random: Random): readonly [Buffer, Buffer] => {
  const at = random(input.length + 1);
  return [input.subarray(0, at), input.subarray(at)];
};

const mutations: readonly Mutation[] = [
  (input, random) => {
    const copy = Buffer.from(input);
    if (copy.length > 0) copy[random(copy.length)] = nasty[random(nasty.length)] ?? 0;
    return copy;
  },
  (input, random) => {
    const copy = Buffer.from(input);
    if (copy.length > 0) {
      const at = random(copy.length);
      copy[at] = (copy[at] ?? 0) ^ (1 << random(8));
    }
    return copy;
  },
  (input, random) => cut(input, random)[0],
  (input, random) => cut(input, random)[1],
  (input, random) => {
    const [head, tail] = cut(input, random);
    return Buffer.concat([head, Buffer.from([nasty[random(nasty.length)] ?? 0]), tail]);
  },
  (input, random) => {
    const [head, rest] = cut(input, random);
    return Buffer.concat([head, rest.subarray(Math.min(rest.length, 1 + random(8)))]);
  },
  (input, random) => {
    const [head, tail] = cut(input, random);
    const piece = tail.subarray(0, 1 + random(24));
    return Buffer.concat([head, piece, piece, tail]);
  },
  (input, random, seeds) => Buffer.concat([cut(input, random)[0], cut(seeds[random(seeds.length)] ?? input, random)[1]]),
  (input, random) => Buffer.from(Array.from({ length: random(40) }, () => random(256))),
];

/**
 * Feeds a parser with broken variants of good inputs: bits flipped, pieces cut out, doubled and spliced, and plain noise.
 * @param parse throws only what the caller of the parser expects; anything else fails the run with the input that caused it
 * @param isExpected whether an error is one that the parser may answer with
 * @returns how many inputs were taken and how many refused: a run in which all are refused has tested only the first check
 */
export function fuzz(
  seeds: readonly (Buffer | string)[],
  parse: (input: Buffer) => unknown,
  isExpected: (error: unknown) => boolean,
  { runs = 200_000, seed = 1 }: { readonly runs?: number; readonly seed?: number } = {},
): { readonly taken: number; readonly refused: number } {
  const random = randomOf(seed);
  const good = seeds.map((one) => Buffer.from(one));
  let taken = 0;
  let refused = 0;
  for (let run = 0; run < runs; run++) {
    let input: Buffer = good[run % good.length] ?? Buffer.alloc(0);
    for (let left = 1 + random(4); left > 0; left--) input = mutations[random(mutations.length)]?.(input, random, good) ?? input;
    try {
      parse(input);
      taken += 1;
    } catch (error) {
      if (!isExpected(error)) {
        throw new Error(`run ${run} of seed ${seed}: ${String(error)} for ${input.toString("base64")}`, { cause: error });
      }
      refused += 1;
    }
  }
  return { taken, refused };
}
