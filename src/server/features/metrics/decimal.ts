// Decimal text to the nearest double without a string: what agents compute has up to 17 digits, and Number() of a slice is most of what
// reading such a value costs. Arithmetic with pairs of doubles, of which the second holds what the first lost (Dekker 1971).

const splitter = 2 ** 27 + 1;

/** What `a * b` rounded to `product` lost. Exact as long as nothing overflows. */
function productError(a: number, b: number, product: number): number {
  const aScaled = splitter * a;
  const aHigh = aScaled - (aScaled - a);
  const aLow = a - aHigh;
  const bScaled = splitter * b;
  const bHigh = bScaled - (bScaled - b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

const tooClose = 2 ** -40;

/**
 * The double nearest to (head * shift + tail) / divisor, or NaN when two doubles are about equally near.
 * `head` has at most 15 digits, `tail` fewer than `shift`; `shift` <= 1e7 and `divisor` <= 1e22 are powers of ten: all of them exact.
 */
export function nearestDouble(head: number, tail: number, shift: number, divisor: number): number {
  const product = head * shift;
  const lost = productError(head, shift, product);
  const sum = product + tail;
  const rest = lost + (tail - (sum - product));
  const quotient = sum / divisor;
  const back = quotient * divisor;
  const remainder = sum - back - productError(quotient, divisor, back) + rest;
  const correction = remainder / divisor;
  const value = quotient + correction;
  const error = correction - (value - quotient);
  return value + error * (1 + tooClose) === value ? value : Number.NaN;
}
