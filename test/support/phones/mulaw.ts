/** µ-law by its definition in G.711, one sample at a time: written apart from the product's, so that tests can compare the two. */
export function linearToMulaw(sample: number): number {
  const magnitude = Math.min(Math.abs(sample), 32_635) + 132;
  const exponent = Math.floor(Math.log2(magnitude)) - 7;
  const mantissa = (magnitude >> (exponent + 3)) & 15;
  return 255 - ((sample < 0 ? 128 : 0) + exponent * 16 + mantissa);
}
